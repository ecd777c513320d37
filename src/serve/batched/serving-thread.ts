import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { startThread } from '../../ops/thread.ts';
import { FastCounts } from '../fast-counts.ts';
import type { Lesson } from './lessons.ts';
import { Signals } from './signals.ts';
import type { SlowQuery } from './slow-query.ts';
import type { WorkerMessage, WorkerStart } from './worker.ts';

export interface ServingThreadOptions extends Omit<WorkerStart, 'lessons' | 'lessonsBefore'> {
  /** Called for each query that the thread cannot answer by itself. */
  readonly slow: (query: SlowQuery) => void;
  /** Called once where the thread may not run on its CPU, and runs on any. */
  readonly unbound: () => void;
}

/**
 * MiB for what a thread has just made. The fast path makes nothing; with V8's own choice of 16 and more, what little
 * there is would lie about until as much has come together.
 */
export const YOUNG = 2;

/**
 * MiB of heap that a thread may have, and KiB of it for each of its answers. Those that take the most take at most two
 * thirds of the latter (a test holds that), since V8 takes garbage away late.
 */
const HEAP = 64;
const HEAP_BY_ANSWER = 3;

/** MiB of heap that a thread may have, at most so many answers among them. */
export function heapFor(answers: number): number {
  return HEAP + Math.ceil((answers * HEAP_BY_ANSWER) / 1024);
}

/** Milliseconds within which a thread has to serve, on a machine that may have other things to do. */
const START_LIMIT = 30_000;

/** One life of a thread that serves a socket. */
export class ServingThread {
  readonly #started = Promise.withResolvers<boolean>();
  readonly #ended = Promise.withResolvers<Error | undefined>();
  /** Resolves once it serves, or is gone without having served: false. */
  readonly started = this.#started.promise;
  /** Resolves once it is gone, with the reason; undefined: it was told to stop. */
  readonly ended = this.#ended.promise;
  /** True from when it serves until it is gone. */
  isServing = false;
  readonly #options: ServingThreadOptions;
  readonly #signals: Signals;
  readonly #lessons: MessagePort;
  readonly #patience: NodeJS.Timeout;
  #isGone = false;
  #reason: Error | undefined;

  constructor(options: ServingThreadOptions) {
    const { slow, unbound, ...start } = options;
    this.#options = options;
    this.#signals = new Signals(start.signals);
    const { port1, port2 } = new MessageChannel();
    this.#lessons = port1;
    port1.unref();
    const worker = startThread(new URL('../../thread.js', import.meta.url), {
      heap: heapFor(start.fastPath.answers),
      young: YOUNG,
      argv: [new URL('./worker.ts', import.meta.url).href],
      workerData: { ...start, lessons: port2, lessonsBefore: this.#signals.sent } satisfies WorkerStart,
      transferList: [port2],
    });
    this.#patience = setTimeout(() => {
      this.#reason = new Error(`it did not serve within ${START_LIMIT / 1000} s`);
      void worker.terminate();
    }, START_LIMIT);
    worker.on('message', (message: WorkerMessage) => this.#told(message));
    worker.on('error', error => {
      this.#reason ??= error;
    });
    worker.on('exit', code => this.#exited(code));
  }

  /** Sends what came of a query of this thread's. */
  teach(lesson: Lesson): void {
    if (this.#isGone) return;
    this.#lessons.postMessage(lesson);
    this.#signals.countSent();
  }

  #told(message: WorkerMessage): void {
    if (message === 'unbound') this.#options.unbound();
    else if (message === 'serving') this.#serves();
    else this.#answerSlowly(message);
  }

  #serves(): void {
    clearTimeout(this.#patience);
    this.isServing = true;
    this.#started.resolve(true);
  }

  #answerSlowly(queries: readonly SlowQuery[]): void {
    for (const query of queries) {
      this.#options.slow(query);
      this.#signals.addPending(-1);
    }
  }

  #exited(code: number): void {
    clearTimeout(this.#patience);
    this.isServing = false;
    this.#isGone = true;
    this.#lessons.close();
    this.#countLost();
    this.#started.resolve(false);
    const ownEnd = this.#signals.stopping ? undefined : new Error(`it ended with exit code ${code}`);
    this.#ended.resolve(this.#reason ?? ownEnd);
  }

  /** What waited in it, or was handed over and never came, is nobody's any more. */
  #countLost(): void {
    const { waiting, pending } = this.#signals;
    new FastCounts(this.#options.counts).countDropped('thread', waiting + pending);
    this.#signals.waiting = 0;
    this.#signals.addPending(-pending);
  }
}
