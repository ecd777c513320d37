import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { MessageReader } from '../../src/serve/tcp-messages.ts';

export interface TcpClientOptions {
  readonly host?: string;
  /** The address to come from. */
  readonly from?: string;
}

/** A DNS client over TCP that does exactly what it is told, in octets. */
export class TcpClient {
  readonly socket: Socket;
  /** The messages received, without their lengths. */
  readonly messages: Buffer[] = [];
  /** True: the server has closed its side or reset the connection. */
  closed = false;
  /** Why the connection failed, as the system calls it. */
  failure: string | undefined;
  readonly #lookers = new Set<() => void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    const reader = new MessageReader();
    socket.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      for (let message = reader.next(); message !== undefined; message = reader.next()) {
        this.messages.push(Buffer.from(message));
      }
      this.#changed();
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      this.failure = code;
    });
    for (const event of ['end', 'close']) socket.on(event, () => this.#close());
  }

  static async connect(port: number, options: TcpClientOptions = {}): Promise<TcpClient> {
    const { host = '127.0.0.1', from } = options;
    const socket = connect({ port, host, allowHalfOpen: true, ...(from ? { localAddress: from } : {}) });
    await once(socket, 'connect');
    return new TcpClient(socket);
  }

  write(...octets: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(octets));
  }

  /** Resolves with all messages once this many are here. */
  async received(count: number, timeout?: number): Promise<Buffer[]> {
    await this.#until(
      () => this.messages.length >= count,
      () => `received ${this.messages.length} messages of ${count}`,
      timeout,
    );
    return this.messages;
  }

  untilClosed(timeout?: number): Promise<void> {
    return this.#until(
      () => this.closed,
      () => 'the server has not closed the connection',
      timeout,
    );
  }

  // Told by events: a thousand clients that look every few milliseconds would keep the server from its work.
  #until(holds: () => boolean, failure: () => string, timeout = 10_000): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(failure())), timeout);
    const look = () => {
      if (holds()) resolve();
    };
    this.#lookers.add(look);
    look();
    return promise.finally(() => {
      clearTimeout(timer);
      this.#lookers.delete(look);
    });
  }

  #changed(): void {
    for (const look of this.#lookers) look();
  }

  #close(): void {
    this.closed = true;
    this.socket.destroy();
    this.#changed();
  }
}

/** A message with its length before it. */
export function framed(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(message.length >>> 8, message.length & 0xff), message]);
}
