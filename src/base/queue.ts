import { type BackoffRange, backoff } from './backoff.ts';
import type { Clock } from './clock.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Most keys worked on at once. */
  readonly concurrency: number;
  /** Brings the world in line with what holds for the key now. A rejection means: try again later. */
  readonly work: (key: string) => Promise<unknown>;
  /** Told of each rejection, and in how many milliseconds the next try comes. Must not throw. */
  readonly failed: (key: string, reason: unknown, retryIn: number) => void;
}

/** Waits before the next try. */
const WAITS: BackoffRange = { least: 50, most: 60_000 };

/**
 * News of a key cut its wait short to this: what it failed on may be mended. Not to nothing, for a key that changes all
 * the time and always fails would then be tried all the time.
 */
const WAIT_DESPITE_NEWS = 1_000;

/** Ready: waits for its turn. Again: is worked on, and has been added since. */
type KeyState = 'ready' | 'running' | 'again';

/** What a key that failed remembers until it succeeds. */
interface Failure {
  readonly count: number;
  /** News let it in from here on. */
  readonly notBefore: number;
  readonly cancelRetry: () => void;
}

/**
 * Keys of things that may be out of line, each worked on by at most one worker at a time, in the order in which they
 * were added. However often a key is added while it waits, it is worked on once; added while it is worked on, once
 * more. Holds keys only: what is to be done is looked up when their turn comes.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #states = new Map<string, KeyState>();
  /** Ready keys in two stacks, which makes taking the oldest cheap: the newest last, and the oldest last. */
  #added: string[] = [];
  #next: string[] = [];
  #running = 0;
  #beginning = false;
  readonly #delayed = new Map<string, { readonly due: number; readonly cancel: () => void }>();
  readonly #failures = new Map<string, Failure>();
  readonly #idleWaiters: (() => void)[] = [];
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** How many keys wait for a worker, have one, wait for a time, and have failed without having succeeded since. */
  get counts(): { ready: number; running: number; delayed: number; failing: number } {
    return {
      ready: this.#added.length + this.#next.length,
      running: this.#running,
      delayed: this.#delayed.size,
      failing: this.#failures.size,
    };
  }

  /**
   * The key may be out of line. Work on it begins in a later turn of the event loop, so what belongs together is one.
   */
  add(key: string): void {
    if (this.#stopped) return;
    const wait = (this.#failures.get(key)?.notBefore ?? 0) - this.#options.clock.now();
    // A key that is worked on has its time when that is over: it may yet succeed.
    if (wait > 0 && !this.#states.has(key)) this.addAfter(key, wait);
    else this.#enqueue(key);
  }

  /** As `add` in so many milliseconds, whatever else happens; of several times for one key only the earliest holds. */
  addAfter(key: string, delay: number): void {
    if (this.#stopped) return;
    const due = this.#options.clock.now() + delay;
    const pending = this.#delayed.get(key);
    if (pending !== undefined && pending.due <= due) return;
    pending?.cancel();
    const cancel = this.#options.clock.after(delay, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { due, cancel });
  }

  /** Resolves when no key is worked on or waits for a worker; those that wait for a time do not count. */
  idle(): Promise<void> {
    return new Promise(resolve => {
      this.#idleWaiters.push(resolve);
      this.#settle();
    });
  }

  /** Begins no more work and drops what waits. Resolves when what is under way has ended. */
  stop(): Promise<void> {
    this.#stopped = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    for (const { cancelRetry } of this.#failures.values()) cancelRetry();
    this.#delayed.clear();
    this.#failures.clear();
    this.#added = [];
    this.#next = [];
    for (const [key, state] of this.#states) {
      if (state === 'ready') this.#states.delete(key);
    }
    return this.idle();
  }

  #enqueue(key: string): void {
    const state = this.#states.get(key);
    if (state === 'running') this.#states.set(key, 'again');
    if (state !== undefined) return;
    this.#states.set(key, 'ready');
    this.#added.push(key);
    this.#beginSoon();
  }

  #beginSoon(): void {
    if (this.#beginning || this.#stopped) return;
    this.#beginning = true;
    this.#options.clock.after(0, () => {
      this.#beginning = false;
      this.#begin();
    });
  }

  /** Gives the oldest keys to the workers that are free. */
  #begin(): void {
    while (this.#running < this.#options.concurrency) {
      if (this.#next.length === 0) {
        this.#next = this.#added.reverse();
        this.#added = [];
      }
      const key = this.#next.pop();
      if (key === undefined) return;
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    this.#running++;
    this.#states.set(key, 'running');
    this.#failures.get(key)?.cancelRetry();
    try {
      await this.#options.work(key);
      this.#failures.delete(key);
    } catch (thrown) {
      this.#fail(key, thrown);
    }
    const again = this.#states.get(key) === 'again';
    this.#states.delete(key);
    this.#running--;
    if (again) this.add(key);
    this.#settle();
    if (this.counts.ready > 0) this.#beginSoon();
  }

  #fail(key: string, reason: unknown): void {
    const { clock, random, failed } = this.#options;
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    const wait = backoff(count, random, WAITS);
    failed(key, reason, wait);
    if (this.#stopped) return;
    const notBefore = clock.now() + Math.min(wait, WAIT_DESPITE_NEWS);
    const cancelRetry = clock.after(wait, () => this.#enqueue(key));
    this.#failures.set(key, { count, notBefore, cancelRetry });
  }

  #settle(): void {
    if (this.#states.size > 0) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }
}
