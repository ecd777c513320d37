import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Holder, JointBound } from './joint-bound.ts';

/** Octets of pages that clients have not taken yet: a page on thousands of peers takes a few million. */
export const MOST_UNTAKEN = 32 * 2 ** 20;
/** No page counts for more, or who reads one that is larger than all may be would be cut off for it. */
const MOST_OF_ONE = MOST_UNTAKEN / 2;
/** What is asked for counts for as much at least: a request waits in memory, too. */
const LEAST_OF_ONE = 4 * 2 ** 10;
/** Requests of a connection that are not answered: clients wait for an answer before they ask on, or ask for a few. */
const MOST_ASKED = 16;
/** Octets from which on a page takes so long to make that probes shall be answered between two of them. */
const LARGE = 64 * 2 ** 10;

/** A client's connection, and what it has asked for and not taken. */
class Connection implements Holder {
  readonly socket: Socket;
  readonly owner: string;
  untaken = 0;
  /** Requests that are not answered. */
  asked = 0;

  constructor(socket: Socket, owner: string) {
    this.socket = socket;
    this.owner = owner;
  }

  /** Of responses that wait behind another one nobody says that they are over when the connection is. */
  get holding(): number {
    return this.socket.destroyed ? 0 : this.untaken;
  }
}

/** A page that a client has asked for. */
export interface AskedPage {
  readonly connection: Connection;
  readonly path: string;
  /** Octets that it counts for, before it is made and while it is not taken. */
  counted: number;
}

/**
 * Pages on the way to clients, within a bound of all together: who asks and never reads would grow the process. A page
 * counts from when it is asked for, with the size that it had last time: hundreds may be asked for in one turn of the
 * event loop, and what is made of them is free at the end of it at the earliest. Of the large ones each turn makes one.
 */
export class UntakenPages {
  readonly #connections = new Map<Socket, Connection>();
  readonly #bound: JointBound<Connection>;
  readonly #cut: (socket: Socket) => void;
  /** Resolves in the turn of the event loop that makes the large page which was asked for last. */
  #turn: Promise<unknown> = Promise.resolve();
  /** By path: octets of the page that was made last, whatever else was answered there since. */
  readonly #sizes = new Map<string, number>();

  /** @param cut closes a connection that asks for too much, or, where all hold too much, one of who holds the most */
  constructor(cut: (socket: Socket) => void) {
    this.#cut = cut;
    this.#bound = new JointBound(MOST_UNTAKEN, ({ socket }) => cut(socket));
  }

  enter(socket: Socket, owner: string): void {
    this.#connections.set(socket, new Connection(socket, owner));
  }

  leave(socket: Socket): void {
    const connection = this.#connections.get(socket);
    this.#connections.delete(socket);
    if (connection !== undefined) this.#bound.leave(connection);
  }

  /**
   * Resolves when there is room to make the page; undefined: the connection is gone.
   *
   * @param path one of a fixed number
   */
  async ask(socket: Socket, path: string): Promise<AskedPage | undefined> {
    const connection = this.#connections.get(socket);
    // What it asked for in one breath is read to its end, although it was cut off for the beginning.
    if (connection === undefined || socket.destroyed) return undefined;
    connection.asked += 1;
    if (connection.asked > MOST_ASKED) {
      this.#cut(socket);
      return undefined;
    }
    const asked = { connection, path, counted: 0 };
    const octets = this.#sizes.get(path) ?? 0;
    this.#count(asked, Math.max(octets, LEAST_OF_ONE));
    if (octets >= LARGE && !socket.destroyed) {
      this.#turn = this.#turn.then(() => nextTurn());
      await this.#turn;
      while (this.#bound.isFull && !socket.destroyed) await nextTurn();
    }
    return socket.destroyed ? undefined : asked;
  }

  /**
   * It was given to a response that is not over.
   *
   * @param made octets of the page
   * @param sent those of them that are sent: none to who asked for the head only
   */
  given(asked: AskedPage, response: ServerResponse, made: number, sent: number): void {
    if (response.statusCode === 200) this.#sizes.set(asked.path, made);
    response.once('close', () => {
      asked.connection.asked -= 1;
      this.#count(asked, 0);
    });
    this.#count(asked, sent);
  }

  #count(asked: AskedPage, octets: number): void {
    const counted = Math.min(octets, MOST_OF_ONE);
    asked.connection.untaken += counted - asked.counted;
    asked.counted = counted;
    this.#bound.changed(asked.connection);
  }
}
