import { expect, test } from 'vitest';
import { orAborted } from '../../src/base/or-aborted.ts';

const reason = new Error('nobody waits any more');

test('who has lost interest does not wait, and hears of no failure afterwards', async () => {
  const unhandled: unknown[] = [];
  const hear = (error: unknown): number => unhandled.push(error);
  process.on('unhandledRejection', hear);
  try {
    for (const abortedFirst of [true, false]) {
      const work = Promise.withResolvers<string>();
      const interest = new AbortController();
      if (abortedFirst) interest.abort(reason);
      const outcome = orAborted(work.promise, interest.signal);
      if (!abortedFirst) interest.abort(reason);
      await expect(outcome).rejects.toBe(reason);
      work.reject(new Error('too late'));
      await new Promise(setImmediate);
    }
  } finally {
    process.off('unhandledRejection', hear);
  }
  expect(unhandled).toEqual([]);
});

test('what ends first counts', async () => {
  const { signal } = new AbortController();
  expect(await orAborted(Promise.resolve('done'), signal)).toBe('done');
  expect(await orAborted(Promise.resolve('done'), undefined)).toBe('done');
  await expect(orAborted(Promise.reject(reason), signal)).rejects.toBe(reason);
});
