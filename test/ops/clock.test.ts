import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/ops/clock.ts';

const MONTH = 31 * 86_400_000;

test('calls back when the time has passed, and in order', async () => {
  const began = systemClock.now();
  const calls: string[] = [];
  await new Promise<void>(resolve => {
    systemClock.after(20, () => {
      calls.push('late');
      resolve();
    });
    systemClock.after(0, () => calls.push('next turn'));
    calls.push('now');
  });
  expect(calls).toEqual(['now', 'next turn', 'late']);
  // Timers of Node may come a millisecond early.
  expect(systemClock.now() - began).toBeGreaterThanOrEqual(19);
});

test('calls back neither what was called off nor, at once, what is far away', async () => {
  const calls: string[] = [];
  systemClock.after(0, () => calls.push('turn'))();
  systemClock.after(5, () => calls.push('timer'))();
  const cancel = systemClock.after(MONTH, () => calls.push('far'));
  await sleep(30);
  cancel();
  expect(calls).toEqual([]);
});
