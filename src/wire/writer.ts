import { MAX_MESSAGE_LENGTH } from './codes.ts';
import { foldCase, type Labels } from './name.ts';

/** The farthest offset that a 14-bit compression pointer reaches (RFC 1035 section 4.1.4). */
const POINTER_REACH = 0x3fff;

const FIRST_SIZE = 512;

/** Thrown where a write would pass the limit of the message. Nothing of it was written. */
export class MessageFullError extends Error {
  override readonly name = 'MessageFullError';
}

/**
 * Writes one DNS message with name compression. It is used when an answer is compiled, never per query, so it may keep
 * a map of the names written so far.
 *
 * Writing past the limit throws `MessageFullError`; `rewind` takes back a record that did not fit, so that what is left
 * is whole records only.
 */
export class MessageWriter {
  /** Grows as needed: most messages are short, and 64 KiB for each of them would cost more than writing them. */
  #bytes = new Uint8Array(FIRST_SIZE);
  readonly #limit: number;
  /** Suffixes written so far, case folded, by their offset; in order of writing, so `rewind` can forget the newest. */
  readonly #suffixes = new Map<string, number>();
  /** Names that were written as a mere pointer. All records of a set share one owner, so it is not spelt out again. */
  readonly #pointed = new Map<Labels, number>();
  #length = 0;

  constructor(limit: number = MAX_MESSAGE_LENGTH) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const offset = this.#take(1);
    this.#bytes[offset] = value;
  }

  u16(value: number): void {
    const offset = this.#take(2);
    this.#bytes[offset] = value >>> 8;
    this.#bytes[offset + 1] = value;
  }

  u32(value: number): void {
    this.u16(value >>> 16);
    this.u16(value & 0xffff);
  }

  bytes(octets: Uint8Array): void {
    const offset = this.#take(octets.length);
    this.#bytes.set(octets, offset);
  }

  /** Character-string of RFC 1035 section 3.3: a length octet and at most 255 octets, given as latin1. */
  characterString(text: string): void {
    if (text.length > 255) throw new RangeError('a character-string holds at most 255 octets');
    this.#lengthAndText(text);
  }

  /**
   * A name. It may become the target of later pointers in any case; `compress: false` only keeps it from being one
   * itself (RFC 2782 forbids that for SRV targets, RFC 3597 section 4 for all types newer than RFC 1035).
   */
  name(labels: Labels, options: { compress: boolean } = { compress: true }): void {
    const pointed = options.compress ? this.#pointed.get(labels) : undefined;
    if (pointed !== undefined) {
      this.u16(0xc000 | pointed);
      return;
    }
    const suffixes = suffixKeys(labels);
    for (const [index, suffix] of suffixes.entries()) {
      const known = this.#suffixes.get(suffix);
      if (known !== undefined && options.compress) {
        if (index === 0) this.#pointed.set(labels, known);
        this.u16(0xc000 | known);
        return;
      }
      if (known === undefined && this.#length <= POINTER_REACH) this.#suffixes.set(suffix, this.#length);
      this.#lengthAndText(labels[index] ?? '');
    }
    this.u8(0);
  }

  /** Leaves two octets open for a length and returns their place, to be given to `endLength`. */
  beginLength(): number {
    return this.#take(2);
  }

  endLength(place: number): void {
    const length = this.#length - place - 2;
    this.#bytes[place] = length >>> 8;
    this.#bytes[place + 1] = length;
  }

  /** Overwrites a 16-bit word already written: a header count. */
  patchU16(offset: number, value: number): void {
    this.#bytes[offset] = value >>> 8;
    this.#bytes[offset + 1] = value;
  }

  /** Takes back everything from `length` on, the names written there included. */
  rewind(length: number): void {
    this.#length = length;
    this.#pointed.clear();
    for (const [suffix, offset] of this.#suffixes) if (offset >= length) this.#suffixes.delete(suffix);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #lengthAndText(text: string): void {
    const offset = this.#take(text.length + 1);
    this.#bytes[offset] = text.length;
    for (let index = 0; index < text.length; index++)
      this.#bytes[offset + 1 + index] = text.charCodeAt(index);
  }

  #grow(): void {
    const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  /**
   * Makes room and returns where it begins. It may replace `#bytes`, so it has to be called before that is looked at.
   */
  #take(count: number): number {
    const offset = this.#length;
    if (offset + count > this.#limit)
      throw new MessageFullError(`a message of ${this.#limit} octets is full`);
    this.#length = offset + count;
    if (this.#length > this.#bytes.length) this.#grow();
    return offset;
  }
}

/**
 * Every suffix of a name as a key, the longest first. Each label is preceded by its length, so a dot within one can't
 * make two suffixes look alike.
 */
function suffixKeys(labels: Labels): string[] {
  const keys: string[] = new Array(labels.length);
  let key = '';
  for (let index = labels.length - 1; index >= 0; index--) {
    const label = labels[index] ?? '';
    key = String.fromCharCode(label.length) + foldCase(label) + key;
    keys[index] = key;
  }
  return keys;
}
