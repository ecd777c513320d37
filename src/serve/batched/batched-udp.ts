import type { AnswerMessage } from '../../answer/ready-answer.ts';
import type { Logger } from '../../ops/log.ts';
import { FastCounts } from '../fast-counts.ts';
import type { BoundAddress, Handler, ListenAddress, Transport } from '../transport.ts';
import { Arena } from './arena.ts';
import { type SlowQuery, sendAll } from './serving.ts';
import { ServingThread } from './serving-thread.ts';
import { openSockets } from './socket.ts';
import type { SystemCalls } from './system-calls.ts';
import type { WorkerStart } from './worker.ts';

export interface BatchedUdpOptions {
  readonly calls: SystemCalls;
  readonly listen: ListenAddress;
  /** Threads, each with a socket of its own. */
  readonly threads: number;
  /** The slow path: what a thread cannot answer. */
  readonly handler: Handler;
  /** What threads need of the answer that the handler compiled for a message, where there is one that holds. */
  readonly compiled: (message: Uint8Array) => AnswerMessage | undefined;
  readonly board: Int32Array;
  readonly fastPath: WorkerStart['fastPath'];
  /** Undefined: no limit. Each thread has one of its own. */
  readonly limit: WorkerStart['limit'];
  readonly log: Logger;
  /** Called for every reply of the slow path that the system refused to send. */
  readonly sendFailed: () => void;
  /** Told of the counters of each thread. */
  readonly include: (counts: FastCounts) => void;
}

/** The longest reply of the slow path: what a DNS message can have. */
const LONGEST_REPLY = 65535;

/**
 * UDP on one address, read and written in batches by threads of its own:
 *
 *     recvmmsg ─► fast path ─► sendmmsg                      one thread for each socket
 *                    │ unknown, outdated, odd      ▲
 *                    ▼                             │ what was compiled
 *                 Handler ─► sendmmsg ─────────────┘         this thread, which has the zone
 *
 * No thread holds the zone, so W of them cost W times the answers that are asked for and not W indexes; and no change
 * has to be told to them, since answers are checked against the shared version board.
 */
export class BatchedUdp implements Transport {
  readonly name = 'udp';
  readonly #options: BatchedUdpOptions;
  readonly #threads: ServingThread[] = [];
  #sockets: readonly number[] = [];
  #faults = 0;
  /** Gives the memory of replies back. */
  #release = () => {};

  constructor(options: BatchedUdpOptions) {
    this.#options = options;
  }

  /** Datagrams that found no room in the kernel's buffers. */
  get lost(): number {
    return this.#threads.reduce((sum, { signals }) => sum + signals.lost, 0);
  }

  async start(): Promise<BoundAddress[]> {
    const { calls, listen, threads } = this.#options;
    const [sockets, bound] = openSockets(calls, listen, threads);
    this.#sockets = sockets;
    const memory = calls.map(Arena.lengthFor(1, LONGEST_REPLY));
    const arena = new Arena({ calls, memory, messages: 1, sendRoom: LONGEST_REPLY });
    this.#release = () => calls.unmap(memory);
    for (const socket of sockets) this.#threads.push(this.#serve(socket, arena));
    return [bound];
  }

  async stop(): Promise<void> {
    // Each once: what a thread unmaps may be somebody else's the second time.
    await Promise.all(this.#threads.splice(0).map(thread => thread.stop()));
    for (const socket of this.#sockets) this.#options.calls.close(socket);
    this.#sockets = [];
    this.#release();
    this.#release = () => {};
  }

  #serve(socket: number, arena: Arena): ServingThread {
    const { calls, board, fastPath, limit, log, include } = this.#options;
    const counts = FastCounts.words();
    include(new FastCounts(counts));
    const thread: ServingThread = new ServingThread({
      ...{ calls, socket, board, fastPath, limit, counts, log },
      slow: query => this.#answerSlowly(query, thread, socket, arena),
    });
    return thread;
  }

  #answerSlowly(query: SlowQuery, thread: ServingThread, socket: number, arena: Arena): void {
    const { calls, handler, compiled, sendFailed } = this.#options;
    const { message, envelope } = query;
    if (query.fault !== undefined) this.#logFault(query.fault);
    const reply = handler(message, { transport: 'udp', address: Arena.clientOf(envelope) });
    const answer = query.isMissing ? compiled(message) : undefined;
    if (answer !== undefined) thread.keep(answer);
    if (reply === undefined || !(reply instanceof Uint8Array)) return;
    if (arena.replyTo(envelope, reply)) sendAll({ calls, socket, arena }, sendFailed);
    else sendFailed();
  }

  /** The 1st, 2nd, 4th, 8th and so on: whoever has found one can send it as often as it likes. */
  #logFault(fault: string): void {
    this.#faults += 1;
    if ((this.#faults & (this.#faults - 1)) === 0) {
      this.#options.log.error({ fault, faults: this.#faults }, 'fast path failed; the slow path answers');
    }
  }
}
