import * as http from 'node:http';
import * as https from 'node:https';
import { CausewayError, messageOf } from '../base/errors.ts';
import { orAborted } from '../base/or-aborted.ts';
import { ApiError, faultOf } from './api-error.ts';
import type { Authentication, Connection } from './connection.ts';
import { type ApiRequest, bodyOf, ConnectionRace, type ExchangeTimes, open } from './http-exchange.ts';
import { senseless, unreachable } from './transport-fault.ts';

export const EXCHANGE_TIMES: ExchangeTimes = { connect: 5_000, silence: 10_000, whole: 60_000 };

const MAX_SOCKETS = 32;
/**
 * Milliseconds; less than any API server or load balancer in front of it keeps an idle connection (Go: 90 s, AWS: 60
 * s).
 */
const IDLE = 30_000;
/** Octets of an answer that says no. */
const MAX_FAULT = 64 * 1024;

/** Requests to one API server: let in, retried where that is safe and of use, and refused in words. */
export class Requests {
  readonly #connection: Connection;
  readonly #times: ExchangeTimes;
  readonly #agent: http.Agent;

  constructor(connection: Connection, times: ExchangeTimes) {
    this.#connection = connection;
    this.#times = times;
    const { Agent } = connection.server.startsWith('http:') ? http : https;
    this.#agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, maxFreeSockets: 16, timeout: IDLE });
  }

  /**
   * The body of an answer of success, as text.
   *
   * @param doing for messages: `list services at https://10.0.0.1:6443`
   */
  async text(doing: string, request: ApiRequest, most: number, signal?: AbortSignal): Promise<string> {
    return (await this.answer(doing, request, most, signal)).octets.toString('utf8');
  }

  /** The same as octets, and when the server says that it is. */
  async answer(
    doing: string,
    request: ApiRequest,
    most: number,
    signal?: AbortSignal,
  ): Promise<{ readonly octets: Buffer; readonly date: string | undefined }> {
    const answer = await this.#answer(doing, request, this.#agent, signal);
    return { octets: await this.#body(doing, answer, most, signal), date: answer.headers.date };
  }

  /**
   * An answer of success that goes on for long. It has a connection of its own: many of them must not leave requests
   * without one, and a connection that broke must not be used by anybody else.
   */
  stream(doing: string, request: ApiRequest, signal: AbortSignal): Promise<http.IncomingMessage> {
    return this.#answer(doing, request, undefined, signal);
  }

  /** Closes what is idle. */
  close(): void {
    for (const sockets of Object.values(this.#agent.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }

  async #answer(
    doing: string,
    request: ApiRequest,
    agent: http.Agent | undefined,
    signal: AbortSignal | undefined,
  ): Promise<http.IncomingMessage> {
    // A credential may come from a program that takes its time.
    const authentication = await orAborted(this.#connection.authenticate(false), signal);
    let answer = await this.#open(doing, request, authentication, agent, signal);
    if (answer.statusCode === 401) {
      const renewed = await orAborted(this.#connection.authenticate(true), signal);
      if (!same(renewed, authentication)) {
        answer.destroy();
        answer = await this.#open(doing, request, renewed, agent, signal);
      }
    }
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    const retryAfter = answer.headers['retry-after'];
    const body = (await this.#body(doing, answer, MAX_FAULT, signal)).toString('utf8');
    throw new ApiError(doing, faultOf(status, body, retryAfter));
  }

  /**
   * The server may close an idle connection in the very moment in which it is used again; asked on another one, it
   * answers. Creating is left out: if the object was created all the same, the answer would be that it exists.
   */
  async #open(
    doing: string,
    request: ApiRequest,
    authentication: Authentication,
    agent: http.Agent | undefined,
    signal: AbortSignal | undefined,
  ): Promise<http.IncomingMessage> {
    const attempt = () => {
      signal?.throwIfAborted();
      return open(request, authentication, this.#times, agent, signal);
    };
    try {
      return await attempt().catch(thrown => {
        if (!(thrown instanceof ConnectionRace) || request.method === 'POST') throw thrown;
        this.close();
        return attempt();
      });
    } catch (thrown) {
      throw this.#fault(doing, thrown, signal);
    }
  }

  async #body(
    doing: string,
    answer: http.IncomingMessage,
    most: number,
    signal: AbortSignal | undefined,
  ): Promise<Buffer> {
    try {
      return await bodyOf(answer, most, this.#times);
    } catch (thrown) {
      throw this.#fault(doing, thrown, signal);
    }
  }

  #fault(doing: string, thrown: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted) return signal.reason;
    if (thrown instanceof CausewayError || thrown instanceof ApiError) return thrown;
    if (thrown instanceof RangeError) return senseless(doing, messageOf(thrown));
    // What broke one connection has most likely broken the idle ones too, and the next request must not find out
    // slowly.
    this.close();
    return unreachable(doing, thrown instanceof ConnectionRace ? thrown.cause : thrown);
  }
}

function same(one: Authentication, other: Authentication): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
