import { describe, expect, test } from 'vitest';
import { mergeConditions } from '../../src/desired/conditions.ts';
import type { Condition } from '../../src/objects/shapes.ts';

const BEFORE = '2026-01-01T00:00:00Z';
const NOW = '2026-02-01T00:00:00Z';

const ready: Condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Ready',
  message: 'published',
  lastTransitionTime: BEFORE,
};
const wanted = { type: 'Ready', status: 'True', reason: 'Ready', message: 'published' } as const;

describe('when a condition last changed', () => {
  test.each([
    { row: 'the same', want: wanted, actual: [ready], since: BEFORE },
    { row: 'another message', want: { ...wanted, message: 'elsewhere' }, actual: [ready], since: BEFORE },
    { row: 'another reason', want: { ...wanted, reason: 'Exported' }, actual: [ready], since: BEFORE },
    { row: 'another status', want: { ...wanted, status: 'False' as const }, actual: [ready], since: NOW },
    { row: 'a new one', want: wanted, actual: [{ ...ready, type: 'Valid' }], since: NOW },
  ])('$row', ({ want, actual, since }) => {
    expect(mergeConditions([want], actual, () => NOW)).toEqual([{ ...want, lastTransitionTime: since }]);
  });

  test('what is not wanted is not written', () => {
    expect(mergeConditions([], [ready], () => NOW)).toEqual([]);
  });

  test('a message of any length fits', () => {
    const [condition] = mergeConditions([{ ...wanted, message: 'x'.repeat(100_000) }], [], () => NOW);
    expect(condition?.message.length).toBeLessThanOrEqual(32_768);
  });
});
