import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Holder, JointBound } from './joint-bound.ts';

/** Octets of pages that clients have not taken yet: a page on thousands of peers takes a few million. */
export const MOST_UNTAKEN = 32 * 2 ** 20;
/** No page counts for more, or who reads one that is larger than all may be would be cut off for it. */
const MOST_OF_ONE = MOST_UNTAKEN / 2;

/** A client's connection, and what it has asked for and not taken. */
class Connection implements Holder {
  readonly socket: Socket;
  readonly owner: string;
  untaken = 0;

  constructor(socket: Socket, owner: string) {
    this.socket = socket;
    this.owner = owner;
  }

  /** Of responses that wait behind another one nobody says that they are over when the connection is. */
  get holding(): number {
    return this.socket.destroyed ? 0 : this.untaken;
  }
}

/** Pages on the way to clients, within a bound of all together: who asks and never reads would grow the process. */
export class UntakenPages {
  readonly #connections = new Map<Socket, Connection>();
  readonly #bound: JointBound<Connection>;

  /** @param cut closes a connection where there is too much: one of the client that holds the most */
  constructor(cut: (socket: Socket) => void) {
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

  /** A page was given to a response that is not over. */
  given(socket: Socket, response: ServerResponse, octets: number): void {
    const connection = this.#connections.get(socket);
    if (connection === undefined) return;
    const counted = Math.min(octets, MOST_OF_ONE);
    connection.untaken += counted;
    response.once('close', () => {
      connection.untaken -= counted;
      this.#bound.changed(connection);
    });
    this.#bound.changed(connection);
  }
}
