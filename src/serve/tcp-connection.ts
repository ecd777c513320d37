import type { Socket } from 'node:net';
import type { Client } from '../answer/event.ts';
import type { Logger } from '../ops/log.ts';
import { MessageReader } from './tcp-messages.ts';
import type { Handler } from './transport.ts';

/** Why a connection ended; also a metric label. */
export const CLOSE_REASONS = [
  'peer',
  'idle',
  'slow',
  'unread',
  'length',
  'evicted',
  'memory',
  'error',
  'stop',
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** Milliseconds that a connection may spend in each state. */
export interface TcpTimes {
  /** Without a message. */
  readonly idle: number;
  /** From the first octet of a message to its last. */
  readonly message: number;
  /** With replies that the client does not read. */
  readonly unread: number;
}

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly client: Client;
  readonly handler: Handler;
  readonly times: TcpTimes;
  readonly log: Logger;
  /** Called for each chunk that held a whole message. */
  readonly active: (connection: TcpConnection) => void;
  /** Whether all connections together have no room for more replies in this turn of the event loop. */
  readonly isFull: () => boolean;
  /** Called when it may hold more or less in memory than before. */
  readonly changed: (connection: TcpConnection) => void;
  /** Called once. */
  readonly closed: (connection: TcpConnection, reason: CloseReason) => void;
}

/** Octets of replies that may wait for a client before nothing more is read from it. */
export const MOST_QUEUED = 256 * 1024;

/** Octets that Node may read ahead of what is taken: one chunk, after another that was short of being whole. */
export const READ_AHEAD = 128 * 1024;

/** Octets that one connection can hold, see there. */
export const MOST_HELD_BY_ONE = 128 * 1024 + READ_AHEAD + MOST_QUEUED + 64 * 1024;

/** Zone transfers that one connection may have under way. */
const MOST_TRANSFERS = 4;

/**
 * One TCP client (RFC 7766). Queries are answered as they are cut out of the stream, the replies to one chunk leave in
 * one write, and zone transfers are sent a message at a time between them.
 *
 * What a connection can hold in memory (`holding`): one incomplete message, while it grows, or one chunk being worked
 * on (128 KiB), what Node reads ahead, and `MOST_QUEUED` plus one message of replies (64 KiB). That makes
 * `MOST_HELD_BY_ONE` for a client that does its worst, and as much of replies again while they are put together, for
 * one connection at a time; for one that is idle some 2 KiB. `JointBound` is what thousands of them have to keep to.
 */
