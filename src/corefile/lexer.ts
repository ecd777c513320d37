import { type Comment, invalid, shown, type Word } from './model.ts';

/** One word, and the line on which its last character stands: a quoted word may hold line ends. */
export interface Token extends Word {
  readonly lastLine: number;
}

export interface Lexed {
  readonly tokens: readonly Token[];
  readonly comments: readonly Comment[];
}

/**
 * What CoreDNS takes for blank (Go's unicode.IsSpace), but for the carriage return: that one is dropped wherever it
 * stands outside quotes, even inside a word.
 */
const BLANK = /[\t\n\v\f \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/**
 * Cuts a text into words and comments as CoreDNS does (github.com/coredns/caddy, caddyfile/lexer.go). There is no line
 * continuation in it: a backslash escapes a quote inside quotes, and nothing else anywhere.
 *
 * @throws CausewayError COREFILE_INVALID for a quote that never ends
 */
export function lex(text: string, file: string): Lexed {
  const lexer = new Lexer(text, file);
  while (!lexer.done()) lexer.step();
  return lexer;
}

class Lexer implements Lexed {
  readonly tokens: Token[] = [];
  readonly comments: Comment[] = [];
  readonly #text: string;
  readonly #file: string;
  #at: number;
  #line = 1;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
    this.#at = text.startsWith('\uFEFF') ? 1 : 0;
  }

  done(): boolean {
    return this.#at >= this.#text.length;
  }

  step(): void {
    const character = this.#text.charAt(this.#at);
    if (character === '\r' || BLANK.test(character)) this.#pass();
    else if (character === '#') this.#comment('\n');
    else if (character === '"') this.#quoted();
    else this.#bare();
  }

  #pass(): void {
    if (this.#text.charAt(this.#at) === '\n') this.#line += 1;
    this.#at += 1;
  }

  /** @param ends what ends it beside the end of the text: the end of the line, or any blank */
  #comment(ends: '\n' | 'blank'): void {
    const start = this.#at;
    while (!this.done()) {
      const character = this.#text.charAt(this.#at);
      if (ends === '\n' ? character === '\n' : BLANK.test(character)) break;
      this.#at += 1;
    }
    const text = this.#text.slice(start, this.#at);
    this.comments.push({ file: this.#file, start, end: this.#at, line: this.#line, text });
  }

  #quoted(): void {
    const { start, line } = { start: this.#at, line: this.#line };
    this.#at += 1;
    while (this.#text.charAt(this.#at) !== '"') {
      if (this.done()) {
        const found = shown(this.#text.slice(start));
        throw invalid({ file: this.#file, line }, `${found}, a quote that never ends`, 'close it with "');
      }
      if (this.#text.charAt(this.#at) === '\\' && this.#at + 1 < this.#text.length) this.#at += 1;
      this.#pass();
    }
    this.#at += 1;
    this.#push(start, line, this.#text.slice(start + 1, this.#at - 1).replaceAll(/\\(["\\])/g, unquoted));
  }

  /**
   * A `#` ends a word, but what follows it is a comment up to the next blank only: `log# all of it` is the plugin `log`
   * with the arguments `all of it`.
   */
  #bare(): void {
    const { start, line } = { start: this.#at, line: this.#line };
    while (!this.done()) {
      const character = this.#text.charAt(this.#at);
      if (character === '#' || BLANK.test(character)) break;
      this.#at += 1;
    }
    let end = this.#at;
    while (this.#text.charAt(end - 1) === '\r') end -= 1;
    const hash = this.#text.charAt(this.#at) === '#';
    this.#push(start, line, this.#text.slice(start, end).replaceAll('\r', ''), end);
    if (hash) this.#comment('blank');
  }

  #push(start: number, line: number, text: string, end = this.#at): void {
    this.tokens.push({ file: this.#file, start, end, line, lastLine: this.#line, text });
  }
}

/** Only a quote is escaped; two backslashes stay two. */
function unquoted(pair: string, escaped: string): string {
  return escaped === '"' ? '"' : pair;
}
