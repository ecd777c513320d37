/**
 * A burst of changes is over when nothing has come for so long, in milliseconds. Short, for it delays every answer;
 * what is seen half-written all the same is doubted until it is whole.
 */
const QUIET = 5;
/** A burst that does not end is looked at after so long all the same, in milliseconds. */
const LONGEST_BURST = 200;

/**
 * The longest rest after a pass, in milliseconds: after a large load, the next change is not to wait for as long again.
 */
const LONGEST_REST = 300;

/**
 * Turns many hints into few passes, one at a time. A hint during a pass brings another pass: the one under way may have
 * looked at the place already. Between two passes there is a rest as long as the first took, for not every writer in
 * the directory writes what is read, and one that never stops must not take more than half of the processor.
 */
export class Passes {
  readonly #pass: () => Promise<number>;
  #timer: NodeJS.Timeout | undefined;
  #burstBegan: number | undefined;
  #restUntil = 0;
  #running = false;
  #hinted = false;
  #stopped = false;

  /**
   * @param pass does the work, never rejects, and says after how many milliseconds it wants to be called again, hint or
   * none
   */
  constructor(pass: () => Promise<number>) {
    this.#pass = pass;
  }

  /** Something may have changed. */
  hint(): void {
    if (this.#running) {
      this.#hinted = true;
      return;
    }
    const now = performance.now();
    this.#burstBegan ??= now;
    const quiet = Math.min(QUIET, this.#burstBegan + LONGEST_BURST - now);
    this.#schedule(Math.max(quiet, this.#restUntil - now, 0));
  }

  /** Makes the first pass. */
  begin(): void {
    this.#schedule(0);
  }

  /** No pass begins after this. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    const began = performance.now();
    this.#running = true;
    this.#burstBegan = undefined;
    this.#hinted = false;
    const delay = await this.#pass();
    this.#running = false;
    const ended = performance.now();
    this.#restUntil = ended + Math.min(ended - began, LONGEST_REST);
    if (this.#hinted) this.hint();
    else this.#schedule(delay);
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#run(), delay);
  }
}
