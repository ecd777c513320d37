import { lex, type Token } from './lexer.ts';
import { type Corefile, type Directive, type Entry, invalid, type ServerBlock, shown } from './model.ts';

/** No plugin nests blocks deeper than three; what nests deeper than this is no Corefile, and would fill our stack. */
const MOST_NESTED = 50;

/**
 * Reads a Corefile as CoreDNS's parser does (github.com/coredns/caddy, caddyfile/parse.go). Refused is what that
 * refuses, and what it takes for something else than was meant: a `{` that sticks to a word, a block or a comma without
 * a zone, a `}` too many or a last one too few, a quote that never ends. Names of plugins and their arguments are not
 * judged, and `{$NAME}` stays as it is written.
 *
 * @param file what the text is called in errors and places
 * @throws CausewayError COREFILE_INVALID
 */
export function readCorefile(text: string, file = 'Corefile'): Corefile {
  const { tokens, comments } = lex(text, file);
  const cursor = new Cursor(tokens);
  const entries: Entry[] = [];
  const snippets = new Set<string>();
  for (let token = cursor.peek(); token !== undefined; token = cursor.peek()) {
    const entry = token.text === 'import' ? topImport(cursor, token) : block(cursor, token);
    if (entry.kind === 'snippet') {
      if (snippets.has(entry.name))
        throw invalid(entry, `a second snippet (${entry.name})`, 'give it another name');
      snippets.add(entry.name);
    }
    entries.push(entry);
  }
  return { file, text, entries, comments };
}

/**
 * Reads the lines of a block without the block around them: a file that is imported inside a server block.
 *
 * @throws CausewayError COREFILE_INVALID
 */
export function readDirectives(text: string, file: string): readonly Directive[] {
  return directives(new Cursor(lex(text, file).tokens), undefined, 0);
}

/** Where a reader stands among the words. */
class Cursor {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  pass(): void {
    this.#at += 1;
  }

  last(): Token | undefined {
    return this.#tokens[this.#at - 1];
  }

  /** The next word, if it stands on the line of the last one. */
  onSameLine(): Token | undefined {
    const next = this.peek();
    return next !== undefined && next.line === this.last()?.lastLine ? next : undefined;
  }
}

function topImport(cursor: Cursor, first: Token): Entry {
  const { words, inner, ...place } = directive(cursor, first, 0);
  const [pattern] = words;
  if (pattern === undefined || inner !== undefined) throw new Error('an import without its pattern');
  return { kind: 'import', file: place.file, start: place.start, end: place.end, line: place.line, pattern };
}

function block(cursor: Cursor, first: Token): Entry {
  const keys = keysOf(cursor, first);
  const open = cursor.peek();
  const braces = open?.text === '{';
  if (braces) cursor.pass();
  const name = keys.length === 1 ? /^\((.*)\)$/s.exec(keys[0]?.text ?? '')?.[1] : undefined;
  if (name !== undefined && !braces)
    throw invalid(first, `the snippet ${shown(first.text)} without a block`, 'open one with { behind it');
  const inner = directives(cursor, braces ? open : undefined, 1);
  const place = {
    file: first.file,
    start: first.start,
    end: cursor.last()?.end ?? first.end,
    line: first.line,
  };
  if (name !== undefined) return { kind: 'snippet', ...place, name, directives: inner };
  return { kind: 'server', ...place, keys, directives: inner, braces };
}

/** The zones before a `{`. A comma at the end of one says that another follows, on the next line if need be. */
function keysOf(cursor: Cursor, first: Token): ServerBlock['keys'] {
  if (first.text === '}')
    throw invalid(first, 'a } that closes nothing', 'remove it, or add the { that it closes');
  const keys: Token[] = [];
  let comma = false;
  for (let token: Token | undefined = first; token !== undefined; token = cursor.peek()) {
    if (token.text === '{' || (!comma && token !== first && cursor.onSameLine() === undefined)) break;
    refuseGlued(token);
    // An empty word, "", is passed over.
    if (token.text !== '') {
      comma = token.text.endsWith(',');
      const text = comma ? token.text.slice(0, -1) : token.text;
      // CoreDNS would take it for the root.
      if (text === '')
        throw invalid(token, 'a comma without a zone before it', 'name one, or remove the comma');
      keys.push({ ...token, text });
    }
    cursor.pass();
  }
  if (comma) throw invalid(cursor.last() ?? first, 'no zone after a comma', 'name one, or remove the comma');
  if (keys.length === 0) throw invalid(first, 'a block without a zone', 'write its zone before the {');
  return keys;
}

/** The lines up to the `}` of `open`, or up to the end of the text where no brace was opened. */
function directives(cursor: Cursor, open: Token | undefined, depth: number): Directive[] {
  if (depth > MOST_NESTED && open !== undefined)
    throw invalid(
      open,
      `more than ${MOST_NESTED} blocks inside each other`,
      'close those that are done with }',
    );
  const found: Directive[] = [];
  for (let token = cursor.peek(); token !== undefined; token = cursor.peek()) {
    if (token.text === '}') {
      if (open === undefined)
        throw invalid(token, 'a } that closes nothing', 'remove it, or add the { that it closes');
      if (cursor.last() !== open && cursor.onSameLine() !== undefined)
        throw invalid(token, 'a } behind other words', 'put it on a line of its own');
      cursor.pass();
      return found;
    }
    found.push(directive(cursor, token, depth));
  }
  if (open !== undefined)
    throw invalid(open, 'a { that is never closed', 'close it with } on a line of its own');
  return found;
}

function directive(cursor: Cursor, name: Token, depth: number): Directive {
  if (name.text === '{')
    throw invalid(name, 'a { without a word before it', 'put it at the end of the line that it belongs to');
  refuseGlued(name);
  cursor.pass();
  const words: Token[] = [];
  for (let token = cursor.onSameLine(); token !== undefined; token = cursor.onSameLine()) {
    if (token.text === '{' || token.text === '}') break;
    refuseGlued(token);
    words.push(token);
    cursor.pass();
  }
  const open = cursor.onSameLine();
  if (name.text === 'import' && (words.length !== 1 || words[0]?.text === '' || open?.text === '{'))
    throw invalid(name, `import of ${words.length} patterns`, 'import exactly one, without a block');
  const inner = open?.text === '{' ? body(cursor, open, depth + 1) : undefined;
  const end = cursor.last()?.end ?? name.end;
  return { file: name.file, start: name.start, end, line: name.line, name, words, inner };
}

function body(cursor: Cursor, open: Token, depth: number): Directive[] {
  cursor.pass();
  const inner = directives(cursor, open, depth);
  const behind = cursor.onSameLine();
  if (behind !== undefined)
    throw invalid(behind, `${shown(behind.text)} behind a }`, 'put it on a line of its own');
  return inner;
}

/** To CoreDNS `.:53{` is a word without a brace: it would go on as a block that has none. */
function refuseGlued(token: Token): void {
  if (token.text.length > 1 && token.text.endsWith('{'))
    throw invalid(token, shown(token.text), 'put a blank before the {');
}
