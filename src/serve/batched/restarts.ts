/** Failures in a row after which it is said that a thread cannot serve. */
export const TOO_MANY = 5;

/** Milliseconds after which a thread that failed has served for so long that it was no failure in a row. */
export const SETTLED = 60_000;

const FIRST_DELAY = 100;
const LONGEST_DELAY = 10_000;

/**
 * Milliseconds before a thread is started again: nearly at once for what happens once, and seldom enough for what
 * happens each time that it takes nothing from the rest.
 *
 * @param failures in a row, at least 1
 */
export function restartDelay(failures: number): number {
  return Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (failures - 1));
}
