import { isIPv6 } from 'node:net';
import type { Client } from '../answer/event.ts';
import type { Reply } from '../answer/responder.ts';
import { CausewayError, messageOf } from '../base/errors.ts';
import { parseAddress } from '../base/ip.ts';

/** Where to listen. Port 0 lets the system choose one. */
export interface ListenAddress {
  /** An IPv4 or IPv6 address, `0.0.0.0` or `::`. */
  readonly address: string;
  readonly port: number;
}

export interface BoundAddress extends ListenAddress {
  readonly protocol: 'udp' | 'tcp' | 'http';
}

/**
 * Turns one message into its reply. It never throws for anything a client can send, does not keep the message (its
 * octets change after the call), and gives a zone transfer only to TCP clients.
 */
export type Handler = (message: Uint8Array, client: Client) => Reply;

/**
 * What moves messages between sockets and a `Handler`. UDP sits behind this alone, so that a transport that reads and
 * writes datagrams in batches can stand in for `dgram`.
 */
export interface Transport {
  readonly name: string;
  /** Resolves with the addresses in use. Throws `LISTEN_FAILED`. */
  start(): Promise<BoundAddress[]>;
  /** Answers what has arrived, then closes; harmless where nothing was started. */
  stop(): Promise<void>;
}

/** UDP on one address. */
export interface UdpSide extends Transport {
  readonly kind: 'batched' | 'dgram';
  /** Sockets on which queries are answered now. */
  readonly serving: number;
}

/** `127.0.0.1:53` or `[::1]:53`. */
export function formatAddress({ address, port }: ListenAddress): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Reads `127.0.0.1:53` or `[::1]:53`; undefined if it is neither. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, six, four = '', digits = ''] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = parseAddress(six ?? four);
  const port = Number(digits);
  if (address === undefined || isIPv6(address) !== (six !== undefined) || port > 65535) return undefined;
  return { address, port };
}

/** A peer's address as clients are known by: IPv4 where it is IPv4-mapped, and without the zone of a link-local one. */
export function clientAddress(peer: string): string {
  const bare = peer.startsWith('::ffff:') && peer.includes('.') ? peer.slice(7) : peer;
  const zone = bare.indexOf('%');
  return zone === -1 ? bare : bare.slice(0, zone);
}

/** The error for a socket that cannot be bound, with what to do about it. */
export function listenError(
  protocol: BoundAddress['protocol'],
  where: ListenAddress,
  cause: unknown,
): CausewayError {
  const flag = protocol === 'http' ? '--http-listen' : '--listen';
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const advice = ADVICE[code]?.(flag) ?? `${messageOf(cause)}; choose another address with ${flag}`;
  return new CausewayError(
    'LISTEN_FAILED',
    `cannot listen on ${formatAddress(where)} (${protocol}): ${advice}`,
    { cause },
  );
}

const ADVICE: Readonly<Record<string, (flag: string) => string>> = {
  EADDRINUSE: flag => `the port is in use; stop what holds it or choose another with ${flag}`,
  EACCES: flag =>
    `permission denied; ports below 1024 need root or CAP_NET_BIND_SERVICE, or choose another with ${flag}`,
  EADDRNOTAVAIL: flag => `this machine does not have that address; choose one it has with ${flag}`,
};
