// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what begins an escape sequence
const PIECES = /\x1b\[(\d*)([A-Za-z])|\r\n|[\r\n]|[^\x1b\r\n]+/g;

/**
 * What a terminal shows of what is written to it, as far as our own display goes: cursor up and to the top, erase to
 * the end, carriage return, colours. It knows no width: what would wrap is for the test to find.
 */
export class Screen {
  /** All that was written, as it was. */
  written = '';
  readonly #lines: string[] = [''];
  #row = 0;
  #column = 0;

  write(text: string): void {
    this.written += text;
    for (const [piece, count, letter] of text.matchAll(PIECES)) {
      if (letter === 'A') this.#row = Math.max(0, this.#row - Number(count || 1));
      else if (letter === 'H') this.#home();
      else if (letter === 'J') this.#erase();
      else if (letter === 'K') this.#eraseLine();
      else if (letter === 'm') continue;
      else if (letter !== undefined)
        throw new Error(`an escape sequence that the screen does not know: ${piece}`);
      else this.#put(piece);
    }
  }

  get text(): string {
    return this.#lines.join('\n');
  }

  #home(): void {
    this.#row = 0;
    this.#column = 0;
  }

  #erase(): void {
    this.#lines.length = this.#row + 1;
    this.#eraseLine();
  }

  #eraseLine(): void {
    this.#lines[this.#row] = (this.#lines[this.#row] ?? '').slice(0, this.#column);
  }

  #put(piece: string): void {
    if (piece.includes('\r')) this.#column = 0;
    if (piece.includes('\n')) {
      this.#row++;
      this.#column = 0;
      this.#lines[this.#row] ??= '';
    }
    if (/[\r\n]/.test(piece)) return;
    const line = this.#lines[this.#row] ?? '';
    this.#lines[this.#row] =
      line.slice(0, this.#column).padEnd(this.#column) + piece + line.slice(this.#column + piece.length);
    this.#column += piece.length;
  }
}
