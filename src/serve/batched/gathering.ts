/** Datagrams in a millisecond from which a thread gathers them: one in ten microseconds, half of what it can answer. */
const DENSE = 100;

/** Batches that have to be as dense one after the other: a burst is over by then. */
const IN_A_ROW = 3;

/**
 * Milliseconds. Linux wakes up to 0.05 ms later (`timerslack_ns` in proc(5)): at a million a second 70 have come then,
 * a quarter of what a socket's buffer of 208 KiB holds.
 */
const GATHER = 0.02;

/**
 * Whether a thread waits a moment before it looks for datagrams. One that is woken by the first of them finds one or
 * two, and to be woken costs as much as to answer several: as with the interrupts of network cards, under load a short
 * wait takes a seventh off what a query costs, and clients have waited longer for a thread that had no time to begin
 * with. Below half the load nobody is kept waiting.
 */
export class Gathering {
  #last = 0;
  #dense = 0;

  /**
   * @param count datagrams of the batch that was just received; none ends it
   * @param most that a batch can have: a full one says that more are there
   * @param at milliseconds on a clock that never goes back
   */
  received(count: number, most: number, at: number): void {
    const isDense = count > 0 && count < most && count >= DENSE * (at - this.#last);
    this.#dense = isDense ? this.#dense + 1 : 0;
    if (count > 0) this.#last = at;
  }

  /** Milliseconds to wait before the next look; 0: the first datagram ends it. */
  get wait(): number {
    return this.#dense >= IN_A_ROW ? GATHER : 0;
  }
}
