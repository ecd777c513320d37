const NEWLINE = 0x0a;

/** Takes octets apart at newlines, whatever pieces they come in. */
export class LineReader {
  readonly #most: number;
  #begun: Buffer[] = [];
  #length = 0;

  /** @param most octets of one line */
  constructor(most: number) {
    this.#most = most;
  }

  /** True: a line has begun and has no end yet. */
  get inLine(): boolean {
    return this.#length > 0;
  }

  /**
   * The lines that this chunk completes, without those that are empty.
   *
   * @throws RangeError for a line that is too long
   */
  *push(chunk: Buffer): Generator<string, void, undefined> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      start = end + 1;
      const line = Buffer.concat(this.#begun).toString('utf8').trim();
      this.#begun = [];
      this.#length = 0;
      if (line !== '') yield line;
    }
    this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#length += part.length;
    if (this.#length > this.#most) throw new RangeError(`a line is longer than ${this.#most} octets`);
    this.#begun.push(part);
  }
}
