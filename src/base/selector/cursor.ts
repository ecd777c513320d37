import type { Selector, SelectorReading } from './selector.ts';

/** Characters of the longest selector that is read. It is one pass over the text, but its result is kept. */
export const LONGEST_SELECTOR = 4096;

/** Parentheses within parentheses; every level is a call on the stack, when it is read and when it is asked. */
const DEEPEST = 32;

/** Where a selector's text stops being one. It never leaves this folder: `readSelector` makes a value of it. */
class SelectorFault extends Error {}

/** Reads a whole text by a grammar. Never throws on account of the text. */
export function readSelector(text: string, grammar: (cursor: Cursor) => Selector): SelectorReading {
  if (text.length > LONGEST_SELECTOR) {
    return { fault: `has ${text.length} characters: ${LONGEST_SELECTOR} is the most` };
  }
  const cursor = new Cursor(text);
  try {
    const selector = grammar(cursor);
    if (!cursor.atEnd) cursor.fail('its end or another condition');
    return { selector };
  } catch (fault) {
    if (fault instanceof SelectorFault) return { fault: fault.message };
    throw fault;
  }
}

/**
 * A place in the text of a selector. Every step goes forward, so a text is read in one pass; white space is skipped.
 */
export class Cursor {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipSpace();
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** Steps over this text if it is what comes next. */
  take(text: string): boolean {
    if (!this.takeOnly(text)) return false;
    this.#skipSpace();
    return true;
  }

  /** As `take`, but leaves the white space behind it: in quotes that is part of the value. */
  takeOnly(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  expect(text: string, expected = `"${text}"`): void {
    if (!this.take(text)) this.fail(expected);
  }

  /** Steps over the longest piece of such characters; empty where there is none. */
  takeWhile(characters: RegExp): string {
    const start = this.#at;
    while (characters.test(this.#text.charAt(this.#at))) this.#at++;
    const taken = this.#text.slice(start, this.#at);
    this.#skipSpace();
    return taken;
  }

  /** As `takeWhile`; what it took has to pass the check. */
  word(characters: RegExp, isRight: (word: string) => boolean, expected: string): string {
    const start = this.#at;
    const word = this.takeWhile(characters);
    if (isRight(word)) return word;
    this.#at = start;
    return this.fail(expected);
  }

  /** Steps over everything up to a closing mark and the mark itself; returns what lay before it. */
  upTo(mark: string, expected: string): string {
    const end = this.#text.indexOf(mark, this.#at);
    if (end === -1) {
      this.#at = this.#text.length;
      return this.fail(expected);
    }
    const taken = this.#text.slice(this.#at, end);
    this.#at = end + mark.length;
    this.#skipSpace();
    return taken;
  }

  /** Reads something one level deeper. */
  nested<T>(read: () => T): T {
    if (this.#depth === DEEPEST) this.fail(`at most ${DEEPEST} levels of parentheses`);
    this.#depth++;
    const inner = read();
    this.#depth--;
    return inner;
  }

  fail(expected: string): never {
    const rest = this.#text.slice(this.#at, this.#at + 12);
    const found = this.atEnd ? 'its end' : JSON.stringify(rest);
    throw new SelectorFault(`at character ${this.#at + 1} found ${found}: expected ${expected}`);
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
  }
}
