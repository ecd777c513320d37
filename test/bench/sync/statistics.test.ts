import { describe, expect, test } from 'vitest';
import { byThird, percentile, summarize } from '../../../bench/sync/statistics.ts';

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

describe('percentiles', () => {
  test('are values that were measured, by nearest rank', () => {
    expect(summarize(hundred)).toEqual({ count: 100, p50: 50, p99: 99, max: 100 });
    expect(summarize([7])).toEqual({ count: 1, p50: 7, p99: 7, max: 7 });
    expect(percentile([3, 1], 0.5)).toBe(1);
  });

  test('there is none of nothing', () => {
    expect(() => percentile([], 0.5)).toThrow('no values');
  });
});

test('thirds of a run are by when a value was taken; what comes after its end is of the last', () => {
  const samples = [
    { at: 29, value: 3 },
    { at: 0, value: 1 },
    { at: 10, value: 2 },
    { at: 31, value: 4 },
  ];
  expect(byThird(samples, 30)).toEqual([[1], [2], [3, 4]]);
});
