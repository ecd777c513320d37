import { addressBytes, parseAddress } from '../base/ip.ts';
import { KeyedHash } from './keyed-hash.ts';

export interface RateLimitOptions {
  /** Queries answered by second and network, on the average; as many may come at once. */
  readonly rate: number;
  /** Networks that may ask as much as they like, as CIDR. */
  readonly exempt: readonly string[];
  /** 32 bits that clients do not know. */
  readonly seed: number;
}

/** Networks that are kept in mind. One that comes new takes the place of another, and begins with all it may have. */
const NETWORKS = 2 ** 14;
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
 */
export class RateLimit {
  readonly #rate: number;
  readonly #hash: KeyedHash;
  readonly #exempt: readonly Block[];
  /** By slot: whose it is, what is left, and when that was, in milliseconds. */
  readonly #networks = new Int32Array(NETWORKS);
  readonly #tokens = new Float64Array(NETWORKS);
  readonly #times = new Float64Array(NETWORKS).fill(Number.NEGATIVE_INFINITY);

  constructor({ rate, exempt, seed }: RateLimitOptions) {
    this.#rate = rate;
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
    const slot = (network ^ (network >>> 16)) & (NETWORKS - 1);
    const isKnown = this.#networks[slot] === network;
    const passed = isKnown ? now - (this.#times[slot] ?? 0) : Number.POSITIVE_INFINITY;
    const tokens = Math.min(this.#rate, (this.#tokens[slot] ?? 0) + (passed * this.#rate) / 1000);
    this.#networks[slot] = network;
    this.#times[slot] = now;
    const isThere = tokens >= 1;
    this.#tokens[slot] = isThere ? tokens - 1 : tokens;
    // Asked last: those whose limit is never reached need not be looked for.
    return isThere || this.#isExempt(octets, start, length);
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
