import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Passes } from '../../../src/source/directory/passes.ts';

const HOUR = 3_600_000;

/** Passes that take so many milliseconds each, and the times at which they began and ended. */
function passesOf(duration: number, again = HOUR) {
  const times: { began: number; ended?: number }[] = [];
  const passes = new Passes(async () => {
    const time: { began: number; ended?: number } = { began: performance.now() };
    times.push(time);
    if (duration > 0) await sleep(duration);
    time.ended = performance.now();
    return again;
  });
  onTestFinished(() => passes.stop());
  return { passes, times };
}

test('many hints are one pass', async () => {
  const { passes, times } = passesOf(0);
  for (let count = 0; count < 100; count++) passes.hint();
  await vi.waitFor(() => expect(times).toHaveLength(1));
  await sleep(50);
  expect(times).toHaveLength(1);
});

test('a hint during a pass brings one more, and never two at once', async () => {
  const { passes, times } = passesOf(30);
  passes.begin();
  await vi.waitFor(() => expect(times).toHaveLength(1));
  passes.hint();
  passes.hint();
  await vi.waitFor(() => expect(times[1]?.ended).toBeDefined());
  expect(times[1]?.began).toBeGreaterThanOrEqual(times[0]?.ended ?? Number.POSITIVE_INFINITY);
  await sleep(100);
  expect(times).toHaveLength(2);
});

test('hints without end neither keep the passes away nor take all the time', async () => {
  const { passes, times } = passesOf(20);
  while (times.length < 4) {
    passes.hint();
    await sleep(times.length % 2 === 0 ? 1 : 8);
  }
  for (const [index, { ended = 0 }] of times.slice(0, -1).entries()) {
    expect((times[index + 1]?.began ?? 0) - ended).toBeGreaterThan(15);
  }
});

test('without a hint, a pass comes when the last one asked for it', async () => {
  const { passes, times } = passesOf(0, 10);
  passes.begin();
  await vi.waitFor(() => expect(times.length).toBeGreaterThan(3));
  passes.stop();
  const count = times.length;
  await sleep(50);
  expect(times).toHaveLength(count);
});
