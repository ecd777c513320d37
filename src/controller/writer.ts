/** How often the API server took what we wrote, over all terms of this process. */
export interface Writes {
  ok: number;
  failed: number;
}

/** All that a term writes goes through here: nothing without the lease, and everything is counted. */
export class Writer {
  readonly #leads: () => boolean;
  readonly #writes: Writes;

  /** @param leads whether this process leads at this very moment */
  constructor(leads: () => boolean, writes: Writes) {
    this.#leads = leads;
    this.#writes = writes;
  }

  /**
   * @returns what came in the way; undefined: it is written
   * @throws where this process may not write any more
   */
  async attempt(write: () => Promise<void>): Promise<{ readonly fault: unknown } | undefined> {
    // A process that was stopped for a while learns of changes before its timers tell it that its lease has run out.
    if (!this.#leads()) throw new Error('another process may lead by now; nothing is written');
    try {
      await write();
      this.#writes.ok++;
      return undefined;
    } catch (fault) {
      this.#writes.failed++;
      return { fault };
    }
  }
}
