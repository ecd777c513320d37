/** Time as the parts of a program see it that wait for something; tests bring their own. */
export interface Clock {
  /** Milliseconds since some moment of this process; never goes back, says nothing about the time of day. */
  now(): number;
  /**
   * Calls back once, when at least `delay` milliseconds have passed, and never before the caller has returned. A delay
   * of nothing means the next turn of the event loop, so that what else is due gets its turn too.
   *
   * @returns calls it off
   */
  after(delay: number, callback: () => void): () => void;
}
