import type { SystemCalls } from './system-calls.ts';

/** struct sched_attr in its first version, and where it holds what is looked at here. */
const ATTRIBUTES = { length: 48, policy: 4, slice: 24 } as const;

/** SCHED_OTHER and SCHED_BATCH: among these the CPU is shared evenly. */
const FAIR: readonly number[] = [0, 3];

/** Nanoseconds: the least that Linux takes. */
const SLICE = 100_000n;

/**
 * Asks the scheduler for short turns of the calling thread: who asks for less at a time is let in sooner, and gets no
 * more in all. A serving thread that is woken would else wait until whoever has the CPU, often our own main thread or
 * V8's, has had a turn of some milliseconds, in which a socket's buffer is full. Linux heeds it from 6.12 on. A higher
 * priority would do it as well, but would take from the main thread what it needs to answer for names that have
 * changed.
 *
 * @throws SystemCallError where there is no such call, or a sandbox refuses it: nothing depends on it
 */
export function askForShortTurns(calls: Pick<SystemCalls, 'scheduling' | 'setScheduling'>): void {
  const attributes = new Uint8Array(ATTRIBUTES.length);
  calls.scheduling(attributes);
  const view = new DataView(attributes.buffer);
  // Whoever gave the process another policy knows why.
  if (!FAIR.includes(view.getUint32(ATTRIBUTES.policy, true))) return;
  view.setBigUint64(ATTRIBUTES.slice, SLICE, true);
  calls.setScheduling(attributes);
}
