import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sameData } from '../../src/mesh/equal.ts';

test.each<{ one: unknown; other: unknown; same: boolean }>([
  { one: {}, other: {}, same: true },
  { one: { a: [1, { b: 'c' }] }, other: { a: [1, { b: 'c' }] }, same: true },
  { one: { a: 1, b: 2 }, other: { b: 2, a: 1 }, same: true },
  { one: [1, 2], other: [2, 1], same: false },
  { one: [1], other: [1, 2], same: false },
  { one: { a: 1 }, other: { a: 1, b: 2 }, same: false },
  { one: { a: undefined }, other: { b: undefined }, same: false },
  { one: [], other: {}, same: false },
  { one: null, other: {}, same: false },
  { one: undefined, other: null, same: false },
  { one: { a: '1' }, other: { a: 1 }, same: false },
  { one: { toString: 1 }, other: {}, same: false },
])('$one and $other', ({ one, other, same }) => {
  expect(sameData(one, other)).toBe(same);
  expect(sameData(other, one)).toBe(same);
});

test('plain data equals its copy, and its copy with anything added does not', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      expect(sameData(value, structuredClone(value))).toBe(true);
      expect(sameData({ value }, { value, added: value })).toBe(false);
      expect(sameData([value], [value, value])).toBe(false);
    }),
  );
});
