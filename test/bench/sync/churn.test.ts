import { expect, test } from 'vitest';
import { churn } from '../../../bench/sync/churn.ts';

/** A chain of controllers that shows a change the second time that it is asked for it. */
function slowChain() {
  const known = new Map<string, number>();
  const shown = new Map<string, number>();
  return {
    change: async (target: string, number: number) => void known.set(target, number),
    shown: async (target: string) => {
      const before = shown.get(target) ?? 0;
      shown.set(target, known.get(target) ?? 0);
      return before;
    },
  };
}

test('every change is made, those that are followed are told, and the end waits for all', async () => {
  const chain = slowChain();
  const targets = ['a', 'b', 'c'];
  const result = await churn({ targets, rate: 500, seconds: 0.06, followEvery: 10, pause: 1, ...chain });
  expect(result.count).toBe(30);
  expect(result.followed.map(({ number }) => number).toSorted((one, other) => one - other)).toEqual([
    10, 20, 30,
  ]);
  expect(await Promise.all(targets.map(chain.shown))).toEqual([30, 28, 29]);
});

test('an API server that takes no change so fast makes it fewer changes, not a longer run', async () => {
  const chain = slowChain();
  const change = (target: string, number: number) =>
    new Promise<void>(resolve => {
      setTimeout(() => resolve(chain.change(target, number)), 300);
    });
  const result = await churn({
    ...chain,
    change,
    targets: ['a'],
    rate: 100_000,
    seconds: 0.1,
    followEvery: 1,
    pause: 1,
  });
  expect(result.count).toBeLessThan(10_000);
  expect(result.rate).toBeLessThan(100_000);
});
