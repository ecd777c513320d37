import type { Exchange, FastPath } from '../../answer/fast-path.ts';
import { ANSWER, DROP, type Restraint } from '../../answer/restraint.ts';
import { messageOf } from '../../base/errors.ts';
import { SystemCallError } from '../../ops/c-library.ts';
import type { FastCounts } from '../fast-counts.ts';
import type { Arena, Envelope } from './arena.ts';
import type { Signals } from './signals.ts';
import { EAGAIN, EINTR, MSG_DONTWAIT, MSG_WAITFORONE, type SystemCalls } from './system-calls.ts';

/** A query that the slow path has to answer. */
export interface SlowQuery {
  readonly message: Uint8Array;
  readonly envelope: Envelope;
  /** The thread would have answered it, had it had the answer. */
  readonly isMissing: boolean;
  /** It has an answer, but one from before a change. */
  readonly isOutdated: boolean;
  /** What was thrown where the fast path should have answered: a fault of ours. */
  readonly fault: string | undefined;
}

export interface ServingOptions {
  readonly calls: Pick<SystemCalls, 'receive' | 'send'>;
  readonly socket: number;
  readonly arena: Arena;
  readonly fastPath: FastPath;
  readonly counts: FastCounts;
  readonly signals: Signals;
  /** Undefined: everybody may ask as much as they like. */
  readonly restraint: Restraint | undefined;
  /** Takes in the answers that were sent meanwhile. */
  readonly takeIn: () => void;
  /** Hands over to the slow path. */
  readonly handOver: (queries: readonly SlowQuery[]) => void;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

/**
 * Queries that may wait for the slow path: what it answers in some ten milliseconds. More would only wait until their
 * clients have given up; those of the fast path do not wait behind them.
 */
export const MOST_PENDING = 1024;

/**
 * Of them those without an answer that was true before. New names are without number, and a flood of them must not take
 * a name along that everybody asks for and that has just changed.
 */
export const MOST_UNKNOWN = (MOST_PENDING * 3) / 4;

/** What recvmmsg says of its arguments: EBADF, EFAULT, EINVAL, ENOSYS, ENOTSOCK. */
const FATAL: readonly number[] = [9, 14, 22, 38, 88];

/** Receives refused in a row, each waited for a millisecond longer than the last: five seconds in all. */
const MOST_REFUSALS = 100;

/** Batches that stopping spends on datagrams already received. */
const STOP_BATCHES = 100;

/** One socket served until it is told to stop: receive a batch, answer what can be answered here, send. */
export class Serving {
  readonly #options: ServingOptions;
  readonly #exchange: Exchange;
  #received = 0;
  /** In a row: since a datagram came, or none was there. */
  #refusals = 0;
  #fault: string | undefined;

  constructor(options: ServingOptions) {
    this.#options = options;
    const { octets } = options.arena;
    this.#exchange = {
      ...{ message: octets, start: 0, end: 0 },
      ...{ client: octets, clientStart: 0, clientLength: 0 },
      ...{ output: octets, outputStart: 0 },
    };
  }

  /**
   * @param serves called once a receive has shown that it can
   * @throws SystemCallError where the system refuses to receive, whatever is received
   */
  run(serves: () => void): void {
    const { signals } = this.#options;
    this.#turn(MSG_DONTWAIT);
    serves();
    while (!signals.stopping) this.#turn(MSG_WAITFORONE);
    for (let batch = 0; batch < STOP_BATCHES && this.#turn(MSG_DONTWAIT) > 0; batch += 1);
  }

  /** One batch; returns how many datagrams it had. */
  #turn(flags: number): number {
    const { calls, socket, arena, counts, takeIn } = this.#options;
    arena.prepare(this.#received);
    const count = calls.receive(socket, arena.receiveHeaders, arena.messages, flags);
    this.#received = Math.max(0, count);
    if (count < 0) return this.#refused(-count);
    this.#refusals = 0;
    takeIn();
    this.#answer(count);
    sendAll(this.#options, () => counts.countDropped('send'));
    return count;
  }

  /**
   * An errno that says something of one datagram, or of a network that is not as it was, is over with the next receive.
   * One that says that this can be no socket to receive from stays.
   */
  #refused(errno: number): number {
    if (errno === EINTR) return 0;
    if (errno === EAGAIN) {
      this.#refusals = 0;
      return 0;
    }
    const { counts, signals } = this.#options;
    this.#refusals += 1;
    if (FATAL.includes(errno) || this.#refusals > MOST_REFUSALS) throw new SystemCallError('recvmmsg', errno);
    counts.countDropped('receive');
    signals.pause(this.#refusals);
    return 0;
  }

  #answer(count: number): void {
    const { arena, fastPath, counts, signals, restraint, now } = this.#options;
    const started = now();
    const slow: SlowQuery[] = [];
    let answered = 0;
    for (let index = 0; index < count; index++) {
      const isWhole = arena.open(index, this.#exchange);
      const judged = restraint?.judge(this.#exchange, started) ?? ANSWER;
      if (judged !== ANSWER) {
        counts.countDropped('limited');
        if (judged !== DROP) arena.reply(judged);
        continue;
      }
      const length = isWhole ? this.#answerOne() : 0;
      if (length === 0) {
        slow.push(this.#slowQuery(isWhole));
        continue;
      }
      arena.reply(length);
      answered += 1;
      counts.countReply(fastPath.type, fastPath.rcode, fastPath.cluster);
    }
    if (answered > 0) counts.durations.add((now() - started) / 1000 / count, answered);
    signals.lost = arena.lost;
    if (slow.length > 0) this.#handOver(slow);
  }

  /** A fault of ours must not take the thread down: the slow path knows how to fail one query alone. */
  #answerOne(): number {
    try {
      return this.#options.fastPath.answer(this.#exchange);
    } catch (thrown) {
      this.#fault = messageOf(thrown);
      return 0;
    }
  }

  /** Of the datagram opened last. */
  #slowQuery(isWhole: boolean): SlowQuery {
    const { arena, fastPath } = this.#options;
    const fault = this.#fault;
    this.#fault = undefined;
    return {
      ...{ message: arena.copy(), envelope: arena.envelope(), fault },
      isMissing: isWhole && fastPath.isMissing,
      isOutdated: isWhole && fastPath.isOutdated,
    };
  }

  #handOver(queries: readonly SlowQuery[]): void {
    const { signals, counts, handOver } = this.#options;
    const { pending } = signals;
    const taken: SlowQuery[] = [];
    for (const query of queries) {
      const most = query.isOutdated ? MOST_PENDING : MOST_UNKNOWN;
      if (pending + taken.length < most) taken.push(query);
      else counts.countDropped('overload');
    }
    if (taken.length === 0) return;
    signals.addPending(taken.length);
    handOver(taken);
  }
}

/**
 * Sends the replies that wait in an arena; those that the system refuses are passed over. Nobody waits for room in the
 * kernel: queries would wait behind the one client, or the one interface, that takes no more.
 */
export function sendAll(
  {
    calls,
    socket,
    arena,
  }: Pick<ServingOptions, 'socket' | 'arena'> & { readonly calls: Pick<SystemCalls, 'send'> },
  failed: () => void,
): void {
  const { replies } = arena;
  for (let sent = 0; sent < replies; ) {
    const count = calls.send(socket, arena.sendHeaders(sent), replies - sent, MSG_DONTWAIT);
    if (count === -EINTR) continue;
    // The first of them is what could not be sent.
    if (count <= 0) failed();
    sent += Math.max(1, count);
  }
  arena.replies = 0;
}
