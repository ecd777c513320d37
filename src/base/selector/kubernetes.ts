import { type Cursor, readSelector } from './cursor.ts';
import type { Selector, SelectorReading } from './selector.ts';

/** What ends a key or a value: all that has a meaning of its own in a selector. */
const WORD = /^[^\s=!(),]$/;
const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const KEY = 'the key of a label';
const VALUE = 'the value of a label (at most 63 letters, digits, "-", "_", ".")';

/**
 * Reads a label selector as `kubectl -l` takes it: `a=b, c!=d, e in (x,y), f notin (z), g, !h`. Every condition has to
 * hold. An empty text is none: whoever leaves it out wants everything, whoever leaves it empty made a mistake.
 */
export function parseLabelSelector(text: string): SelectorReading {
  return readSelector(text, cursor => {
    const requirements = [requirement(cursor)];
    while (cursor.take(',')) requirements.push(requirement(cursor));
    return requirements.length === 1 && requirements[0] ? requirements[0] : { kind: 'and', of: requirements };
  });
}

function requirement(cursor: Cursor): Selector {
  if (cursor.take('!')) return not({ kind: 'has', key: key(cursor) });
  const name = key(cursor);
  if (cursor.take('!=')) return not({ kind: 'in', key: name, values: [value(cursor)] });
  if (cursor.take('==') || cursor.take('=')) return { kind: 'in', key: name, values: [value(cursor)] };
  const operators = 'its end, ",", "=", "!=", "in (…)" or "notin (…)"';
  const operator = cursor.word(WORD, word => ['', 'in', 'notin'].includes(word), operators);
  if (operator === '') return { kind: 'has', key: name };
  const values: Selector = { kind: 'in', key: name, values: list(cursor) };
  return operator === 'in' ? values : not(values);
}

function list(cursor: Cursor): string[] {
  cursor.expect('(');
  const values = [value(cursor)];
  while (cursor.take(',')) values.push(value(cursor));
  cursor.expect(')', '"," or ")"');
  return values;
}

function key(cursor: Cursor): string {
  return cursor.word(WORD, isLabelKey, KEY);
}

function value(cursor: Cursor): string {
  return cursor.word(WORD, word => word === '' || NAME.test(word), VALUE);
}

function not(of: Selector): Selector {
  return { kind: 'not', of };
}

/** `name`, or `dns.subdomain/name`. */
function isLabelKey(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash === -1) return NAME.test(text);
  const prefix = text.slice(0, slash);
  return prefix.length <= 253 && PREFIX.test(prefix) && NAME.test(text.slice(slash + 1));
}
