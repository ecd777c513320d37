import { expect, test } from 'vitest';
import { type Failures, failedAgain, isHopeless, restartDelay } from '../../../src/serve/batched/restarts.ts';

/** When it is said of a thread, in milliseconds after its first failure, that lives as long each time. */
function saidAfter(lived: number, mostFailures: number): number | undefined {
  let failures: Failures | undefined;
  const began = 7_000;
  for (let now = began, failed = 1; failed <= mostFailures; failed += 1) {
    failures = failedAgain(failures, lived, now);
    if (isHopeless(failures, now)) return now - began;
    now += restartDelay(failures.count) + lived;
  }
  return undefined;
}

test('a thread is started again at once, and ever more seldom where that does not help', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 100].map(restartDelay);
  expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
});

test.each([
  { name: 'that dies at once', lived: 0, after: 32_700 },
  { name: 'that serves for some seconds each time', lived: 5_000, after: 36_300 },
  {
    name: 'that serves for half a minute each time, not before the fifth failure',
    lived: 30_000,
    after: 121_500,
  },
  { name: 'that serves for more than a minute each time, never', lived: 60_001, after: undefined },
])('of a thread $name it is said that it cannot serve: $after ms', ({ lived, after }) => {
  expect(saidAfter(lived, 1_000)).toBe(after);
});

test('a burst of failures is not yet the end', () => {
  expect(saidAfter(0, 8)).toBeUndefined();
});
