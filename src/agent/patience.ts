import type { Clock } from '../base/clock.ts';

/** Milliseconds for which the API server is waited for by somebody who waits at a terminal. */
export const PATIENCE = 15_000;
/** Milliseconds after which they are told for what. */
const UNTOLD = 2_000;

export interface Waiting {
  readonly clock: Clock;
  /** Takes a line about what is waited for. */
  readonly waits: (line: string) => void;
}

/**
 * Says for what is waited if that takes a while.
 *
 * @param what as it is known then
 * @returns to be called when the waiting is over
 */
export function tellIfLate({ clock, waits }: Waiting, what: () => string): () => void {
  return clock.after(UNTOLD, () => waits(`waiting up to ${PATIENCE / 1_000} s for ${what()}`));
}