export class TcpConnection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #reader = new MessageReader();
  readonly #transfers: Iterator<Uint8Array>[] = [];
  /** A turn of the event loop is booked for the next message of a transfer. */
  #pumping = false;
  /** True: the queue is full and reading has stopped. */
  #stalled = false;
  /** A turn of the event loop is booked for what was read when all connections together had no room. */
  #waiting = false;
  /** Set: nothing more is read, and the connection ends for this reason once all replies are out. */
  #ending: CloseReason | undefined;
  #closed = false;
  #timer: NodeJS.Timeout;
  #limit: 'idle' | 'slow' | 'unread' = 'idle';

  constructor(options: ConnectionOptions) {
    const { socket } = options;
    this.#options = options;
    this.#socket = socket;
    this.#timer = setTimeout(() => this.close('idle'), options.times.idle);
    socket.on('data', (chunk: Buffer) => {
      if (this.#ending !== undefined) return;
      this.#reader.push(chunk);
      this.#workWithRoom();
    });
    socket.on('drain', () => this.#work(true));
    // A client may close its side right after its queries and still wait for the replies (RFC 7766 section 6.2.4).
    socket.on('end', () => this.end('peer'));
    socket.on('error', () => this.close('error'));
    socket.on('close', () => this.close(this.#ending ?? 'peer'));
  }

  get owner(): string {
    return this.#options.client.address;
  }

  /** Octets at most, of what was read and is not answered, and of replies that the system has not taken. */
  get holding(): number {
    const ahead = this.#stalled ? READ_AHEAD : this.#socket.readableLength;
    return this.#socket.writableLength + this.#reader.held + ahead;
  }

  /** Cuts the connection off. */
  close(reason: CloseReason): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#transfers.length = 0;
    this.#cutOff(reason);
    this.#options.closed(this, reason);
  }

  #cutOff(reason: CloseReason): void {
    const socket = this.#socket;
    // With what a client does not take the system would go on for minutes, in memory of its own. One that is being shut
    // down cannot be reset, and has nothing left to take.
    const isUntaken = (reason === 'memory' || reason === 'unread') && socket.writableLength > 0;
    if (isUntaken) socket.resetAndDestroy();
    else socket.destroy();
  }

  /** Reads nothing more, sends all replies to what was read, then closes. */
  end(reason: CloseReason): void {
    this.#ending ??= reason;
    // What waits for room has been read, and is answered first.
    if (!this.#waiting) this.#settle(false, false);
  }

  #workWithRoom(): void {
    if (!this.#options.isFull()) this.#work(false);
    else if (!this.#waiting) {
      this.#waiting = true;
      this.#socket.pause();
      setImmediate(() => {
        this.#waiting = false;
        this.#workWithRoom();
      });
    }
  }

  /**
   * Answers what has come as far as the queue has room, then sees how to go on.
   *
   * @param drained the client has read all that was queued
   */
  #work(drained: boolean): void {
    if (this.#closed) return;
    // Where the kernel takes a batch at once there is no 'drain' to go on from.
    let answered = this.#answerBatch();
    while (this.#stalled && this.#hasRoom(this.#socket.writableLength))
      answered = this.#answerBatch() || answered;
    if (answered) this.#options.active(this);
    if (this.#reader.broken) this.#ending ??= 'length';
    const pumped = this.#pump();
    this.#settle(answered, answered || drained || pumped);
  }

  /** Answers messages until there are no more or the queue is full; false: there was none. */
  #answerBatch(): boolean {
    const replies: Uint8Array[] = [];
    let queued = this.#socket.writableLength;
    let answered = false;
    const { handler, client } = this.#options;
    while (this.#hasRoom(queued)) {
      const message = this.#reader.next();
      if (message === undefined) break;
      answered = true;
      const reply = handler(message, client);
      if (reply === undefined) continue;
      if (reply instanceof Uint8Array) {
        replies.push(reply);
        queued += reply.length + 2;
      } else this.#transfers.push(reply.messages()[Symbol.iterator]());
    }
    this.#stalled = !this.#hasRoom(queued);
    if (replies.length > 0) this.#socket.write(framed(replies));
    return answered;
  }

  #hasRoom(queued: number): boolean {
    return queued <= MOST_QUEUED && this.#transfers.length < MOST_TRANSFERS;
  }

  /** Sends one message of the transfer under way; one a turn, so that a large zone delays nobody else's query. */
  #pump(): boolean {
    const [transfer] = this.#transfers;
    if (transfer === undefined || this.#pumping || this.#socket.writableNeedDrain) return false;
    try {
      const { done, value } = transfer.next();
      if (done) this.#transfers.shift();
      else this.#socket.write(framed([value]));
    } catch (error) {
      // Half a zone must not look whole, and the fault of one reply must not end the process.
      const { log, client } = this.#options;
      log.error({ err: error, client: client.address }, 'zone transfer failed');
      this.close('error');
      return false;
    }
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#work(false);
    });
    return true;
  }

  /**
   * Reading on or not, the time limit that holds now, or the end.
   *
   * @param answered a whole message was read since the last time
   * @param moved so it was, or replies went out
   */
  #settle(answered: boolean, moved: boolean): void {
    const socket = this.#socket;
    if (this.#closed) return;
    this.#options.changed(this);
    if (this.#closed) return;
    if (this.#stalled || this.#ending !== undefined) socket.pause();
    else if (socket.isPaused()) socket.resume();
    const transferring = this.#transfers.length > 0;
    if (this.#ending !== undefined && !this.#stalled && !transferring) {
      // Closes both ways once all is sent: waiting for the client's own FIN would let it hold the connection open.
      socket.destroySoon();
      this.#restrict('unread', moved);
    } else if (this.#stalled || (transferring && socket.writableNeedDrain)) this.#restrict('unread', moved);
    else if (this.#reader.incomplete) this.#restrict('slow', answered);
    else this.#restrict('idle', answered || transferring);
  }

  /** Puts a time limit in force; one that is in force already runs on unless there was progress. */
  #restrict(limit: 'idle' | 'slow' | 'unread', progress: boolean): void {
    if (limit !== this.#limit) {
      const { idle, message, unread } = this.#options.times;
      clearTimeout(this.#timer);
      this.#limit = limit;
      this.#timer = setTimeout(() => this.close(limit), { idle, slow: message, unread }[limit]);
    } else if (progress) this.#timer.refresh();
  }
}

/** Messages with their lengths before them, in one piece: one write, one segment where it fits. */
function framed(messages: readonly Uint8Array[]): Buffer {
  let size = 0;
  for (const message of messages) size += message.length + 2;
  const octets = Buffer.allocUnsafe(size);
  let offset = 0;
  for (const message of messages) {
    octets.writeUInt16BE(message.length, offset);
    octets.set(message, offset + 2);
    offset += message.length + 2;
  }
  return octets;
}
