import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CausewayError } from '../../src/base/errors.ts';
import type { Corefile, Directive, Place } from '../../src/corefile/model.ts';
import { readCorefile } from '../../src/corefile/read.ts';
import { serversOf } from '../../src/corefile/servers.ts';
import { corefileText } from '../kit/corefile-text.ts';

/** Pieces that mean something to the parser, in any order. */
const soup = fc
  .array(
    fc.constantFrom(
      ...[
        'a',
        '.:53',
        '(s)',
        'import',
        's',
        '{',
        '}',
        ' {\n',
        '\n}\n',
        ' ',
        '\n',
        '\r\n',
        '\t',
        '"',
        '\\',
        '#',
        ',',
      ],
      ...['{$X}', '\uFEFF', '\u00a0', '\ud800', 'ü'],
    ),
    { maxLength: 40 },
  )
  .map(pieces => pieces.join(''));

function accepted(text: string): Corefile | undefined {
  try {
    const corefile = readCorefile(text);
    serversOf(corefile);
    return corefile;
  } catch (error) {
    expect(error).toBeInstanceOf(CausewayError);
    expect(error).toMatchObject({
      code: 'COREFILE_INVALID',
      message: expect.stringMatching(/^Corefile:\d+: found /),
    });
    return undefined;
  }
}

/** Each within the one around it and behind the one before it, on the line that it says. */
function expectOrdered(text: string, places: readonly Place[], start: number, end: number): void {
  let at = start;
  for (const place of places) {
    expect(place.start).toBeGreaterThanOrEqual(at);
    expect(place.end).toBeGreaterThan(place.start);
    expect(place.line).toBe(text.slice(0, place.start).split('\n').length);
    at = place.end;
  }
  expect(at).toBeLessThanOrEqual(end);
}

function expectNested(text: string, directive: Directive): void {
  const { name, words, inner, start, end } = directive;
  expectOrdered(text, [name, ...words, ...(inner ?? [])], start, end);
  for (const within of inner ?? []) expectNested(text, within);
}

function expectSound({ text, entries, comments }: Corefile): void {
  expectOrdered(text, entries, 0, text.length);
  expectOrdered(text, comments, 0, text.length);
  for (const entry of entries) {
    if (entry.kind === 'import') {
      expectOrdered(text, [entry.pattern], entry.start, entry.end);
    } else {
      const keys = entry.kind === 'server' ? entry.keys : [];
      expectOrdered(text, [...keys, ...entry.directives], entry.start, entry.end);
      for (const directive of entry.directives) expectNested(text, directive);
    }
  }
}

describe('places are within the text, nested, in order, and on their line', () => {
  test('in every Corefile', () => {
    fc.assert(
      fc.property(corefileText(), text => {
        const corefile = accepted(text);
        expect(corefile).toBeDefined();
        if (corefile !== undefined) expectSound(corefile);
      }),
      { numRuns: 300 },
    );
  });

  test('in whatever else is taken; what is not is COREFILE_INVALID and nothing else', () => {
    let taken = 0;
    fc.assert(
      fc.property(soup, text => {
        const corefile = accepted(text);
        if (corefile === undefined) return;
        taken += 1;
        expectSound(corefile);
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});

/** What is not linear takes minutes for a mebibyte; what is takes two seconds, on a busy machine some more. */
describe('1 MiB takes less than 15 s', () => {
  const mebibyte = (piece: string): string => piece.repeat(Math.ceil(2 ** 20 / piece.length));

  test.each([
    { what: 'words', text: mebibyte('a ') },
    { what: 'one word', text: mebibyte('a') },
    { what: 'lines', text: `. {\n${mebibyte('a\n')}}` },
    { what: 'blocks', text: mebibyte('a {\n}\n') },
    { what: 'braces that open', text: mebibyte('a {\n') },
    { what: 'braces alone', text: mebibyte('{') },
    { what: 'braces that close', text: mebibyte('}\n') },
    { what: 'quotes', text: mebibyte('"') },
    { what: 'a quote that never ends', text: `"${mebibyte('\\"')}` },
    { what: 'comments', text: mebibyte('#\n') },
    { what: 'comments that stick to words', text: mebibyte('a#') },
    { what: 'carriage returns', text: mebibyte('\r') },
    { what: 'carriage returns inside a word', text: `a${mebibyte('\r')}a` },
    { what: 'commas', text: mebibyte('a, ') },
    { what: 'keys with ports', text: `${mebibyte('a:1 ')}{\n}` },
    { what: 'one key of colons', text: `${mebibyte(':')}a {\n}` },
    { what: 'one key of variables', text: `${mebibyte('{$a}:')}a {\n}` },
    {
      what: 'a snippet imported again and again',
      text: `(s) {\n${mebibyte('a\n')}}\n. {\n${'import s\n'.repeat(9_999)}}`,
    },
    {
      what: 'snippets that import the one before twice',
      text: `(s0) {\na\n}\n${Array.from({ length: 60 }, (_, at) => `(s${at + 1}) {\nimport s${at}\nimport s${at}\n}\n`).join('')}. {\nimport s60\n}`,
    },
    { what: 'a snippet that imports itself', text: '(s) {\na\nimport s\n}\n. {\nimport s\n}' },
    { what: 'blocks of a snippet that imports itself', text: '(s) {\nimport s\n}\nimport s' },
  ])('$what', ({ text }) => {
    const started = performance.now();
    accepted(text);
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});
