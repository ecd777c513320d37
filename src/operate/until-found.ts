import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two looks. */
const LOOK = 200;

/**
 * Looks until something is found.
 *
 * @param longest milliseconds
 * @returns undefined: nothing was found in that time
 * @throws what looking throws, and what the signal is aborted with
 */
export async function untilFound<Value>(
  longest: number,
  signal: AbortSignal,
  look: () => Promise<Value | undefined>,
): Promise<Value | undefined> {
  const deadline = performance.now() + longest;
  for (;;) {
    const found = await look();
    if (found !== undefined || performance.now() >= deadline) return found;
    await sleep(LOOK, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
