/** From `start` up to but not including `end`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** On which line it begins, from 1. */
  readonly line: number;
}

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Finds the items of a `kind: List` without parsing them, so that those that have not changed need not be. Undefined: it is
 * no such list, or no JSON.
 *
 * Only as much of the syntax is looked at as it takes to find where each item ends. Whether the items are JSON shows when
 * they are parsed; the rest of the text is parsed here.
 */
export function splitList(text: string): Stretch[] | undefined {
  const open = findItems(text);
  const items = open === undefined ? undefined : stretchesFrom(text, open + 1);
  if (open === undefined || items === undefined) return undefined;
  const close = skipSpace(text, items.at(-1)?.end ?? open + 1);
  return isListWithoutItems(text.slice(0, open + 1) + text.slice(close)) ? items : undefined;
}

/** Where the array begins that is the value of `items`, in a text that is an object. */
function findItems(text: string): number | undefined {
  let at = skipSpace(text, 0);
  if (text.charCodeAt(at) !== OPEN_BRACE) return undefined;
  do {
    const key = skipSpace(text, at + 1);
    const colon = skipSpace(text, valueEnd(text, key));
    const value = skipSpace(text, colon + 1);
    if (text.startsWith('"items"', key)) return text.charCodeAt(value) === OPEN_BRACKET ? value : undefined;
    at = skipSpace(text, valueEnd(text, value));
  } while (text.charCodeAt(at) === COMMA);
  return undefined;
}

/** The objects of an array, from behind its bracket. Undefined: there is something else among them. */
function stretchesFrom(text: string, from: number): Stretch[] | undefined {
  const stretches: Stretch[] = [];
  let line = 1;
  let lineEnd = text.indexOf('\n');
  let start = skipSpace(text, from);
  if (text.charCodeAt(start) === CLOSE_BRACKET) return stretches;
  while (text.charCodeAt(start) === OPEN_BRACE) {
    for (; lineEnd !== -1 && lineEnd < start; lineEnd = text.indexOf('\n', lineEnd + 1)) line++;
    const end = valueEnd(text, start);
    stretches.push({ start, end, line });
    const next = skipSpace(text, end);
    if (text.charCodeAt(next) === CLOSE_BRACKET) return stretches;
    if (text.charCodeAt(next) !== COMMA) return undefined;
    start = skipSpace(text, next + 1);
  }
  return undefined;
}

function isListWithoutItems(text: string): boolean {
  try {
    const { kind, items }: { kind?: unknown; items?: unknown } = JSON.parse(text);
    // With a second `items` that one would count.
    return kind === 'List' && Array.isArray(items) && items.length === 0;
  } catch {
    return false;
  }
}

/** Where the value that begins here ends; the end of the text, if it does not. */
function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return stringEnd(text, start);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return closeOf(text, start);
  let at = start;
  while (at < text.length && !endsWord(text.charCodeAt(at))) at++;
  return at;
}

/** Behind the bracket that closes the one at `start`, of whatever kind: a wrong one shows when the value is parsed. */
function closeOf(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at) - 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

/** Behind the quote that ends the string at `start`. */
function stringEnd(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote + 1;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Space, tab and line ends. Other control characters are not JSON, which the parser finds. */
function isSpace(code: number): boolean {
  return code <= SPACE;
}

function endsWord(code: number): boolean {
  return isSpace(code) || code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET;
}
