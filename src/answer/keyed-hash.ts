import { FOLDED } from '../wire/name.ts';

/**
 * A hash of 32 bits, keyed by a table that clients do not know: each octet and the hash so far choose a word of it,
 * as in a CRC whose words are secret. Where only the start is secret, as in a seeded FNV-1a, names can be chosen that
 * share their low bits whatever the start is.
 */
export class KeyedHash {
  readonly #seed: number;
  readonly #words: Int32Array;

  /** @param seed 32 bits that clients do not know */
  constructor(seed: number) {
    this.#seed = seed;
    this.#words = Int32Array.from({ length: 256 }, (_, index) =>
      mixed(seed + Math.imul(index + 1, 0x9e3779b9)),
    );
  }

  /** Of a question: its name, in whatever case, begins at `start`, and its type at `nameEnd`. */
  ofQuestion(message: Uint8Array, start: number, nameEnd: number): number {
    const words = this.#words;
    let hash = this.#seed;
    for (let at = start; at < nameEnd; at++) {
      hash = (words[(hash ^ (FOLDED[message[at] ?? 0] ?? 0)) & 0xff] ?? 0) ^ (hash >>> 8);
    }
    hash = (words[(hash ^ (message[nameEnd] ?? 0)) & 0xff] ?? 0) ^ (hash >>> 8);
    return (words[(hash ^ (message[nameEnd + 1] ?? 0)) & 0xff] ?? 0) ^ (hash >>> 8);
  }

  /** Of `length` octets from `start` on. */
  ofOctets(octets: Uint8Array, start: number, length: number): number {
    const words = this.#words;
    let hash = this.#seed ^ length;
    for (let at = start; at < start + length; at++) {
      hash = (words[(hash ^ (octets[at] ?? 0)) & 0xff] ?? 0) ^ (hash >>> 8);
    }
    return hash;
  }
}

/** The finisher of MurmurHash3: each bit given changes half of those returned. */
function mixed(value: number): number {
  let word = value | 0;
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return word ^ (word >>> 16);
}
