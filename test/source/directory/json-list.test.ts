import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitList } from '../../../src/source/directory/json-list.ts';

function items(text: string): string[] | undefined {
  return splitList(text)?.map(({ start, end }) => text.slice(start, end));
}

describe('the items of a list', () => {
  test.each([
    ['on one line', '{"kind":"List","items":[{"a":1},{"b":[2]}]}', ['{"a":1}', '{"b":[2]}']],
    ['with the kind behind', '{ "items" : [ {} , {"a":{}} ] , "kind" : "List" }', ['{}', '{"a":{}}']],
    ['none', '{"kind":"List","items":[]}', []],
    ['none, with space', ' {"kind":"List","metadata":{"items":[1]},"items":[ \n ]} ', []],
    [
      'with brackets, quotes and backslashes in strings',
      String.raw`{"kind":"List","x":"\"items\":[","items":[{"a":"}]\"{\\"},{"b":"\\\"]"}]}`,
      [String.raw`{"a":"}]\"{\\"}`, String.raw`{"b":"\\\"]"}`],
    ],
    [
      'after other values',
      '{"a":1.5e3,"b":null,"c":[[]],"kind":"List","items":[{"x":true}]}',
      ['{"x":true}'],
    ],
  ])('%s', (_what, text, expected) => {
    expect(items(text)).toEqual(expected);
  });

  test('begin on lines of their own', () => {
    const text = JSON.stringify({ kind: 'List', items: [{ a: 1 }, { b: 2 }], after: '\n' }, null, 2);
    expect(splitList(text)?.map(({ line }) => line)).toEqual([4, 7]);
  });

  const value = fc.jsonValue({ depthSize: 'small' });
  test('are those that JSON.parse finds, however it is written', async () => {
    const property = fc.property(
      fc.array(fc.dictionary(fc.string(), value)),
      fc.dictionary(fc.string(), value),
      fc.constantFrom(undefined, 1, '\t', '   '),
      (list, rest, indent) => {
        const text = JSON.stringify({ ...rest, items: list, kind: 'List' }, null, indent);
        expect(items(text)?.map(item => JSON.parse(item))).toEqual(JSON.parse(text).items);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });
});

describe('what is left to the parser', () => {
  test.each([
    ['an object', '{"kind":"Service","metadata":{}}'],
    ['an object with items', '{"kind":"ServiceList","items":[{}]}'],
    ['an array', '[{"kind":"List","items":[]}]'],
    ['a list of what are no objects', '{"kind":"List","items":[1,2]}'],
    ['a list of objects and others', '{"kind":"List","items":[{},null]}'],
    ['items that are no list', '{"kind":"List","items":{"a":[]}}'],
    ['items twice', '{"kind":"List","items":[{"a":1}],"items":[{"b":2}]}'],
    ['no comma', '{"kind":"List","items":[{} {}]}'],
    ['a comma too many', '{"kind":"List","items":[{},]}'],
    ['a wrong end', '{"kind":"List","items":[{}}'],
    ['more behind the end', '{"kind":"List","items":[{}]}{}'],
    ['a comment', '{"kind":"List", # all\n"items":[{}]}'],
    ['a key without quotes', '{kind:"List","items":[{}]}'],
    ['nothing', ''],
    ['a brace', '{'],
  ])('%s', (_what, text) => {
    expect(splitList(text)).toBeUndefined();
  });

  test('every beginning of a list', () => {
    const text = JSON.stringify({ kind: 'List', items: [{ a: ['x', { b: '"' }] }, { c: 1 }], rest: {} });
    for (let length = 0; length < text.length; length++)
      expect(splitList(text.slice(0, length))).toBeUndefined();
    expect(items(text)).toHaveLength(2);
  });
});
