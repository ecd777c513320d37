import { expect, test } from 'vitest';
import { Histogram } from '../../../bench/load/histogram.ts';

test.each([
  { share: 0.5, values: [4, 1, 3, 2], expected: 2 },
  { share: 0.99, values: Array.from({ length: 200 }, (_, index) => index + 1), expected: 198 },
  { share: 1, values: [7, 900], expected: 900 },
  { share: 0.5, values: [1.4, 1.4, 1.6], expected: 1 },
  { share: 1, values: [5e9], expected: 2_000_000 },
  { share: 0.5, values: [], expected: undefined },
])('the $share quantile of $values.length durations is $expected', ({ share, values, expected }) => {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  expect(histogram.quantile(share)).toBe(expected);
});
