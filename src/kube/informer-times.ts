import type { BackoffRange } from '../base/backoff.ts';
import type { GuardTimes } from './watch-guard.ts';

/** Milliseconds, but where the name says otherwise. */
export interface InformerTimes extends GuardTimes {
  /** Between attempts after failures. */
  readonly backoff: BackoffRange;
  /** The most that a server can ask us to stay away. */
  readonly retryAfter: number;
  /** A watch that has lasted so long ends a row of failures. */
  readonly stable: number;
  /** Between the beginnings of two lists, at the least. */
  readonly listEvery: number;
  /** Between two audits, give or take a quarter. */
  readonly audit: number;
  /**
   * How long the server is to keep a watch open; spread out, so that a restart's watches do not end together for ever.
   */
  readonly watchSeconds: { readonly least: number; readonly most: number };
}

/** For one's own cluster's API server: few ask it, and everything waits for what it says. */
export const OWN_SERVER_TIMES: Partial<InformerTimes> = { backoff: { least: 800, most: 5_000 } };

export const INFORMER_TIMES: InformerTimes = {
  quiet: 30_000,
  silence: 150_000,
  backoff: { least: 800, most: 30_000 },
  retryAfter: 60_000,
  stable: 10_000,
  listEvery: 1_000,
  audit: 600_000,
  watchSeconds: { least: 290, most: 590 },
};
