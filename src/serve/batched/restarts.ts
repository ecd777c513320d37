/** Failures of a thread in a row. */
export interface Failures {
  readonly count: number;
  /** When the first of them was, in milliseconds on the clock of the others. */
  readonly since: number;
}

/**
 * Failures in a row, and milliseconds that they have gone on, after which it is said that a thread cannot serve. Both:
 * what this leads to is for good, and five restarts fit into what a machine without memory or file handles takes to
 * come to itself.
 */
const TOO_MANY = 5;
const TOO_LONG = 30_000;

/** Milliseconds after which a thread that failed has lived for so long that it was no failure in a row. */
const SETTLED = 60_000;

const FIRST_DELAY = 100;
const LONGEST_DELAY = 10_000;

/** @param lived milliseconds from when the thread was started until it failed, now */
export function failedAgain(before: Failures | undefined, lived: number, now: number): Failures {
  if (before === undefined || lived > SETTLED) return { count: 1, since: now };
  return { count: before.count + 1, since: before.since };
}

/** Whether it is to be said, at the time of the last of them, that the thread cannot serve. */
export function isHopeless({ count, since }: Failures, now: number): boolean {
  return count >= TOO_MANY && now - since >= TOO_LONG;
}

/**
 * Milliseconds before a thread is started again: nearly at once for what happens once, and seldom enough for what
 * happens each time that it takes nothing from the rest.
 *
 * @param failures in a row, at least 1
 */
export function restartDelay(failures: number): number {
  return Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (failures - 1));
}
