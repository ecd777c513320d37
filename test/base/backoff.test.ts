import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoff } from '../../src/base/backoff.ts';

const range = { least: 800, most: 30_000 };

test.each([
  { failures: 1, from: 800, to: 1_600 },
  { failures: 2, from: 1_600, to: 3_200 },
  { failures: 4, from: 6_400, to: 12_800 },
  { failures: 6, from: 15_000, to: 30_000 },
  { failures: 5_000, from: 15_000, to: 30_000 },
])('after $failures failures: $from to $to ms', ({ failures, from, to }) => {
  expect(backoff(failures, () => 0, range)).toBe(from);
  expect(backoff(failures, () => 1, range)).toBe(to);
});

test('is never shorter or longer than it may be', () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (failures, chance) => {
      const delay = backoff(failures, () => chance, range);
      expect(delay).toBeGreaterThanOrEqual(range.least);
      expect(delay).toBeLessThanOrEqual(range.most);
    }),
  );
});
