import { FOLDED } from '../wire/name.ts';
import { KeyedHash } from './keyed-hash.ts';

/** What a table keeps. The key is the name of a question in canonical case and its type, as octets. */
export interface Keyed {
  readonly key: Uint8Array;
}

export interface AnswerTableOptions<Value> {
  /** Most values, and most octets of them together: those of one large service would else fill gigabytes. */
  readonly most: number;
  readonly mostOctets: number;
  readonly octetsOf: (value: Value) => number;
  /** Key of the hash, 32 bits that clients do not know: else they could choose names that all belong at one place. */
  readonly seed: number;
}

const FIRST_PLACES = 1024;

/**
 * Places, from where a value belongs on, in which it may lie. With at most half of all places taken, chance fills fewer
 * of them even among a million values; who guesses the key fills these and no more.
 */
export const MOST_PROBES = 64;

/**
 * Values by the octets of a question, whatever its case: open addressing over a 32-bit hash of the folded octets, so
 * that a query is looked up where it lies and no string is made of it.
 *
 * What is dropped is decided by a clock hand that passes over what was found since it last came by: nearly an LRU, and
 * a find writes one octet where a list would be relinked.
 */
export class AnswerTable<Value extends Keyed> {
  readonly #options: AnswerTableOptions<Value>;
  readonly #hash: KeyedHash;
  /** Place → seat + 1, or 0; at most half of the places are taken. */
  #places = new Int32Array(FIRST_PLACES);
  /** Seat → value; seats are given away in order, and each keeps its value until the hand takes it. */
  readonly #values: (Value | undefined)[] = [];
  readonly #hashes: number[] = [];
  /** 1: found since the hand came by. */
  readonly #found: number[] = [];
  readonly #free: number[] = [];
  #hand = 0;
  #count = 0;
  #octets = 0;
  /** Of the value found last: every octet of the name was spelt as in the key. */
  isCanonical = false;

  constructor(options: AnswerTableOptions<Value>) {
    this.#options = options;
    this.#hash = new KeyedHash(options.seed);
  }

  get size(): number {
    return this.#count;
  }

  /** The same for the same question in every table with this seed, so that it is made once for all of them. */
  hashOf(message: Uint8Array, start: number, nameEnd: number): number {
    return this.#hash.ofQuestion(message, start, nameEnd);
  }

  /**
   * The value of a question that was read: its name begins at `start`, its type at `nameEnd`.
   *
   * @param hash what `hashOf` says of it
   */
  find(
    message: Uint8Array,
    start: number,
    nameEnd: number,
    hash = this.hashOf(message, start, nameEnd),
  ): Value | undefined {
    const seat = this.#seatOf(message, start, nameEnd, hash);
    if (seat < 0) return undefined;
    this.#found[seat] = 1;
    return this.#values[seat];
  }

  /** -1: there is none. */
  #seatOf(message: Uint8Array, start: number, nameEnd: number, hash: number): number {
    const places = this.#places;
    const mask = places.length - 1;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const seat = (places[(hash + probe) & mask] ?? 0) - 1;
      if (seat < 0) return -1;
      if (this.#hashes[seat] !== hash) continue;
      const value = this.#values[seat];
      if (value !== undefined && this.#matches(value.key, message, start, nameEnd)) return seat;
    }
    return -1;
  }

  /**
   * Keeps a value in place of an older one of the same question, and drops others until there is room. One for which no
   * place is free near where it belongs is not kept.
   */
  put(value: Value): void {
    const { most, mostOctets, octetsOf } = this.#options;
    const octets = octetsOf(value);
    const nameEnd = value.key.length - 2;
    this.drop(value.key);
    if (octets > mostOctets) return;
    while (this.#count >= most || this.#octets + octets > mostOctets) this.#dropByHand();
    if (2 * (this.#count + 1) > this.#places.length) this.#grow();
    const hash = this.#hash.ofQuestion(value.key, 0, nameEnd);
    const place = this.#emptyPlace(hash);
    if (place < 0) return;
    const seat = this.#free.pop() ?? this.#values.length;
    this.#values[seat] = value;
    this.#hashes[seat] = hash;
    this.#found[seat] = 0;
    this.#places[place] = seat + 1;
    this.#count += 1;
    this.#octets += octets;
  }

  /** Drops the value of a key, if there is one. */
  drop(key: Uint8Array): void {
    const nameEnd = key.length - 2;
    const seat = this.#seatOf(key, 0, nameEnd, this.hashOf(key, 0, nameEnd));
    if (seat >= 0) this.#vacate(seat);
  }

  #matches(key: Uint8Array, message: Uint8Array, start: number, nameEnd: number): boolean {
    const length = nameEnd - start;
    if (key.length !== length + 2) return false;
    if (key[length] !== message[nameEnd] || key[length + 1] !== message[nameEnd + 1]) return false;
    let differences = 0;
    for (let at = 0; at < length; at++) {
      const octet = message[start + at] ?? 0;
      const own = key[at] ?? 0;
      if (FOLDED[octet] !== own) return false;
      differences |= octet ^ own;
    }
    this.isCanonical = differences === 0;
    return true;
  }

  /** -1: there is none near enough. */
  #emptyPlace(hash: number): number {
    const mask = this.#places.length - 1;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const place = (hash + probe) & mask;
      if (this.#places[place] === 0) return place;
    }
    return -1;
  }

  #dropByHand(): void {
    for (;;) {
      if (this.#hand >= this.#values.length) this.#hand = 0;
      const seat = this.#hand++;
      if (this.#values[seat] === undefined) continue;
      if (this.#found[seat] === 0) {
        this.#vacate(seat);
        return;
      }
      this.#found[seat] = 0;
    }
  }

  #vacate(seat: number): void {
    this.#forget(seat);
    this.#closeGap(this.#placeOf(seat));
  }

  /** Gives a seat away whose place is seen to elsewhere. */
  #forget(seat: number): void {
    const value = this.#values[seat];
    if (value === undefined) return;
    this.#values[seat] = undefined;
    this.#free.push(seat);
    this.#count -= 1;
    this.#octets -= this.#options.octetsOf(value);
  }

  #placeOf(seat: number): number {
    const mask = this.#places.length - 1;
    let place = (this.#hashes[seat] ?? 0) & mask;
    while (this.#places[place] !== seat + 1) place = (place + 1) & mask;
    return place;
  }

  /** Moves up those behind an emptied place that could not be found across it (no tombstones: they only add up). */
  #closeGap(emptied: number): void {
    const places = this.#places;
    const mask = places.length - 1;
    let gap = emptied;
    for (let place = (gap + 1) & mask; places[place] !== 0; place = (place + 1) & mask) {
      const home = (this.#hashes[(places[place] ?? 0) - 1] ?? 0) & mask;
      if (((place - home) & mask) < ((place - gap) & mask)) continue;
      places[gap] = places[place] ?? 0;
      gap = place;
    }
    places[gap] = 0;
  }

  #grow(): void {
    this.#places = new Int32Array(2 * this.#places.length);
    for (const [seat, value] of this.#values.entries()) {
      if (value === undefined) continue;
      const place = this.#emptyPlace(this.#hashes[seat] ?? 0);
      if (place < 0) this.#forget(seat);
      else this.#places[place] = seat + 1;
    }
  }
}
