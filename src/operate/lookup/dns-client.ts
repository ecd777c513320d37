import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, isIPv6 } from 'node:net';
import { messageOf } from '../../base/errors.ts';
import type { Asked } from '../../lookup/facts.ts';
import { answersQuery, isTruncated, queryOf, replyOf } from '../../lookup/message.ts';
import type { Question } from '../../lookup/question.ts';

/** Where a DNS server listens. */
export interface DnsServerAddress {
  readonly address: string;
  readonly port: number;
}

export interface DnsClientOptions {
  /** Ask over TCP from the start; else only what was truncated. */
  readonly tcp: boolean;
  /** Milliseconds for one try. */
  readonly timeout?: number;
}

const TIMEOUT = 2_000;
/** Datagrams get lost. */
const TRIES = 2;

/** Asks a DNS server. Throws nothing but what `signal` is aborted with. */
export async function askServer(
  server: DnsServerAddress,
  question: Question,
  { tcp, timeout = TIMEOUT }: DnsClientOptions,
  signal: AbortSignal,
): Promise<Asked> {
  const query = queryOf(question, randomInt(65_536));
  const began = performance.now();
  try {
    const overUdp = tcp ? undefined : await overUdpTwice(server, query, timeout, signal);
    const isWhole = overUdp !== undefined && !isTruncated(overUdp);
    const octets = isWhole ? overUdp : await overTcp(server, query, timeout, signal);
    return answeredWith(octets, isWhole ? 'udp' : 'tcp', performance.now() - began);
  } catch (thrown) {
    signal.throwIfAborted();
    return { answered: false, reason: reasonOf(thrown) };
  }
}

/** A reply as a value. */
export function answeredWith(
  octets: Uint8Array,
  transport: 'udp' | 'tcp' | 'http',
  milliseconds: number,
): Asked {
  const reply = replyOf(octets);
  if (reply === undefined) return { answered: false, reason: 'what came back is no DNS message' };
  return { answered: true, transport, milliseconds, reply };
}

class NoAnswer extends Error {}

async function overUdpTwice(
  server: DnsServerAddress,
  query: Buffer,
  timeout: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  for (let tries = 1; ; tries++) {
    try {
      return await overUdp(server, query, timeout, signal);
    } catch (thrown) {
      if (!(thrown instanceof NoAnswer) || tries === TRIES) throw thrown;
    }
  }
}

/** One datagram, from a port of its own, so that nobody can guess where the reply is awaited. */
async function overUdp(
  { address, port }: DnsServerAddress,
  query: Buffer,
  timeout: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    // Connected, so that only this server is heard, and "port unreachable" with it.
    socket.connect(port, address);
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    socket.on('error', reject);
    socket.on('message', message => {
      if (answersQuery(message, query)) resolve(message);
    });
    socket.once('connect', () => socket.send(query));
    return await within(promise, timeout, signal);
  } finally {
    socket.close();
  }
}

async function overTcp(
  { address, port }: DnsServerAddress,
  query: Buffer,
  timeout: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const socket = connect({ host: address, port });
  try {
    return await within(exchange(socket, query), timeout, signal);
  } finally {
    socket.destroy();
  }
}

async function exchange(socket: ReturnType<typeof connect>, query: Buffer): Promise<Uint8Array> {
  // It may be destroyed while nobody waits any more.
  socket.on('error', () => {});
  await once(socket, 'connect');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(query.length);
  socket.write(Buffer.concat([length, query]));
  let held = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    held = Buffer.concat([held, chunk]);
    // At most the 65,535 octets that the length can say: nothing was asked but this one question.
    if (held.length < 2 || held.length < 2 + held.readUInt16BE(0)) continue;
    const message = held.subarray(2, 2 + held.readUInt16BE(0));
    if (answersQuery(message, query)) return message;
    throw new Error('what came back over TCP answers another question');
  }
  throw new Error('the connection was closed without an answer');
}

async function within<Value>(promise: Promise<Value>, timeout: number, signal: AbortSignal): Promise<Value> {
  const ended = Promise.withResolvers<never>();
  const late = setTimeout(() => ended.reject(new NoAnswer(`no answer within ${timeout / 1000} s`)), timeout);
  const abort = () => ended.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  // Whichever comes later is heard by nobody.
  promise.catch(() => {});
  try {
    return await Promise.race([promise, ended.promise]);
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', abort);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  EHOSTUNREACH: 'no route leads there (host unreachable)',
  ENETUNREACH: 'no route leads there (network unreachable)',
};

function reasonOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return REASONS[code] ?? messageOf(thrown);
}
