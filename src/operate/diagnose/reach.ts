import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Known } from '../../base/known.ts';
import type { ClockFacts, ReachFacts, TlsFacts, Tried } from '../../diagnose/facts.ts';
import type { Connection, TlsOptions } from '../../kube/connection.ts';
import { failureOf, isFor, nameText, shakeHands } from '../handshake.ts';
import { known, limited, tried } from './attempt.ts';

/** Milliseconds for each step on the way. */
const STEP = 5_000;

const NOT_TRIED = { unknown: 'not tried: there is no connection' };

/**
 * Goes the way to an API server step by step. Nothing is verified on it, so that what is wrong can be told; that is why
 * no credential goes along.
 */
export async function reachFacts(connection: Connection, signal: AbortSignal): Promise<ReachFacts> {
  const { server } = connection;
  const { hostname, port } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, '');
  const addresses = await tried(addressesOf(host, limited(signal, STEP)));
  const none = { server, addresses, tls: NOT_TRIED, clock: NOT_TRIED };
  if (!('value' in addresses)) return { ...none, connect: { unknown: 'not tried: there is no address' } };
  const began = performance.now();
  const standing = await tried(socketTo(host, Number(port || 443), limited(signal, STEP)));
  if (!('value' in standing)) return { ...none, connect: standing };
  const connect = { value: Math.ceil(performance.now() - began) };
  try {
    const authentication = await known(connection.authenticate(false));
    const options = 'value' in authentication ? authentication.value.tls : undefined;
    const { tls, clock } = await secured(standing.value, host, server, options, signal);
    return {
      server,
      addresses,
      connect,
      tls: options === undefined ? unknownOf(authentication) : tls,
      clock,
    };
  } finally {
    standing.value.destroy();
  }
}

async function secured(
  socket: Socket,
  host: string,
  server: string,
  options: TlsOptions | undefined,
  signal: AbortSignal,
): Promise<{ tls: Tried<TlsFacts>; clock: Known<ClockFacts> }> {
  const shaken = await tried(
    shakeHands({ ...options, socket }, options?.servername ?? host, limited(signal, STEP)),
  );
  if (!('value' in shaken)) return { tls: shaken, clock: NOT_TRIED };
  const tls = { value: tlsFacts(shaken.value, host, options) };
  return { tls, clock: await known(clockOf(shaken.value, server, limited(signal, STEP))) };
}

function unknownOf(found: Known<unknown>): { readonly unknown: string } {
  return 'unknown' in found ? found : { unknown: 'not looked at' };
}

async function addressesOf(host: string, signal: AbortSignal): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  const late = once(signal, 'abort').then(() => signal.throwIfAborted());
  const found = await Promise.race([lookup(host, { all: true }), late]);
  return (found ?? []).map(({ address }) => address);
}

async function socketTo(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp({ host, port });
  try {
    await once(socket, 'connect', { signal });
  } catch (thrown) {
    socket.destroy();
    throw failureOf(thrown, signal);
  }
  // Whatever befalls it later is told by what is tried on it.
  return socket.on('error', () => {});
}

function tlsFacts(socket: TLSSocket, host: string, options: TlsOptions = {}): TlsFacts {
  const { ca, servername: name = host, rejectUnauthorized } = options;
  const trusting = ca === undefined ? 'system' : 'kubeconfig';
  const certificate = socket.getPeerX509Certificate();
  return {
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    subject: nameText(certificate?.subject),
    issuer: nameText(certificate?.issuer),
    authority: rejectUnauthorized === false ? 'nobody' : trusting,
    chainFault: socket.authorized ? undefined : String(socket.authorizationError),
    name,
    nameFits: isFor(certificate, name),
    names: certificate?.subjectAltName ?? '',
    usages: certificate?.keyUsage ?? [],
    begins: certificate?.validFromDate.getTime() ?? 0,
    ends: certificate?.validToDate.getTime() ?? 0,
  };
}

/** Every answer has a Date (RFC 9110 section 6.6.1), also one that lets nobody in. */
async function clockOf(socket: TLSSocket, server: string, signal: AbortSignal): Promise<ClockFacts> {
  const began = Date.now();
  const asked = request(`${server.replace('https:', 'http:')}/version`, {
    createConnection: () => socket,
    headers: { 'user-agent': 'causeway', connection: 'close' },
    signal,
  }).end();
  const [answer] = await once(asked, 'response', { signal });
  const ended = Date.now();
  answer.resume();
  const date = Date.parse(answer.headers.date ?? '');
  if (Number.isNaN(date)) throw new Error('its answer has no Date');
  // The header leaves out what is beyond the second.
  const ahead = (date + 500 - (began + ended) / 2) / 1_000;
  return { ahead, uncertainty: 0.5 + (ended - began) / 2_000 };
}
