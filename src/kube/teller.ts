import { messageOf } from '../base/errors.ts';
import type { Logger } from '../ops/log.ts';

/** Faults that are remembered so as to be told once only; past so many, some are told again. */
const MAX_KNOWN = 1_000;

/** Calls what an informer was given by others: not after it was stopped, and without falling over what they throw. */
export class Teller {
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  readonly #known = new Set<string>();

  constructor(log: Logger, signal: AbortSignal) {
    this.#log = log;
    this.#signal = signal;
  }

  /**
   * What the call returns; undefined if it was not made, or threw, which is logged once for each object and reason.
   *
   * @param object of which the call is about, for the log
   */
  call<R>(message: string, object: string, call: () => R): R | undefined {
    if (this.#signal.aborted) return undefined;
    try {
      return call();
    } catch (thrown) {
      const reason = messageOf(thrown);
      const id = [message, object, reason].join('\n');
      if (!this.#known.has(id)) {
        if (this.#known.size >= MAX_KNOWN) this.#known.clear();
        this.#known.add(id);
        this.#log.error({ object, reason }, message);
      }
      return undefined;
    }
  }
}
