import { expect, test } from 'vitest';
import { restartDelay, TOO_MANY } from '../../../src/serve/batched/restarts.ts';

test('a thread is started again at once, and ever more seldom where that does not help', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 100].map(restartDelay);
  expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
});

test('that it cannot serve is said within two seconds of failures', () => {
  const before = Array.from({ length: TOO_MANY - 1 }, (_, index) => restartDelay(index + 1));
  expect(before.reduce((sum, delay) => sum + delay, 0)).toBeLessThan(2_000);
});
