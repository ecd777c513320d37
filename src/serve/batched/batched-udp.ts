import type { AnswerMessage } from '../../answer/ready-answer.ts';
import { CausewayError, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../ops/log.ts';
import { FastCounts } from '../fast-counts.ts';
import {
  type BoundAddress,
  formatAddress,
  type Handler,
  type ListenAddress,
  type UdpSide,
} from '../transport.ts';
import { Arena } from './arena.ts';
import { sendAll } from './sending.ts';
import type { SlowQuery } from './slow-query.ts';
import { openSockets } from './socket.ts';
import { SocketGroup } from './socket-group.ts';
import type { SystemCalls } from './system-calls.ts';
import { TendedThread } from './tended-thread.ts';
import type { WorkerStart } from './worker.ts';

export interface BatchedUdpOptions {
  readonly calls: SystemCalls;
  readonly listen: ListenAddress;
  /** Threads, each with a socket of its own. */
  readonly threads: number;
  /**
   * CPUs of the first threads, which run there and get what arrives there; none: the kernel spreads clients over all
   * threads by a hash. With CPUs it takes several threads.
   */
  readonly cpus: readonly number[];
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
  /** Called when a thread has failed too often in a row, with the reason. */
  readonly failing: (reason: string) => void;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
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
export class BatchedUdp implements UdpSide {
  readonly name = 'udp';
  readonly kind = 'batched';
  readonly #options: BatchedUdpOptions;
  readonly #threads: TendedThread[] = [];
  /** Of them, those to be stopped. */
  #running: readonly TendedThread[] = [];
  #faults = 0;
  #stopped: Promise<void> | undefined;
  /** Gives the memory of replies back. */
  #release = () => {};

  constructor(options: BatchedUdpOptions) {
    this.#options = options;
  }

  /** Datagrams that found no room in the kernel's buffers. */
  get lost(): number {
    return this.#threads.reduce((sum, { lost }) => sum + lost, 0);
  }

  get restarts(): number {
    return this.#threads.reduce((sum, { restarts }) => sum + restarts, 0);
  }

  get serving(): number {
    return this.#running.filter(({ isServing }) => isServing).length;
  }

  /**
   * @throws CausewayError LISTEN_FAILED where nobody can have the address; UDP_THREAD_FAILED where the system refuses
   *   something else, or a thread does not come to serve
   */
  async start(): Promise<BoundAddress[]> {
    const { calls, cpus, log } = this.#options;
    const [sockets, bound] = this.#open();
    const group = new SocketGroup({ calls, bound, sockets, cpus, log });
    try {
      const memory = calls.map(Arena.lengthFor(1, LONGEST_REPLY));
      this.#release = () => calls.unmap(memory);
      const arena = new Arena({ calls, memory, messages: 1, sendRoom: LONGEST_REPLY });
      while (sockets.length > 0) this.#running = [...this.#running, this.#serve(sockets, group, arena)];
      await Promise.all(this.#running.map(thread => thread.start()));
    } catch (error) {
      for (const socket of sockets) group.close(socket);
      await this.stop();
      throw failed(bound, error);
    }
    return [bound];
  }

  #open(): ReturnType<typeof openSockets> {
    const { calls, listen, threads } = this.#options;
    try {
      return openSockets(calls, listen, threads);
    } catch (error) {
      throw error instanceof CausewayError ? error : failed(listen, error);
    }
  }

  /** However often it is called: what is unmapped twice may be somebody else's the second time. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    this.#running = [];
    await Promise.all(running.map(thread => thread.stop()));
    this.#release();
  }

  /** Takes a socket of those given, which is the thread's from then on. */
  #serve(sockets: number[], group: SocketGroup, arena: Arena): TendedThread {
    const { calls, board, fastPath, limit, log, include, threads, cpus, failing, now } = this.#options;
    const counts = FastCounts.words();
    const cpu = cpus[this.#threads.length];
    const reopen = threads > 1 ? () => group.reopen(cpu) : undefined;
    const close = (closed: number) => group.close(closed);
    const [socket = -1] = sockets;
    const thread: TendedThread = new TendedThread({
      ...{ calls, socket, cpu, reopen, close, board, fastPath, limit, counts, log, failing, now },
      slow: query => this.#answerSlowly(query, thread, arena),
    });
    sockets.shift();
    include(new FastCounts(counts));
    this.#threads.push(thread);
    return thread;
  }

  #answerSlowly(query: SlowQuery, thread: TendedThread, arena: Arena): void {
    const { calls, handler, sendFailed } = this.#options;
    const { message, envelope } = query;
    if (query.fault !== undefined) this.#logFault(query.fault);
    const reply = handler(message, { transport: 'udp', address: Arena.clientOf(envelope) });
    // Before the reply: who has it and asks again finds the thread knowing.
    if (query.isMissing) thread.teach({ question: query.question, answer: this.#compiled(message) });
    if (reply === undefined || !(reply instanceof Uint8Array)) return;
    const { socket } = thread;
    if (socket >= 0 && arena.replyTo(envelope, reply)) sendAll({ calls, socket, arena }, sendFailed);
    else sendFailed();
  }

  /** A fault of ours costs the thread its answer, and neither the client its reply nor the process its life. */
  #compiled(message: Uint8Array): AnswerMessage | undefined {
    try {
      return this.#options.compiled(message);
    } catch (thrown) {
      this.#logFault(messageOf(thrown));
      return undefined;
    }
  }

  /** The 1st, 2nd, 4th, 8th and so on: whoever has found one can send it as often as it likes. */
  #logFault(fault: string): void {
    this.#faults += 1;
    if ((this.#faults & (this.#faults - 1)) === 0) {
      this.#options.log.error({ fault, faults: this.#faults }, 'fast path failed; the slow path answers');
    }
  }
}

function failed(where: ListenAddress, cause: unknown): CausewayError {
  const what = `cannot answer on ${formatAddress(where)} (udp) in batches: ${messageOf(cause)}`;
  return new CausewayError('UDP_THREAD_FAILED', `${what}; choose --udp-transport auto or dgram`, { cause });
}
