/** The least that can hold a header; a shorter message has no id to reply to (RFC 1035 section 4.1.1). */
const LEAST_LENGTH = 12;

const EMPTY = new Uint8Array(0);

/**
 * Cuts a TCP byte stream into DNS messages (RFC 7766 section 8), however it was chunked: the two octets of a length may
 * come apart and one chunk may hold thousands of messages.
 *
 * Whole messages are views into their chunk. An incomplete one is copied, because a view of a few octets would keep the
 * whole 64 KiB read buffer alive, into space that grows with what has come, never with what the length announces.
 */
export class MessageReader {
  /** True: a length under 12 octets was announced. Nothing after it can be read. */
  broken = false;
  #chunk: Uint8Array = EMPTY;
  #offset = 0;
  #held: Uint8Array = EMPTY;
  #filled = 0;

  /** Hands in what was read; everything handed in before must have been taken with `next` first. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#offset = 0;
  }

  /** True: some octets of a message are here, but not all. */
  get incomplete(): boolean {
    return this.#filled > 0;
  }

  /** Octets in memory. */
  get held(): number {
    return this.#held.length + this.#chunk.length;
  }

  /** The next whole message, without its length, valid until the next call; undefined: more octets are needed. */
  next(): Uint8Array | undefined {
    if (this.broken) return undefined;
    if (this.#filled > 0) return this.#completeHeld();
    const chunk = this.#chunk;
    const start = this.#offset + 2;
    if (start <= chunk.length) {
      const length = lengthAt(chunk, this.#offset);
      if (length < LEAST_LENGTH) return this.#break();
      if (start + length <= chunk.length) {
        this.#offset = start + length;
        return chunk.subarray(start, start + length);
      }
    }
    this.#hold(chunk.length - this.#offset);
    return this.#awaitMore();
  }

  /** Goes on with a message that earlier chunks began. */
  #completeHeld(): Uint8Array | undefined {
    if (this.#filled < 2) this.#hold(2 - this.#filled);
    if (this.#filled < 2) return this.#awaitMore();
    const length = lengthAt(this.#held, 0);
    if (length < LEAST_LENGTH) return this.#break();
    this.#hold(2 + length - this.#filled);
    if (this.#filled < 2 + length) return this.#awaitMore();
    const message = this.#held.subarray(2, 2 + length);
    this.#held = EMPTY;
    this.#filled = 0;
    return message;
  }

  /** Copies up to `wanted` octets of the chunk. */
  #hold(wanted: number): void {
    const taken = this.#chunk.subarray(this.#offset, this.#offset + wanted);
    const filled = this.#filled + taken.length;
    if (filled > this.#held.length) {
      const larger = new Uint8Array(Math.max(filled, 2 * this.#held.length));
      larger.set(this.#held.subarray(0, this.#filled));
      this.#held = larger;
    }
    this.#held.set(taken, this.#filled);
    this.#filled = filled;
    this.#offset += taken.length;
  }

  /** All of the chunk has been copied. */
  #awaitMore(): undefined {
    this.#chunk = EMPTY;
  }

  #break(): undefined {
    this.broken = true;
    this.#chunk = EMPTY;
    this.#held = EMPTY;
    this.#filled = 0;
  }
}

function lengthAt(octets: Uint8Array, offset: number): number {
  return ((octets[offset] ?? 0) << 8) | (octets[offset + 1] ?? 0);
}
