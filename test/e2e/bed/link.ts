import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { undoAtEnd } from '../kit/leftovers.ts';

/**
 * How a cut link behaves.
 * - `refuse`: nobody listens; connections that are open are closed
 * - `drop`: open connections go silent without being closed (half-open), new ones are taken and never answered
 * - `reset`: open connections and new ones are reset (RST)
 */
export type Cut = 'refuse' | 'drop' | 'reset';

/**
 * The way from one consumer to one API server: a TCP proxy that a test can cut. It runs in the test's own process, so a
 * partition concerns those only who were given this link.
 */
export class Link {
  readonly port: number;
  readonly #target: number;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #strays = new Set<Socket>();
  readonly #undone: () => void;
  #cut: Cut | undefined;

  private constructor(server: Server, port: number, target: number) {
    this.#server = server;
    this.port = port;
    this.#target = target;
    this.#undone = undoAtEnd(() => this.#destroyAll());
    server.on('connection', socket => this.#take(socket));
  }

  /** @param target port of 127.0.0.1 */
  static async open(target: number): Promise<Link> {
    // Half-open stays half-open: what one side closes, the proxy closes on the other, and nothing else.
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a link listens on a port');
    return new Link(server, address.port, target);
  }

  /** Connections that are open through it, silent ones included. */
  get connections(): number {
    return this.#pairs.size + this.#strays.size;
  }

  /** From now on until `heal`. */
  async partition(cut: Cut): Promise<void> {
    await this.heal();
    this.#cut = cut;
    if (cut === 'drop') {
      for (const [consumer, server] of this.#pairs) silence(consumer, server);
      return;
    }
    for (const pair of this.#pairs) for (const socket of pair) end(socket, cut);
    if (cut === 'refuse') await this.#unlisten();
  }

  /** Lets everything through again. Connections that had gone silent are reset: what was said in between is lost. */
  async heal(): Promise<void> {
    if (this.#cut === undefined) return;
    if (this.#cut === 'drop') {
      for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
      for (const socket of this.#strays) socket.resetAndDestroy();
    }
    if (this.#cut === 'refuse') {
      this.#server.listen(this.port, '127.0.0.1');
      await once(this.#server, 'listening');
    }
    this.#cut = undefined;
  }

  /** Resets every open connection once; new ones get through. */
  resetConnections(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.#destroyAll();
    if (this.#server.listening) await this.#unlisten();
    this.#undone();
  }

  #take(consumer: Socket): void {
    consumer.on('error', () => consumer.destroy());
    if (this.#cut === 'reset') {
      consumer.resetAndDestroy();
      return;
    }
    if (this.#cut === 'drop') {
      this.#strays.add(consumer.pause());
      consumer.once('close', () => this.#strays.delete(consumer));
      return;
    }
    this.#join(consumer, connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true }));
  }

  #join(consumer: Socket, server: Socket): void {
    const pair = [consumer, server] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [server, consumer] as const]) {
      from.setNoDelay(true).pipe(to);
      // An error on one side, such as a refused connection, is a reset on the other.
      from.on('error', () => to.resetAndDestroy());
      from.once('close', () => {
        if (this.#cut !== 'drop') to.destroy();
        this.#pairs.delete(pair);
      });
    }
  }

  async #unlisten(): Promise<void> {
    // Connections live on after close(); only the listening socket goes.
    await new Promise<void>(resolve => {
      this.#server.close(() => resolve());
      this.#destroyAll();
    });
  }

  #destroyAll(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
    for (const socket of this.#strays) socket.destroy();
  }
}

function silence(consumer: Socket, server: Socket): void {
  consumer.unpipe(server).pause();
  server.unpipe(consumer).pause();
}

function end(socket: Socket, cut: 'refuse' | 'reset'): void {
  if (cut === 'reset') socket.resetAndDestroy();
  else socket.destroy();
}
