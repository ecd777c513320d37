import { LRUCache } from 'lru-cache';
import { addressBytes } from '../base/ip.ts';
import { MAX_MESSAGE_LENGTH } from '../wire/codes.ts';
import { CLIENT_COOKIE_LENGTH, isValidCookie, writeCookie } from '../wire/cookie.ts';
import type { Query } from '../wire/query.ts';
import type { Client } from './event.ts';
import { MIN_PAYLOAD, type OptContents } from './reply.ts';

/** The settings that show in the OPT record of replies. */
export interface OptOptions {
  readonly unixSeconds: () => number;
  /** 16 octets; replicas that share it accept each other's cookies. */
  readonly cookieSecret: Uint8Array;
  /** At most 128 octets, sent to whoever asks for it (RFC 5001); empty: not at all. */
  readonly nsid: Uint8Array;
  /** The largest UDP message sent and announced, in octets. */
  readonly payloadSize: number;
}

/** Client addresses whose octets are kept at hand for cookies. */
const KNOWN_CLIENTS = 4096;
const NO_OCTETS = new Uint8Array();

/** Decides what the OPT record of a reply says: sizes, the name server's identifier, cookies, extended errors. */
export class OptPolicy {
  readonly #options: OptOptions;
  readonly #clients = new LRUCache<string, Uint8Array>({ max: KNOWN_CLIENTS });

  constructor(options: OptOptions) {
    this.#options = options;
  }

  /** Undefined where the query has no OPT record, as then the reply may not have one (RFC 6891 section 7). */
  contents(
    query: Query,
    message: Uint8Array,
    client: Client,
    rcode: number,
    extendedError: number | undefined,
  ): OptContents | undefined {
    if (!query.edns) return undefined;
    return {
      payloadSize: this.#options.payloadSize,
      rcode,
      extendedError,
      nsid: query.nsid ? this.#options.nsid : NO_OCTETS,
      writeCookie: query.cookieLength === 0 ? undefined : this.#cookieWriter(query, message, client),
    };
  }

  /** Octets that a reply may have: what the client takes, but over UDP no more than we send. */
  limit(query: Query, client: Client): number {
    if (client.transport !== 'udp') return MAX_MESSAGE_LENGTH;
    if (!query.edns) return MIN_PAYLOAD;
    return Math.min(Math.max(MIN_PAYLOAD, query.payloadSize), this.#options.payloadSize);
  }

  /** True for a client cookie alone, and for one with a server cookie that this client may still use. */
  acceptsCookie(query: Query, message: Uint8Array, client: Client): boolean {
    const { cookieSecret, unixSeconds } = this.#options;
    const cookie = cookieOf(query, message);
    if (cookie.length === CLIENT_COOKIE_LENGTH) return true;
    return isValidCookie(cookie, this.#octetsOf(client.address), cookieSecret, unixSeconds());
  }

  #cookieWriter(
    query: Query,
    message: Uint8Array,
    client: Client,
  ): (output: Uint8Array, offset: number) => void {
    const cookie = cookieOf(query, message);
    const { cookieSecret, unixSeconds } = this.#options;
    const address = this.#octetsOf(client.address);
    return (output, offset) => writeCookie(output, offset, cookie, address, cookieSecret, unixSeconds());
  }

  #octetsOf(address: string): Uint8Array {
    let octets = this.#clients.get(address);
    if (octets === undefined) {
      octets = addressBytes(address);
      this.#clients.set(address, octets);
    }
    return octets;
  }
}

/** A copy, as a transfer outlives the message (`slice` of a Buffer would not be one). */
function cookieOf({ cookieStart, cookieLength }: Query, message: Uint8Array): Uint8Array {
  return new Uint8Array(message.subarray(cookieStart, cookieStart + cookieLength));
}
