import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inTurns, known, limited, tried } from '../../../src/operate/diagnose/attempt.ts';

test('what fails is a value that says why', async () => {
  const fault = Promise.reject(new Error('nobody is there'));
  fault.catch(() => {});
  expect(await known(fault)).toEqual({ unknown: 'nobody is there' });
  expect(await tried(fault)).toEqual({ failed: 'nobody is there' });
  expect(await known(Promise.resolve(1))).toEqual({ value: 1 });
});

test('what takes too long says so', async () => {
  const signal = limited(new AbortController().signal, 1);
  const waiting = sleep(10_000, undefined, { signal }).catch(() => signal.throwIfAborted());
  expect(await known(waiting)).toEqual({ unknown: 'no answer in time' });
});

test('at most so many are under way, and each result stands where its item stood', async () => {
  let running = 0;
  let most = 0;
  const work = async (item: number) => {
    running++;
    most = Math.max(most, running);
    await sleep((item * 7) % 5);
    running--;
    return item * 2;
  };
  const items = Array.from({ length: 20 }, (_, index) => index);
  expect(await inTurns(items, 3, work)).toEqual(items.map(item => item * 2));
  expect(most).toBe(3);
  expect(await inTurns([], 3, work)).toEqual([]);
});
