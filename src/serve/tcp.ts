import { once } from 'node:events';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '../ops/log.ts';
import { ConnectionRoom, type RoomLimits } from './connection-room.ts';
import { JointBound } from './joint-bound.ts';
import { CLOSE_REASONS, type CloseReason, TcpConnection, type TcpTimes } from './tcp-connection.ts';
import {
  type BoundAddress,
  clientAddress,
  type Handler,
  type ListenAddress,
  listenError,
} from './transport.ts';

export interface TcpLimits extends TcpTimes, RoomLimits {
  /** Octets that all connections may hold together. */
  readonly held: number;
  /** Milliseconds that stopping waits for replies to leave. */
  readonly stop: number;
}

/** Patience with clients that only hold a connection; what honest ones need differs by site and is a setting. */
export const TCP_TIMES = { message: 5_000, unread: 5_000, stop: 2_000 } as const;

/**
 * Octets that the connections may hold together: fifty clients that do their worst, where 2,048 of them would take
 * 1.1 GiB. What `deploy/` lets the container have has room for it (test/house/memory.test.ts).
 */
export const MOST_HELD = 32 * 1024 * 1024;

export interface TcpOptions {
  readonly handler: Handler;
  readonly limits: TcpLimits;
  readonly log: Logger;
}

/**
 * Connections that the kernel may hold until they are accepted: a burst of 1,000 one-query clients is met in practice.
 */
const BACKLOG = 1024;

/**
 * DNS over TCP on any number of addresses, with one set of limits for all of them. Memory: `limits.held`, and some 2
 * KiB for each of `limits.connections`.
 */
export class TcpServer {
  /** Connections closed since the start, by reason. */
  readonly closed: Record<CloseReason, number>;
  readonly #options: TcpOptions;
  readonly #servers: Server[] = [];
  readonly #room: ConnectionRoom<TcpConnection>;
  readonly #bound: JointBound<TcpConnection>;
  #emptied = () => {};

  constructor(options: TcpOptions) {
    this.#options = options;
    this.#room = new ConnectionRoom(options.limits, connection => connection.close('evicted'));
    this.#bound = new JointBound(options.limits.held, connection => connection.close('memory'));
    this.closed = Object.fromEntries(CLOSE_REASONS.map(reason => [reason, 0])) as Record<CloseReason, number>;
  }

  /** Connections open now. */
  get open(): number {
    return this.#room.size;
  }

  /** Looks at all connections: octets that wait in them, to be answered or to be taken by the client. */
  countHeld(): number {
    return this.#bound.recount();
  }

  /** Starts to accept on one more address. Throws `LISTEN_FAILED`. */
  async listen(where: ListenAddress): Promise<BoundAddress> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => this.#accept(socket));
    server.listen({
      host: where.address,
      port: where.port,
      ipv6Only: isIPv6(where.address),
      backlog: BACKLOG,
    });
    await once(server, 'listening').catch((error: unknown) => {
      throw listenError('tcp', where, error);
    });
    server.on('error', error =>
      this.#options.log.warn({ err: error, where }, 'tcp listener reported an error'),
    );
    this.#servers.push(server);
    const bound = server.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : where.port;
    return { protocol: 'tcp', address: where.address, port };
  }

  /** Accepts nothing more, answers what has been read, and cuts off who has not taken its replies by the deadline. */
  async stop(): Promise<void> {
    for (const server of this.#servers.splice(0)) server.close();
    // Two turns: what the kernel had received by now is read and answered first.
    await nextTurn();
    await nextTurn();
    if (this.#room.size === 0) return;
    const emptied = new Promise<void>(resolve => {
      this.#emptied = resolve;
    });
    const deadline = setTimeout(() => {
      for (const connection of this.#room.all) connection.close('stop');
    }, this.#options.limits.stop);
    for (const connection of this.#room.all) connection.end('stop');
    await emptied;
    clearTimeout(deadline);
  }

  #accept(socket: Socket): void {
    const { handler, limits, log } = this.#options;
    // A peer that is gone again before it was accepted has no address any more.
    if (socket.remoteAddress === undefined) {
      socket.on('error', () => {}).destroy();
      return;
    }
    const address = clientAddress(socket.remoteAddress);
    const connection = new TcpConnection({
      socket,
      client: { transport: 'tcp', address },
      handler,
      times: limits,
      log,
      active: active => this.#room.active(active),
      isFull: () => this.#bound.isFull,
      changed: changed => this.#bound.changed(changed),
      closed: (gone, reason) => this.#forget(gone, reason),
    });
    this.#room.enter(connection, address);
  }

  #forget(connection: TcpConnection, reason: CloseReason): void {
    this.closed[reason] += 1;
    this.#room.leave(connection);
    this.#bound.leave(connection);
    if (this.#room.size === 0) this.#emptied();
  }
}
