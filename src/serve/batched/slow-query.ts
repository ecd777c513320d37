import type { Envelope } from './arena.ts';

/** A query that the slow path has to answer. */
export interface SlowQuery {
  readonly message: Uint8Array;
  readonly envelope: Envelope;
  /** When it was read: milliseconds on the thread's clock. */
  readonly arrived: number;
  /** The thread would have answered it, had it had the answer. */
  readonly isMissing: boolean;
  /** Where it is missing: a hash of the question. */
  readonly question: number;
  /** It has an answer, but one from before a change. */
  readonly isOutdated: boolean;
  /** What was thrown where the fast path should have answered: a fault of ours. */
  readonly fault: string | undefined;
}
