import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { difference } from '../../src/base/delta.ts';

const byText = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

function delta(desired: Record<string, string>, actual: Record<string, string>) {
  const wanted = Object.entries(desired).map(([key, fingerprint]) => [key, { key, fingerprint }] as const);
  const { apply, remove } = difference(new Map(wanted), new Map(Object.entries(actual)), byText);
  return { apply: apply.map(({ key }) => key), remove };
}

describe('the difference between two states', () => {
  test.each([
    { row: 'nothing at all', desired: {}, actual: {}, apply: [], remove: [] },
    { row: 'the same', desired: { a: '1' }, actual: { a: '1' }, apply: [], remove: [] },
    { row: 'missing', desired: { b: '1', a: '1' }, actual: {}, apply: ['a', 'b'], remove: [] },
    { row: 'different', desired: { a: '2' }, actual: { a: '1' }, apply: ['a'], remove: [] },
    { row: 'too many', desired: {}, actual: { a: '1', b: '1' }, apply: [], remove: ['b', 'a'] },
  ])('$row', ({ desired, actual, apply, remove }) => {
    expect(delta(desired, actual)).toEqual({ apply, remove });
  });

  test('applied, it leaves none, whatever the order of either', () => {
    const state = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2'));
    fc.assert(
      fc.property(state, state, (desired, actual) => {
        const { apply, remove } = delta(desired, actual);
        const after: Record<string, string> = { ...actual };
        for (const key of remove) delete after[key];
        for (const key of apply) after[key] = desired[key] ?? '';
        expect(delta(desired, after)).toEqual({ apply: [], remove: [] });
        const shuffled = Object.fromEntries(Object.entries(desired).reverse());
        expect(delta(shuffled, actual)).toEqual({ apply, remove });
      }),
    );
  });
});
