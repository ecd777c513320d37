import type { Exchange, FastPath } from '../../answer/fast-path.ts';
import { ANSWER, DROP, type Restraint } from '../../answer/restraint.ts';
import { messageOf } from '../../base/errors.ts';
import { SystemCallError } from '../../ops/c-library.ts';
import type { FastCounts } from '../fast-counts.ts';
import type { Arena } from './arena.ts';
import { Gathering } from './gathering.ts';
import type { Lessons } from './lessons.ts';
import { sendAll } from './sending.ts';
import type { Signals } from './signals.ts';
import type { SlowQuery } from './slow-query.ts';
import { EAGAIN, EINTR, MSG_DONTWAIT, MSG_WAITFORONE, type SystemCalls } from './system-calls.ts';
import { WaitingQueries } from './waiting.ts';

export interface ServingOptions {
  readonly calls: Pick<SystemCalls, 'receive' | 'send'>;
  readonly socket: number;
  readonly arena: Arena;
  readonly fastPath: FastPath;
  readonly counts: FastCounts;
  readonly signals: Signals;
  /** Undefined: everybody may ask as much as they like. */
  readonly restraint: Restraint | undefined;
  readonly lessons: Pick<Lessons, 'takeIn' | 'wait'>;
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

/** Milliseconds that nobody looks for datagrams while queries wait for the slow path. */
const LOOK_AGAIN = 1;

/** Batches that stopping spends on datagrams already received. */
const STOP_BATCHES = 100;

/** Milliseconds that stopping gives the slow path for what queries wait for: some ten times what a full queue takes. */
const STOP_WAIT = 1_000;

/** One socket served until it is told to stop: receive a batch, answer what can be answered here, send. */
export class Serving {
  readonly #options: ServingOptions;
  readonly #exchange: Exchange;
  /** For queries that waited. */
  readonly #copied: Exchange;
  readonly #waiting = new WaitingQueries();
  readonly #gathering = new Gathering();
  /** Of those that waited, the ones whose answer has come. */
  readonly #released: SlowQuery[] = [];
  readonly #release = (question: number) => {
    for (const query of this.#waiting.release(question)) this.#released.push(query);
  };
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
    this.#copied = { ...this.#exchange };
  }

  /**
   * @param serves called once a receive has shown that it can
   * @throws SystemCallError where the system refuses to receive, whatever is received
   */
  run(serves: () => void): void {
    const { signals, now } = this.#options;
    this.#turn(MSG_DONTWAIT);
    serves();
    while (!signals.stopping) this.#turnOrWait();
    for (let batch = 0; batch < STOP_BATCHES && this.#turn(MSG_DONTWAIT) > 0; batch += 1);
    const deadline = now() + STOP_WAIT;
    while (this.#held > 0 && now() < deadline) this.#turnOrWait();
    this.#handOver([...this.#released.splice(0), ...this.#waiting.releaseAll()]);
  }

  /** Queries that wait for something other than a datagram. */
  get #held(): number {
    return this.#waiting.size + this.#released.length;
  }

  /** Nothing but a datagram wakes a receive, so that with queries that wait for something else it may not block. */
  #turnOrWait(): void {
    const { lessons } = this.#options;
    if (this.#held > 0) {
      if (this.#turn(MSG_DONTWAIT) === 0) lessons.wait(LOOK_AGAIN);
    } else if (this.#gathering.wait > 0) {
      lessons.wait(this.#gathering.wait);
      this.#turn(MSG_DONTWAIT);
    } else this.#turn(MSG_WAITFORONE);
  }

  /** One batch, and one of queries that waited for what has come meanwhile; returns how many both were. */
  #turn(flags: number): number {
    const { calls, socket, arena, lessons, now } = this.#options;
    arena.prepare(this.#received);
    const result = calls.receive(socket, arena.receiveHeaders, arena.messages, flags);
    const count = result < 0 ? this.#refused(-result) : result;
    this.#received = count;
    if (count > 0) this.#refusals = 0;
    lessons.takeIn(this.#release);
    const begun = now();
    this.#gathering.received(count, arena.messages, begun);
    if (count > 0) this.#answer(count, begun);
    return this.#released.length === 0 ? count : count + this.#answerReleased();
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

  #answer(count: number, started: number): void {
    const { arena, fastPath, counts, signals, restraint, now } = this.#options;
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
      const length = isWhole ? this.#answerOne(this.#exchange) : 0;
      if (length === 0) {
        slow.push(this.#slowQuery(isWhole, started));
        continue;
      }
      arena.reply(length);
      answered += 1;
      counts.countReply(fastPath.type, fastPath.rcode, fastPath.cluster);
    }
    if (answered > 0) counts.durations.add((now() - started) / 1000 / count, answered);
    signals.lost = arena.lost;
    if (slow.length > 0) this.#handOver(slow, true);
    this.#send();
  }

  /**
   * No more than a batch of them, so that no other query waits behind all. Each waits once: what cannot be answered
   * after that is handed over. Returns how many there were.
   */
  #answerReleased(): number {
    const { arena, counts, fastPath, signals, now } = this.#options;
    const queries = this.#released.splice(0, arena.messages);
    const slow: SlowQuery[] = [];
    for (const query of queries) {
      arena.openCopy(query.message, query.envelope, this.#copied);
      const length = this.#answerOne(this.#copied);
      if (length === 0) {
        slow.push(query);
        continue;
      }
      arena.replyToCopy(query.envelope, length);
      counts.countReply(fastPath.type, fastPath.rcode, fastPath.cluster);
      counts.durations.add((now() - query.arrived) / 1000);
    }
    if (slow.length > 0) this.#handOver(slow);
    this.#send();
    signals.waiting = this.#held;
    return queries.length;
  }

  #send(): void {
    const { counts } = this.#options;
    sendAll(this.#options, () => counts.countDropped('send'));
  }

  /** A fault of ours must not take the thread down: the slow path knows how to fail one query alone. */
  #answerOne(exchange: Exchange): number {
    try {
      return this.#options.fastPath.answer(exchange);
    } catch (thrown) {
      this.#fault = messageOf(thrown);
      return 0;
    }
  }

  /** Of the datagram opened last. */
  #slowQuery(isWhole: boolean, arrived: number): SlowQuery {
    const { arena, fastPath } = this.#options;
    const fault = this.#fault;
    this.#fault = undefined;
    return {
      ...{ message: arena.copy(), envelope: arena.envelope(), arrived, fault },
      isMissing: isWhole && fastPath.isMissing,
      question: fastPath.question,
      isOutdated: isWhole && fastPath.isOutdated,
    };
  }

  #handOver(queries: readonly SlowQuery[], mayWait = false): void {
    const { signals, counts, handOver } = this.#options;
    const { pending } = signals;
    const taken: SlowQuery[] = [];
    for (const query of queries) {
      if (mayWait && query.isMissing && this.#waiting.join(query)) continue;
      const most = query.isOutdated ? MOST_PENDING : MOST_UNKNOWN;
      if (pending + taken.length >= most) counts.countDropped('overload');
      else {
        taken.push(query);
        if (query.isMissing) this.#waiting.expect(query.question);
      }
    }
    signals.waiting = this.#held;
    if (taken.length === 0) return;
    signals.addPending(taken.length);
    handOver(taken);
  }
}
