import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { vi } from 'vitest';
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

  private constructor(socket: Socket) {
    this.socket = socket;
    const reader = new MessageReader();
    socket.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      for (let message = reader.next(); message !== undefined; message = reader.next()) {
        this.messages.push(Buffer.from(message));
      }
    });
    socket.on('error', () => {});
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

  /** Resolves once this many messages are here. */
  async received(count: number, timeout = 5_000): Promise<Buffer[]> {
    await vi.waitFor(
      () => {
        if (this.messages.length < count) throw new Error(`received ${this.messages.length} of ${count}`);
      },
      { timeout, interval: 5 },
    );
    return this.messages;
  }

  async untilClosed(timeout = 5_000): Promise<void> {
    await vi.waitFor(
      () => {
        if (!this.closed) throw new Error('still open');
      },
      { timeout, interval: 5 },
    );
  }

  #close(): void {
    this.closed = true;
    this.socket.destroy();
  }
}

/** A message with its length before it. */
export function framed(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(message.length >>> 8, message.length & 0xff), message]);
}
