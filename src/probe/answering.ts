import { createSocket, type Socket as DatagramSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { familyOf } from '../base/ip.ts';
import { octetsOf, readDatagram, StreamReader } from '../paths/message.ts';
import { LARGEST_STREAM } from '../paths/size.ts';
import type { SourceLimits } from './source-limits.ts';

/** Milliseconds from a connection to the end of its answer. */
const STREAM_PATIENCE = 3_000;
/** Open at once; an asker has one, and is gone within a round trip or three. */
const MOST_STREAMS = 512;
const MOST_STREAMS_EACH = 8;

export interface AnsweringOptions {
  readonly address: string;
  readonly port: number;
  readonly clock: Clock;
  readonly limits: SourceLimits;
}

/** Answers questions at one address, by UDP and by TCP. */
export class Answering {
  readonly #options: AnsweringOptions;
  readonly #streams = new Map<Socket, string>();
  #datagrams: DatagramSocket | undefined;
  #server: Server | undefined;

  constructor(options: AnsweringOptions) {
    this.#options = options;
  }

  /**
   * Resolves when it listens.
   * @param ended called when it has stopped to listen by itself
   * @throws Error of the system; then `stop` is to be called
   */
  async start(ended: () => void): Promise<void> {
    const { address, port } = this.#options;
    const six = familyOf(address) === 'IPv6';
    const datagrams = createSocket({
      type: six ? 'udp6' : 'udp4',
      ipv6Only: six,
      // Askers are always addresses: without a lookup each answer leaves at once.
      lookup: (text, _options, callback) => callback(null, text, six ? 6 : 4),
    });
    this.#datagrams = datagrams;
    datagrams.on('message', (octets, asker) => this.#answerDatagram(datagrams, octets, asker));
    const listening = once(datagrams, 'listening');
    datagrams.bind({ address, port });
    await listening;
    datagrams.on('error', ended);
    const server = createServer({ noDelay: true }, socket => this.#accept(socket));
    this.#server = server;
    server.maxConnections = MOST_STREAMS;
    server.listen({ host: address, port, ipv6Only: six });
    await once(server, 'listening');
    server.on('error', ended);
  }

  /** Ends at once: whoever asks again is told by the kernel that nobody listens. */
  stop(): void {
    this.#datagrams?.close();
    this.#datagrams = undefined;
    this.#server?.close();
    this.#server = undefined;
    for (const socket of this.#streams.keys()) socket.destroy();
  }

  #answerDatagram(socket: DatagramSocket, octets: Uint8Array, { address, port }: RemoteInfo): void {
    const question = readDatagram(octets);
    if (question?.kind !== 'question' || port === 0 || !this.#mayAsk(address)) return;
    socket.send(octetsOf({ ...question, kind: 'answer' }), port, address, () => {});
  }

  #accept(socket: Socket): void {
    const { remoteAddress } = socket;
    socket.on('error', () => {});
    if (remoteAddress === undefined || !this.#mayConnect(remoteAddress)) {
      socket.resetAndDestroy();
      return;
    }
    this.#streams.set(socket, remoteAddress);
    const timer = setTimeout(() => socket.resetAndDestroy(), STREAM_PATIENCE);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#streams.delete(socket);
    });
    const reader = new StreamReader();
    socket.on('data', chunk => {
      const state = reader.push(chunk);
      const { message } = reader;
      const isWrong = message !== undefined && (message.kind !== 'question' || message.size > LARGEST_STREAM);
      if (state === 'broken' || isWrong) socket.resetAndDestroy();
      else if (state === 'whole' && message !== undefined)
        socket.write(octetsOf({ ...message, kind: 'answer' }));
    });
  }

  #mayConnect(address: string): boolean {
    const open = [...this.#streams.values()].filter(one => one === address).length;
    return open < MOST_STREAMS_EACH && this.#mayAsk(address);
  }

  #mayAsk(address: string): boolean {
    const { limits, clock } = this.#options;
    return limits.take(address, clock.now());
  }
}
