import * as http from 'node:http';
import * as https from 'node:https';
import type { Authentication } from './connection.ts';

/** Milliseconds. */
export interface ExchangeTimes {
  /** Until a connection stands, TLS included. */
  readonly connect: number;
  /** Without any octet of an answer. */
  readonly silence: number;
  /** For all of an answer: a server that sends an octet now and then must not hold a caller for ever. */
  readonly whole: number;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly body?: { readonly type: string; readonly text: string };
}

/** Before the system asks a silent peer whether it is still there, in milliseconds; it gives up ten seconds later. */
const TCP_KEEP_ALIVE = 30_000;

/**
 * A connection that had served others before was closed in the moment in which it was used again; nothing was answered.
 */
export class ConnectionRace extends Error {}

/**
 * Sends a request; resolves with the answer as soon as its head is here. What fails later is told by the answer's own
 * `error` event. Redirects are answers like any other: following one would hand our credential to somebody else.
 *
 * @param agent undefined: a connection of its own, closed with the answer
 * @throws ConnectionRace, or whatever Node says of the connection
 */
export function open(
  asked: ApiRequest,
  authentication: Authentication,
  times: ExchangeTimes,
  agent: http.Agent | undefined,
  signal: AbortSignal | undefined,
): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const request = requestOf(asked, authentication, agent);
  let underWay: { destroy(error?: Error): void } = request;
  const late = () => request.destroy(new Error(`no answer within ${times.silence / 1000} s`));
  const silence = setTimeout(late, times.silence);
  const abort = () => underWay.destroy(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  limitConnect(request, times.connect);
  request.once('response', answer => {
    clearTimeout(silence);
    underWay = answer;
    // Whoever reads it hears of its end; this is for the moments in which nobody reads.
    answer.on('error', () => {});
    resolve(answer);
  });
  // Also after the answer has begun: the same error comes by the answer then, and an unheard one would end the process.
  request.on('error', (error: NodeJS.ErrnoException) => {
    clearTimeout(silence);
    const raced = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
    reject(raced ? new ConnectionRace(error.message, { cause: error }) : error);
  });
  request.once('close', () => signal?.removeEventListener('abort', abort));
  request.end(asked.body?.text);
  return promise;
}

function requestOf(
  { method, url, body }: ApiRequest,
  { headers, tls }: Authentication,
  agent: http.Agent | undefined,
): http.ClientRequest {
  const content =
    body === undefined ? {} : { 'content-type': body.type, 'content-length': Buffer.byteLength(body.text) };
  const options = {
    method,
    agent: agent ?? false,
    headers: { accept: 'application/json', 'user-agent': 'causeway', ...content, ...headers },
  };
  return url.startsWith('http:') ? http.request(url, options) : https.request(url, { ...options, ...tls });
}

/** Has the request fail if its connection, TLS included, does not stand after so many milliseconds. */
function limitConnect(request: http.ClientRequest, milliseconds: number): void {
  request.once('socket', socket => {
    socket.setKeepAlive(true, TCP_KEEP_ALIVE);
    if (!socket.connecting) return;
    const late = () => request.destroy(new Error(`no connection within ${milliseconds / 1000} s`));
    const timer = setTimeout(late, milliseconds);
    const stands = () => clearTimeout(timer);
    socket.once(request.protocol === 'https:' ? 'secureConnect' : 'connect', stands);
    socket.once('close', stands);
  });
}

/**
 * All of an answer's body.
 *
 * @throws RangeError if it is larger than `most` octets
 */
export async function bodyOf(
  answer: http.IncomingMessage,
  most: number,
  times: ExchangeTimes,
): Promise<Buffer> {
  const late = (what: string) => answer.destroy(new Error(what));
  const whole = setTimeout(() => late(`no whole answer within ${times.whole / 1000} s`), times.whole);
  const silence = setTimeout(() => late(`answer stopped for ${times.silence / 1000} s`), times.silence);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      silence.refresh();
      length += chunk.length;
      if (length > most) throw new RangeError(`the answer is larger than ${most} octets`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    clearTimeout(whole);
    clearTimeout(silence);
  }
}
