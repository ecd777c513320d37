import type { Exchange } from '../../src/answer/fast-path.ts';
import { addressBytes } from '../../src/base/ip.ts';
import { Arena } from '../../src/serve/batched/arena.ts';
import { sendAll } from '../../src/serve/batched/sending.ts';
import { openSockets } from '../../src/serve/batched/socket.ts';
import { type Memory, MSG_DONTWAIT, type SystemCalls } from '../../src/serve/batched/system-calls.ts';

/** Queries that one call sends at most. */
export const BATCH = 64;
const SEND_ROOM = 512;
const IDS = 65536;
const AF_INET = 2;
/** Octets of an envelope; see `Arena.envelope`. */
const ENVELOPE = 64;

/** Told of each reply: when its query was due, and the response code. */
export type Replied = (due: number, code: number) => void;

/**
 * A client of one UDP socket that remembers of each id when its query was due. It is the arena of the daemon the other
 * way around: what was received last came from the server, so a "reply" to it is a query.
 */
export class ClientSocket {
  /** Queries that have no reply yet. */
  waiting = 0;
  readonly #calls: SystemCalls;
  readonly #socket: number;
  readonly #memory: Memory;
  readonly #arena: Arena;
  readonly #exchange: Exchange;
  readonly #replied: Replied;
  readonly #due = new Float64Array(IDS).fill(-1);
  #next = 0;
  #received = BATCH;

  constructor(calls: SystemCalls, port: number, replied: Replied) {
    this.#calls = calls;
    this.#replied = replied;
    const [[socket = -1]] = openSockets(calls, { address: '127.0.0.1', port: 0 }, 1);
    this.#socket = socket;
    this.#memory = calls.map(Arena.lengthFor(BATCH, SEND_ROOM));
    this.#arena = new Arena({ calls, memory: this.#memory, messages: BATCH, sendRoom: SEND_ROOM });
    const { octets } = this.#arena;
    this.#exchange = {
      ...{ message: octets, start: 0, end: 0, client: octets, clientStart: 0, clientLength: 0 },
      ...{ output: octets, outputStart: 0 },
    };
    const server = new Uint8Array(ENVELOPE);
    server.set([AF_INET, 0, port >>> 8, port & 0xff, ...addressBytes('127.0.0.1')]);
    for (let index = 0; index < BATCH; index++) this.#arena.replyTo(server, new Uint8Array());
    this.#arena.replies = 0;
  }

  /** Replies that this socket had no room for, as the kernel told with the last one. */
  get overflowed(): number {
    return this.#arena.lost;
  }

  /** Takes up a query, to be sent with `flush`; at most `BATCH` of them. Its id is put in. */
  put(query: Uint8Array, due: number): void {
    const arena = this.#arena;
    const id = this.#next;
    this.#next = (id + 1) % IDS;
    // One that still waits has been lost: its id is needed again.
    if ((this.#due[id] ?? -1) < 0) this.waiting += 1;
    this.#due[id] = due;
    arena.open(arena.replies, this.#exchange);
    const { octets } = arena;
    const { outputStart } = this.#exchange;
    octets.set(query, outputStart);
    octets[outputStart] = id >>> 8;
    octets[outputStart + 1] = id;
    arena.reply(query.length);
  }

  /** @throws Error where the system refuses a query */
  flush(): void {
    sendAll({ calls: this.#calls, socket: this.#socket, arena: this.#arena }, () => {
      throw new Error('the system did not take a query');
    });
  }

  /** Takes in the replies that are there; waits for none. */
  receive(): void {
    const arena = this.#arena;
    arena.prepare(this.#received);
    const count = this.#calls.receive(this.#socket, arena.receiveHeaders, BATCH, MSG_DONTWAIT);
    this.#received = Math.max(0, count);
    for (let index = 0; index < count; index++) {
      arena.open(index, this.#exchange);
      this.#take();
    }
  }

  close(): void {
    this.#calls.close(this.#socket);
    this.#calls.unmap(this.#memory);
  }

  /** Takes in the reply that was opened last. A second one to a query, or one to none, counts for nothing. */
  #take(): void {
    const { octets } = this.#arena;
    const { start, end } = this.#exchange;
    if (end - start < 12) return;
    const id = ((octets[start] ?? 0) << 8) | (octets[start + 1] ?? 0);
    const due = this.#due[id] ?? -1;
    if (due < 0) return;
    this.#due[id] = -1;
    this.waiting -= 1;
    this.#replied(due, (octets[start + 3] ?? 0) & 0x0f);
  }
}
