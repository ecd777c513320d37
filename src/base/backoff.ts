/** Milliseconds. */
export interface BackoffRange {
  readonly least: number;
  readonly most: number;
}

/**
 * How long to wait after so many failures in a row (from 1), in milliseconds: it doubles each time, and half of it is
 * left to chance, so that clients that failed together do not come back together.
 *
 * @param random at least 0, below 1
 */
export function backoff(failures: number, random: () => number, { least, most }: BackoffRange): number {
  const whole = Math.min(most, least * 2 ** Math.max(failures, 1));
  return Math.max(least, whole * (0.5 + random() / 2));
}
