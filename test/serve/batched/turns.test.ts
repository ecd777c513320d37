import { readdirSync } from 'node:fs';
import { release } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import { loadSystemCalls } from '../../../src/serve/batched/system-calls.ts';
import { askForShortTurns } from '../../../src/serve/batched/turns.ts';
import { headerOnly } from '../../kit/handlers.ts';
import { sliceOf } from '../../kit/libc.ts';
import { makeBatched } from '../../kit/udp-transports.ts';

/** struct sched_attr: its size, the policy, the nice value and the slice. */
const LENGTH = 48;
const SCHED_OTHER = 0;
const SCHED_BATCH = 3;
const SCHED_IDLE = 5;

const calls = await loadSystemCalls();
const before = new Uint8Array(LENGTH);
calls.scheduling(before);
afterEach(() => calls.setScheduling(before));

/** Until then only deadlines had a slice. */
const [major = 0, minor = 0] = release().split('.').map(Number);
const isHeeded = major > 6 || (major === 6 && minor >= 12);

function scheduling(): { policy: number; nice: number; slice: bigint } {
  const view = new DataView(new ArrayBuffer(LENGTH));
  calls.scheduling(new Uint8Array(view.buffer));
  return {
    policy: view.getUint32(4, true),
    nice: view.getInt32(16, true),
    slice: view.getBigUint64(24, true),
  };
}

function setPolicy(policy: number): void {
  const attributes = before.slice();
  new DataView(attributes.buffer).setUint32(4, policy, true);
  new DataView(attributes.buffer).setBigUint64(24, 0n, true);
  calls.setScheduling(attributes);
}

test.each([
  { row: 'of the usual policy', policy: SCHED_OTHER, isAsked: true },
  { row: 'of batches', policy: SCHED_BATCH, isAsked: true },
  { row: 'that runs when nobody else does', policy: SCHED_IDLE, isAsked: false },
])('a thread $row asks for short turns: $isAsked; and stays what it is', ({ policy, isAsked }) => {
  setPolicy(policy);
  const own = scheduling();
  askForShortTurns(calls);
  expect(scheduling()).toEqual({ ...own, slice: isAsked && isHeeded ? 100_000n : own.slice });
});

test('each thread that serves has asked, and no other', async () => {
  const threads = () => readdirSync('/proc/self/task').map(Number);
  const others = new Set(threads());
  const udp = await makeBatched({
    listen: { address: '127.0.0.1', port: 0 },
    handler: headerOnly,
    threads: 2,
  });
  await udp.start();
  const asked = threads().filter(thread => sliceOf(thread) === 100_000n);
  await udp.stop();
  expect(asked).toHaveLength(isHeeded ? 2 : 0);
  expect(asked.filter(thread => others.has(thread))).toEqual([]);
});
