import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../ops/log.ts';
import { Arena } from './arena.ts';
import type { Lesson } from './lessons.ts';
import { type Failures, failedAgain, isHopeless, restartDelay } from './restarts.ts';
import { ServingThread, type ServingThreadOptions } from './serving-thread.ts';
import { Signals } from './signals.ts';
import type { Memory, SystemCalls } from './system-calls.ts';

export interface TendedThreadOptions
  extends Omit<ServingThreadOptions, 'memory' | 'messages' | 'sendRoom' | 'signals' | 'unbound'> {
  readonly calls: SystemCalls;
  /**
   * Opens the socket anew. Where there is one, the socket of a thread that failed is closed until it serves again, and
   * the kernel gives its clients to others; without, what arrives meanwhile waits in the socket.
   */
  readonly reopen: (() => number) | undefined;
  /** Closes the socket, of which there is one at a time. */
  readonly close: (socket: number) => void;
  readonly log: Logger;
  /** Called once the thread has failed too often in a row; it is started again all the same until it is stopped. */
  readonly failing: (reason: string) => void;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

/**
 * Datagrams of one batch: what comes in while as many are answered and sent, and a quarter of the processor's cache.
 */
const MESSAGES = 64;

/** A socket and the thread that serves it, which is started again where it fails. */
export class TendedThread {
  readonly #signals = new Signals(Signals.words());
  /** Times that it was started again. */
  restarts = 0;
  readonly #options: TendedThreadOptions;
  readonly #memory: Memory;
  readonly #sendRoom: number;
  readonly #stopping = new AbortController();
  #socket: number;
  #thread: ServingThread | undefined;
  #life: Promise<void> = Promise.resolve();
  #lostBefore = 0;
  /** The failures that it was said of that there are too many. */
  #toldOf: number | undefined;

  /** @throws SystemCallError where there is no memory for a batch */
  constructor(options: TendedThreadOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.#sendRoom = Math.max(512, options.fastPath.payloadSize);
    this.#memory = options.calls.map(Arena.lengthFor(MESSAGES, this.#sendRoom));
  }

  get isServing(): boolean {
    return this.#thread?.isServing === true;
  }

  /** Datagrams that found no room in its sockets. */
  get lost(): number {
    return this.#lostBefore + this.#signals.lost;
  }

  /** -1: it is closed. */
  get socket(): number {
    return this.#socket;
  }

  /**
   * Resolves once the thread serves.
   *
   * @throws Error that says why it does not
   */
  async start(): Promise<void> {
    const thread = this.#launch();
    this.#life = thread.started.then(serves => (serves ? this.#tend(thread) : undefined));
    if (!(await thread.started)) throw (await thread.ended) ?? new Error('it was stopped');
  }

  /** Sends what came of a query of this thread's. */
  teach(lesson: Lesson): void {
    this.#thread?.teach(lesson);
  }

  /** Resolves once the thread has answered what had arrived, or handed it over, and its socket is closed. Once only. */
  async stop(): Promise<void> {
    this.#signals.stop();
    this.#stopping.abort();
    await this.#life;
    this.#close();
    this.#options.calls.unmap(this.#memory);
  }

  async #tend(first: ServingThread): Promise<void> {
    const { now } = this.#options;
    let since = now();
    let reason: unknown = await first.ended;
    let failures: Failures | undefined;
    while (!this.#signals.stopping) {
      const failed = now();
      failures = failedAgain(failures, failed - since, failed);
      this.#report(reason, failures, failed);
      if (this.#options.reopen !== undefined) this.#close();
      await sleep(restartDelay(failures.count), undefined, { signal: this.#stopping.signal }).catch(() => {});
      if (this.#signals.stopping) return;
      since = now();
      this.restarts += 1;
      reason = await this.#liveAgain();
    }
  }

  /** Resolves once the thread is gone again, with the reason. */
  async #liveAgain(): Promise<unknown> {
    const { reopen } = this.#options;
    try {
      if (this.#socket < 0 && reopen !== undefined) this.#socket = reopen();
      return await this.#launch().ended;
    } catch (error) {
      return error;
    }
  }

  #report(reason: unknown, failures: Failures, now: number): void {
    const { log, failing } = this.#options;
    log.error({ err: reason, failures: failures.count }, 'thread that serves udp failed');
    const { since } = failures;
    if (this.#toldOf === since || !isHopeless(failures, now)) return;
    this.#toldOf = since;
    failing(messageOf(reason));
  }

  #launch(): ServingThread {
    const { calls, log, reopen, close, failing, now, ...shared } = this.#options;
    const { words } = this.#signals;
    const own = { socket: this.#socket, memory: this.#memory, messages: MESSAGES, sendRoom: this.#sendRoom };
    const unbound = () =>
      log.warn({ cpu: shared.cpu }, 'thread that serves udp may not run on its cpu; it runs on any');
    this.#thread = new ServingThread({ ...shared, ...own, signals: words, unbound });
    return this.#thread;
  }

  #close(): void {
    if (this.#socket >= 0) this.#options.close(this.#socket);
    this.#socket = -1;
    // The next one counts from 0.
    this.#lostBefore += this.#signals.lost;
    this.#signals.lost = 0;
  }
}
