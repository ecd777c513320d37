import { setImmediate } from 'node:timers/promises';

/** How long the event loop may be held at a stretch, in milliseconds: a query that comes meanwhile waits that long. */
const HOLD = 8;

/**
 * Lets long work give way to queries. All work of one source shares one pace: what wakes up together still takes turns.
 */
export class Pace {
  #since = performance.now();
  #turn: Promise<void> | undefined;

  /** True: `breathe` before going on. Asked apart from it, because an await for nothing is dear in a hot loop. */
  get due(): boolean {
    return performance.now() - this.#since >= HOLD;
  }

  /** Resolves when the event loop has had its turn. */
  async breathe(): Promise<void> {
    while (this.due) {
      this.#turn ??= this.#nextTurn();
      await this.#turn;
    }
  }

  async #nextTurn(): Promise<void> {
    await setImmediate();
    this.#since = performance.now();
    this.#turn = undefined;
  }
}
