import { readFileSync } from 'node:fs';
import { encode, type RecordType } from 'dns-packet';

/** What a load asks for. */
export type Asked =
  /** The questions of a file as dnsperf reads them, `name type` by line, in turn. */
  | { readonly file: string }
  /** Addresses of names that nobody asked for before: numbers from `first` on, each a label before a name. */
  | { readonly below: string; readonly first: number };

/** The query of each turn in wire format, with any id. It is done with before the next one is asked for. */
export type Questions = (turn: number) => Uint8Array;

/** Digits of a number that is a label, and where they are: behind the header and the length of the label. */
const DIGITS = 12;
const DIGITS_END = 13 + DIGITS;
const ZERO = 0x30;

export function questionsOf(asked: Asked): Questions {
  if ('below' in asked) return newNames(asked.below, asked.first);
  const lines = readFileSync(asked.file, 'utf8').trimEnd().split('\n');
  return inTurn(
    lines.map(line => {
      const [name = '', type = 'A'] = line.split(' ');
      return queryFor(name, type as RecordType);
    }),
  );
}

export function inTurn(queries: readonly Uint8Array[]): Questions {
  return turn => {
    const query = queries[turn % queries.length];
    if (query === undefined) throw new Error('there is nothing to take turns');
    return query;
  };
}

/** All turns write the same memory: a flood has more names than a client could encode beforehand. */
export function newNames(below: string, first: number): Questions {
  const query = queryFor(`${'0'.repeat(DIGITS)}.${below}`, 'A');
  return turn => {
    let left = first + turn;
    for (let at = DIGITS_END - 1; at >= DIGITS_END - DIGITS; at--) {
      query[at] = ZERO + (left % 10);
      left = Math.floor(left / 10);
    }
    return query;
  };
}

function queryFor(name: string, type: RecordType): Uint8Array {
  return encode({ type: 'query', id: 0, questions: [{ name, type }] });
}
