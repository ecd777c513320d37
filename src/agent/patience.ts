import type { Clock } from '../base/clock.ts';

/** Milliseconds for which the API server is waited for by somebody who waits at a terminal. */
const PATIENCE = 15_000;
/** Milliseconds after which they are told for what. */
const UNTOLD = 2_000;

export interface Waiting {
  readonly clock: Clock;
  /** Takes a line about what is waited for. */
  readonly waits: (line: string) => void;
}

export interface Patience {
  /** Aborted when all of it is gone. */
  readonly signal: AbortSignal;
  /** To be called when the waiting is over. */
  readonly end: () => void;
}

/**
 * Begins to wait, and says for what if that takes a while.
 *
 * @param what as it is known then
 */
export function patienceFor({ clock, waits }: Waiting, what: () => string): Patience {
  const seconds = PATIENCE / 1_000;
  const late = new AbortController();
  const tell = clock.after(UNTOLD, () => waits(`waiting up to ${seconds} s for ${what()}`));
  const giveUp = clock.after(PATIENCE, () => late.abort(new Error(`no answer within ${seconds} s`)));
  return {
    signal: late.signal,
    end: () => {
      tell();
      giveUp();
    },
  };
}
