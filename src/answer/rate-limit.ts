import { addressBytes, parseAddress } from '../base/ip.ts';
import { KeyedHash } from './keyed-hash.ts';

export interface RateLimitOptions {
  /** Queries answered by second and network, on the average; as many may come at once. */
  readonly rate: number;
  /** Networks that may ask as much as they like, as CIDR. */
  readonly exempt: readonly string[];
  /** 32 bits that clients do not know. */
  readonly seed: number;
  /** Networks kept in mind at once, a power of two of at least 8; 65,536 if not given. */
  readonly networks?: number;
}

const NETWORKS = 2 ** 16;
/** Places that a network may have; which of them it takes is decided by what is left in each. */
const WAYS = 8;
/** Octets of an address that make its network: /24 and /56, what a site is given. */
const IPV4_NETWORK = 3;
const IPV6_NETWORK = 7;

interface Block {
  readonly octets: Uint8Array;
  readonly bits: number;
}

/**
 * How much each network may ask: a bucket of tokens for each, filled by time. Who forges queries in somebody's name has
 * that one be sent answers, which are larger than the queries (response rate limiting).
 *
 * There are fewer buckets than networks. One that comes new takes over the fullest bucket among eight, with what is in
 * it and no more: so nobody gets an empty bucket filled by asking in the names of others, however many they are, and
 * whoever has asked for nothing in the last second is the one to be forgotten.
 */
export class RateLimit {
  readonly #rate: number;
  readonly #hash: KeyedHash;
  readonly #exempt: readonly Block[];
  /** By bucket: whose it is, what is left, and when that was, in milliseconds. */
  readonly #networks: Int32Array;
  readonly #tokens: Float64Array;
  readonly #times: Float64Array;

  constructor({ rate, exempt, seed, networks = NETWORKS }: RateLimitOptions) {
    this.#rate = rate;
    this.#networks = new Int32Array(networks);
    this.#tokens = new Float64Array(networks).fill(rate);
    this.#times = new Float64Array(networks);
    this.#hash = new KeyedHash(seed);
    this.#exempt = exempt.flatMap(blockOf);
  }

  /**
   * Takes a token of the network that an address of 4 or 16 octets lies in; false: there was none.
   *
   * @param now milliseconds on a clock that never goes back
   */
  take(octets: Uint8Array, start: number, length: number, now: number): boolean {
    const network = this.#hash.ofOctets(octets, start, length === 4 ? IPV4_NETWORK : IPV6_NETWORK);
    const bucket = this.#bucketOf(network, now);
    const tokens = this.#tokensIn(bucket, now);
    this.#networks[bucket] = network;
    this.#times[bucket] = now;
    const isThere = tokens >= 1;
    this.#tokens[bucket] = isThere ? tokens - 1 : tokens;
    // Asked last: those whose limit is never reached need not be looked for.
    return isThere || this.#isExempt(octets, start, length);
  }

  /** Its own, or the fullest of those that it may take over. */
  #bucketOf(network: number, now: number): number {
    const first = (network ^ (network >>> 16)) & (this.#networks.length - WAYS);
    for (let bucket = first; bucket < first + WAYS; bucket++) {
      if (this.#networks[bucket] === network) return bucket;
    }
    let fullest = first;
    for (let bucket = first + 1; bucket < first + WAYS; bucket++) {
      if (this.#tokensIn(bucket, now) > this.#tokensIn(fullest, now)) fullest = bucket;
    }
    return fullest;
  }

  #tokensIn(bucket: number, now: number): number {
    const passed = now - (this.#times[bucket] ?? 0);
    return Math.min(this.#rate, (this.#tokens[bucket] ?? 0) + (passed * this.#rate) / 1000);
  }

  #isExempt(octets: Uint8Array, start: number, length: number): boolean {
    for (const block of this.#exempt) {
      if (block.octets.length === length && holds(block, octets, start)) return true;
    }
    return false;
  }
}

function blockOf(cidr: string): Block[] {
  const [text = '', bits = ''] = cidr.split('/');
  const address = parseAddress(text);
  return address === undefined ? [] : [{ octets: addressBytes(address), bits: Number(bits) }];
}

function holds({ octets, bits }: Block, address: Uint8Array, start: number): boolean {
  const whole = bits >> 3;
  for (let at = 0; at < whole; at++) if (address[start + at] !== octets[at]) return false;
  const rest = 0xff00 >> (bits & 7);
  return (((address[start + whole] ?? 0) ^ (octets[whole] ?? 0)) & rest & 0xff) === 0 || (bits & 7) === 0;
}
