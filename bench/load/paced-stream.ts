import type { SystemCalls } from '../../src/serve/batched/system-calls.ts';
import { BATCH, ClientSocket } from './client-socket.ts';
import { Histogram, type Quantiles } from './histogram.ts';
import type { Questions } from './questions.ts';

export interface PacedLoad {
  readonly port: number;
  /** Queries per second. */
  readonly rate: number;
  readonly seconds: number;
  /** Seconds of them at whose queries' latency nobody looks: what is compiled and cached comes to rest. */
  readonly settling: number;
  /** Source ports that take turns. */
  readonly sockets: number;
}

export interface PacedResult {
  readonly sent: number;
  readonly answered: number;
  /** Of them those before the last query was sent: what a queue holds by then is no part of a rate. */
  readonly answeredMeanwhile: number;
  /** Without a reply when all was over, for whatever reason. */
  readonly lost: number;
  /** Of the lost ones those whose reply the client had no room for. */
  readonly overflowed: number;
  /** Answered with another code than NOERROR. */
  readonly refused: number;
  readonly seconds: number;
  /** From when a query was due to its reply, in microseconds. */
  readonly latency: Quantiles;
  /** Of it the client's own part: from when a query was due until it was handed to the system. */
  readonly lateness: Quantiles;
}

/** One load of a paced client, with sockets of its own. */
export class PacedStream {
  readonly #load: PacedLoad;
  readonly #questions: Questions;
  readonly #now: () => number;
  readonly #sockets: readonly ClientSocket[];
  readonly #latency = new Histogram();
  readonly #lateness = new Histogram();
  readonly #total: number;
  #answered = 0;
  #answeredMeanwhile = 0;
  #refused = 0;
  #sent = 0;
  #turn = 0;
  #began = 0;
  #settled = 0;
  #seconds = 0;

  /** @param now milliseconds on a clock that never goes back */
  constructor(calls: SystemCalls, load: PacedLoad, questions: Questions, now: () => number) {
    this.#load = load;
    this.#questions = questions;
    this.#now = now;
    this.#total = load.rate * load.seconds;
    const replied = (due: number, code: number) => {
      this.#answered += 1;
      if (!this.isSent) this.#answeredMeanwhile += 1;
      if (due >= this.#settled) this.#latency.add((now() - due) * 1_000);
      if (code !== 0) this.#refused += 1;
    };
    this.#sockets = Array.from({ length: load.sockets }, () => new ClientSocket(calls, load.port, replied));
  }

  get isSent(): boolean {
    return this.#sent >= this.#total;
  }

  /** Whether a query has no reply yet. */
  get isWaiting(): boolean {
    return this.#sockets.some(({ waiting }) => waiting > 0);
  }

  begin(): void {
    this.#began = this.#now();
    this.#settled = this.#began + 1_000 * this.#load.settling;
  }

  /** Sends what is due, but no more than a batch: the others come to their turn. */
  send(): void {
    const gap = 1_000 / this.#load.rate;
    const time = this.#now() - this.#began;
    const due = Math.min(this.#total, Math.floor(time / gap) + 1, this.#sent + BATCH);
    if (this.#sent >= due) return;
    const socket = this.#sockets[this.#turn++ % this.#sockets.length];
    if (socket === undefined) throw new Error('a load without a socket');
    for (; this.#sent < due; this.#sent++) {
      const at = this.#sent * gap;
      socket.put(this.#questions(this.#sent), this.#began + at);
      if (this.#began + at >= this.#settled) this.#lateness.add((time - at) * 1_000);
    }
    socket.flush();
    if (this.isSent) this.#seconds = (this.#now() - this.#began) / 1_000;
  }

  /** Takes in the replies that are there. */
  receive(): void {
    for (const socket of this.#sockets) socket.receive();
  }

  /** What it has come to; it is over with that. */
  finish(): PacedResult {
    const overflowed = this.#sockets.reduce((sum, socket) => sum + socket.overflowed, 0);
    for (const socket of this.#sockets) socket.close();
    const answered = this.#answered;
    const answeredMeanwhile = this.#answeredMeanwhile;
    return {
      ...{ sent: this.#sent, answered, answeredMeanwhile, lost: this.#sent - answered, overflowed },
      ...{ refused: this.#refused, seconds: this.#seconds },
      latency: this.#latency.summary(),
      lateness: this.#lateness.summary(),
    };
  }
}
