/** Milliseconds. */
export interface GuardTimes {
  /** Without an octet: ask the server on another connection whether it is there. */
  readonly quiet: number;
  /** Without an octet although the server is there: begin the watch anew. */
  readonly silence: number;
}

/**
 * Tells the silence of a broken watch from the quiet of one on which nothing happens; on the wire they look the same.
 *
 * API servers send a bookmark about once a minute, so half a minute of quiet is common and cannot be held for a fault.
 * The server is asked then, and if it does not answer, the watch is as good as broken. If it does answer, this one
 * connection may still be dead: TCP keep-alive finds that where the path is gone, but not where a proxy holds our end
 * of the connection and has lost the other. So a watch that stays silent for longer than any bookmark takes is begun
 * anew where it stood. That costs a server without bookmarks one request now and then, and no list.
 */
export class WatchGuard {
  readonly #times: GuardTimes;
  readonly #until: number;
  readonly #ask: () => Promise<void>;
  readonly #end: () => void;
  #timer: NodeJS.Timeout | undefined;
  #heardAt = performance.now();
  #answeredAt = performance.now();
  #asking = false;

  /**
   * @param until on the clock of `performance.now()`: the watch ends then, whatever is heard of it
   * @param ask asks the server; what comes of it is the caller's business. Never rejects
   * @param end ends the watch in good order
   */
  constructor(times: GuardTimes, until: number, ask: () => Promise<void>, end: () => void) {
    this.#times = times;
    this.#until = until;
    this.#ask = ask;
    this.#end = end;
    this.#look();
  }

  /** The watch has said something. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** One question at a time. */
  async ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    await this.#ask();
    this.#asking = false;
    this.#answeredAt = performance.now();
  }

  #look(): void {
    const now = performance.now();
    const end = Math.min(this.#until, this.#heardAt + this.#times.silence);
    const ask = Math.max(this.#heardAt, this.#answeredAt) + this.#times.quiet;
    if (now >= end) {
      this.#end();
      return;
    }
    if (now >= ask) void this.ask();
    const next = this.#asking || now >= ask ? now + this.#times.quiet : ask;
    this.#timer = setTimeout(() => this.#look(), Math.ceil(Math.min(next, end) - now));
  }
}
