import type { SystemCalls } from '../../src/serve/batched/system-calls.ts';
import { BATCH, ClientSocket } from './client-socket.ts';
import { Histogram, type Quantiles } from './histogram.ts';

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

/** Milliseconds that replies are waited for after the last query. */
const PATIENCE = 2_000;

/**
 * Sends queries at a fixed rate, whatever becomes of the ones before: query n is due at n / rate, and its latency runs
 * from there. A server that stops for a while, and a client that is late because of it, cannot hide it that way
 * (coordinated omission). It never sleeps: a CPU of its own is what it needs.
 */
export class PacedClient {
  readonly #load: PacedLoad;
  readonly #queries: readonly Uint8Array[];
  readonly #now: () => number;
  readonly #sockets: readonly ClientSocket[];
  readonly #latency = new Histogram();
  readonly #lateness = new Histogram();
  #answered = 0;
  #refused = 0;
  #sent = 0;
  #turn = 0;
  #began = 0;
  #settled = 0;

  /**
   * @param queries wire format with any id; they take turns
   * @param now milliseconds on a clock that never goes back
   */
  constructor(calls: SystemCalls, load: PacedLoad, queries: readonly Uint8Array[], now: () => number) {
    this.#load = load;
    this.#queries = queries;
    this.#now = now;
    const replied = (due: number, code: number) => {
      this.#answered += 1;
      if (due >= this.#settled) this.#latency.add((now() - due) * 1_000);
      if (code !== 0) this.#refused += 1;
    };
    this.#sockets = Array.from({ length: load.sockets }, () => new ClientSocket(calls, load.port, replied));
  }

  run(): PacedResult {
    const total = this.#load.rate * this.#load.seconds;
    this.#began = this.#now();
    this.#settled = this.#began + 1_000 * this.#load.settling;
    while (this.#sent < total) {
      this.#sendDue(total);
      for (const socket of this.#sockets) socket.receive();
    }
    const seconds = (this.#now() - this.#began) / 1_000;
    const deadline = this.#now() + PATIENCE;
    while (this.#sockets.some(({ waiting }) => waiting > 0) && this.#now() < deadline) {
      for (const socket of this.#sockets) socket.receive();
    }
    const overflowed = this.#sockets.reduce((sum, socket) => sum + socket.overflowed, 0);
    for (const socket of this.#sockets) socket.close();
    const answered = this.#answered;
    return {
      ...{ sent: this.#sent, answered, lost: this.#sent - answered, overflowed },
      ...{ refused: this.#refused, seconds },
      latency: this.#latency.summary(),
      lateness: this.#lateness.summary(),
    };
  }

  #sendDue(total: number): void {
    const gap = 1_000 / this.#load.rate;
    const time = this.#now() - this.#began;
    const due = Math.min(total, Math.floor(time / gap) + 1);
    while (this.#sent < due) {
      const socket = nextOf(this.#sockets, this.#turn++);
      for (const end = Math.min(due, this.#sent + BATCH); this.#sent < end; this.#sent++) {
        const at = this.#sent * gap;
        socket.put(nextOf(this.#queries, this.#sent), this.#began + at);
        if (this.#began + at >= this.#settled) this.#lateness.add((time - at) * 1_000);
      }
      socket.flush();
    }
  }
}

/** All of them in turn. */
function nextOf<Item>(items: readonly Item[], turn: number): Item {
  const item = items[turn % items.length];
  if (item === undefined) throw new Error('there is nothing to take turns');
  return item;
}
