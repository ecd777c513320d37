import { type Cursor, readSelector } from './cursor.ts';
import type { Selector, SelectorReading } from './selector.ts';

const KEY_CHARACTER = /^[a-zA-Z0-9_./-]$/;
const LETTER = /^[a-z]$/;
const LONGEST_KEY = 512;

const KEY = 'the key of a label';
const CONDITION = 'the key of a label, has(…), all(), "!" or "("';
const OPERATOR = '"==", "!=", "in", "not in", "contains", "starts with" or "ends with"';

/**
 * Reads a selector of Calico's: `role == 'api' && (tier in {"a", "b"} || !has(canary))`. `&&` binds closer than `||`.
 * There is no escape within quotes; a text with the one kind of quote stands in the other. An empty text is none, and
 * neither is `global()`, which Calico has for things that have no namespace.
 */
export function parseCalicoSelector(text: string): SelectorReading {
  return readSelector(text, alternatives);
}

function alternatives(cursor: Cursor): Selector {
  return joined('or', '||', cursor, inner => joined('and', '&&', inner, operation));
}

function joined(
  kind: 'and' | 'or',
  mark: string,
  cursor: Cursor,
  part: (cursor: Cursor) => Selector,
): Selector {
  const first = part(cursor);
  const of = [first];
  while (cursor.take(mark)) of.push(part(cursor));
  return of.length === 1 ? first : { kind, of };
}

/** Any number of `!` before it is one or none, so that they nest nothing. */
function operation(cursor: Cursor): Selector {
  let negated = false;
  while (cursor.take('!')) negated = !negated;
  const of = plainOperation(cursor);
  return negated ? { kind: 'not', of } : of;
}

function plainOperation(cursor: Cursor): Selector {
  if (cursor.take('(')) {
    const inner = cursor.nested(() => alternatives(cursor));
    cursor.expect(')', '")", "&&" or "||"');
    return inner;
  }
  if (cursor.take('all(')) {
    cursor.expect(')');
    return { kind: 'all' };
  }
  if (cursor.take('has(')) {
    const has: Selector = { kind: 'has', key: key(cursor, KEY) };
    cursor.expect(')');
    return has;
  }
  return comparison(cursor, key(cursor, CONDITION));
}

function comparison(cursor: Cursor, key: string): Selector {
  if (cursor.take('==')) return { kind: 'in', key, values: [quoted(cursor)] };
  if (cursor.take('!=')) return { kind: 'not', of: { kind: 'in', key, values: [quoted(cursor)] } };
  const operator = cursor.word(LETTER, word => OPERATORS.has(word), OPERATOR);
  return OPERATORS.get(operator)?.(cursor, key) ?? cursor.fail(OPERATOR);
}

/** By their first word; white space between two words may be any, or none. */
const OPERATORS = new Map<string, (cursor: Cursor, key: string) => Selector>([
  ['in', (cursor, key) => ({ kind: 'in', key, values: set(cursor) })],
  ['notin', (cursor, key) => ({ kind: 'not', of: { kind: 'in', key, values: set(cursor) } })],
  ['not', (cursor, key) => ({ kind: 'not', of: { kind: 'in', key, values: set(after('in', cursor)) } })],
  ['contains', (cursor, key) => ({ kind: 'contains', key, value: quoted(cursor) })],
  ['startswith', (cursor, key) => ({ kind: 'starts with', key, value: quoted(cursor) })],
  ['starts', (cursor, key) => ({ kind: 'starts with', key, value: quoted(after('with', cursor)) })],
  ['endswith', (cursor, key) => ({ kind: 'ends with', key, value: quoted(cursor) })],
  ['ends', (cursor, key) => ({ kind: 'ends with', key, value: quoted(after('with', cursor)) })],
]);

function after(word: string, cursor: Cursor): Cursor {
  cursor.expect(word);
  return cursor;
}

/** A comma after the last value is no fault, and a set may be empty. */
function set(cursor: Cursor): string[] {
  cursor.expect('{');
  const values: string[] = [];
  while (!cursor.take('}')) {
    values.push(quoted(cursor, 'a value in quotes or "}"'));
    if (cursor.take(',')) continue;
    cursor.expect('}', '"," or "}"');
    return values;
  }
  return values;
}

function quoted(cursor: Cursor, expected = 'a value in quotes'): string {
  const mark = [`'`, `"`].find(quote => cursor.takeOnly(quote));
  return mark === undefined ? cursor.fail(expected) : cursor.upTo(mark, `a closing ${mark}`);
}

function key(cursor: Cursor, expected: string): string {
  return cursor.word(KEY_CHARACTER, word => word !== '' && word.length <= LONGEST_KEY, expected);
}
