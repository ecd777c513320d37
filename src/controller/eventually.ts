import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../base/errors.ts';

/** Milliseconds between two attempts. */
const RETRY = 1_000;

/**
 * Tries until it works. Each new reason why it does not is told once.
 *
 * @returns undefined: the signal came first
 */
export async function eventually<T>(
  attempt: () => Promise<T>,
  failed: (fault: unknown) => void,
  signal: AbortSignal,
): Promise<T | undefined> {
  let told: string | undefined;
  while (!signal.aborted) {
    try {
      return await attempt();
    } catch (fault) {
      if (messageOf(fault) !== told && !signal.aborted) failed(fault);
      told = messageOf(fault);
    }
    await pause(RETRY, signal);
  }
  return undefined;
}

/** Resolves when the time is over, or the signal comes. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}
