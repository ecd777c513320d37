import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { AnswerMessage } from '../../answer/ready-answer.ts';
import type { Logger } from '../../ops/log.ts';
import { Arena } from './arena.ts';
import type { SlowQuery } from './serving.ts';
import { Signals } from './signals.ts';
import type { Memory, SystemCalls } from './system-calls.ts';
import type { WorkerStart } from './worker.ts';

export interface ServingThreadOptions
  extends Omit<WorkerStart, 'memory' | 'messages' | 'sendRoom' | 'signals' | 'answers'> {
  readonly calls: SystemCalls;
  readonly log: Logger;
  /** Called for each query that the thread cannot answer by itself. */
  readonly slow: (query: SlowQuery) => void;
}

/**
 * Datagrams of one batch: what comes in while as many are answered and sent, and a quarter of the processor's cache.
 */
const MESSAGES = 64;

/**
 * MiB for what a thread has just made. The fast path makes nothing; with V8's own choice of 16 and more, what little
 * there is would lie about until as much has come together.
 */
const YOUNG_GENERATION = 2;

/** Milliseconds before a thread that failed is started again. What arrives meanwhile waits in the socket. */
const RESTART = 1_000;

/** A thread that serves one socket, started again if it fails. */
export class ServingThread {
  readonly signals = new Signals(Signals.words());
  readonly #options: ServingThreadOptions;
  readonly #memory: Memory;
  readonly #sendRoom: number;
  #worker: Worker | undefined;
  #answers: MessagePort | undefined;
  #restart: NodeJS.Timeout | undefined;
  #ended = () => {};

  constructor(options: ServingThreadOptions) {
    this.#options = options;
    this.#sendRoom = Math.max(512, options.fastPath.payloadSize);
    this.#memory = options.calls.map(Arena.lengthFor(MESSAGES, this.#sendRoom));
    this.#start();
  }

  /** Sends an answer that was compiled for a query of this thread's. */
  keep(answer: AnswerMessage): void {
    this.#answers?.postMessage(answer);
    this.signals.countSent();
  }

  /** Resolves once the thread has answered what had arrived, or handed it over. */
  async stop(): Promise<void> {
    clearTimeout(this.#restart);
    this.signals.stop();
    if (this.#worker !== undefined) {
      await new Promise<void>(ended => {
        this.#ended = ended;
      });
    }
    this.#options.calls.unmap(this.#memory);
  }

  #start(): void {
    const { calls, log, slow, ...shared } = this.#options;
    const { port1, port2 } = new MessageChannel();
    const start: WorkerStart = {
      ...shared,
      ...{ memory: this.#memory, messages: MESSAGES, sendRoom: this.#sendRoom },
      ...{ signals: this.signals.words, answers: port2 },
    };
    const worker = new Worker(new URL('../../thread.js', import.meta.url), {
      argv: [new URL('./worker.ts', import.meta.url).href],
      workerData: start,
      transferList: [port2],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION },
    });
    worker.on('message', (queries: readonly SlowQuery[]) => {
      for (const query of queries) {
        slow(query);
        this.signals.addPending(-1);
      }
    });
    worker.on('error', error => log.error({ err: error }, 'thread that serves udp failed'));
    worker.on('exit', () => this.#exited(port1));
    port1.unref();
    this.#answers = port1;
    this.#worker = worker;
  }

  #exited(answers: MessagePort): void {
    answers.close();
    this.#answers = undefined;
    this.#worker = undefined;
    this.signals.addPending(-this.signals.pending);
    if (this.signals.stopping) this.#ended();
    else this.#restart = setTimeout(() => this.#start(), RESTART);
  }
}
