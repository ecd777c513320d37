import type { SlowQuery } from './slow-query.ts';

/** Queries that may wait in one thread: some 5 MB of memory, and what comes in while a thousand names are compiled. */
export const MOST_WAITING = 8192;

/**
 * Queries for what the slow path has been asked already. A name that is asked for a hundred times a second is handed
 * over once after a change, and the others wait for the answer here: in the slow path's queue they would take the
 * places of names that nobody has asked for yet, and after a change of a thousand names there is none to spare.
 *
 * Questions are told apart by the hash of `AnswerCache`. Of two that share one, the other waits for nothing, and is
 * handed over after all.
 */
export class WaitingQueries {
  /** By question, those that the slow path has been asked. */
  readonly #queries = new Map<number, SlowQuery[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** A query for this has been handed over. */
  expect(question: number): void {
    if (!this.#queries.has(question)) this.#queries.set(question, []);
  }

  /** False: nobody has asked that, or there is no room. */
  join(query: SlowQuery): boolean {
    const others = this.#queries.get(query.question);
    if (others === undefined || this.#size >= MOST_WAITING) return false;
    others.push(query);
    this.#size += 1;
    return true;
  }

  /** The slow path is done with this: what waited for it. */
  release(question: number): readonly SlowQuery[] {
    const released = this.#queries.get(question) ?? [];
    this.#queries.delete(question);
    this.#size -= released.length;
    return released;
  }

  /** What waits for anything. */
  releaseAll(): readonly SlowQuery[] {
    return [...this.#queries.keys()].flatMap(question => this.release(question));
  }
}
