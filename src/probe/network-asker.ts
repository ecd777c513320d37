import { createSocket, type Socket } from 'node:dgram';
import { connect } from 'node:net';
import { type AddressFamily, familyOf } from '../base/ip.ts';
import { octetsOf, readDatagram, StreamReader } from '../paths/message.ts';
import type { Answered, Asker, Question, Sources, StreamResult } from './asker.ts';

/** Milliseconds for a connection, a question and its answer: enough for one lost SYN. */
const STREAM_PATIENCE = 1_500;

/** Of this node's own: its address is not there (yet), or there are too many sockets. */
const OWN_FAULTS = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EADDRINUSE', 'EMFILE', 'ENFILE', 'ENOBUFS'];

/** Asks over the network: by one UDP socket per family, and by a TCP connection for each stream. */
export class NetworkAsker implements Asker {
  readonly #port: number;
  readonly #answered: Answered;
  readonly #sockets = new Map<AddressFamily, BoundSocket>();
  readonly #streams = new Set<() => void>();
  #sources: Sources = {};

  /** @param port where responders listen */
  constructor(port: number, answered: Answered) {
    this.#port = port;
    this.#answered = answered;
  }

  from(sources: Sources): void {
    this.#sources = sources;
    for (const [family, { source }] of this.#sockets) if (sources[family] !== source) this.#close(family);
  }

  datagram({ target: { family, address }, size, nonce }: Question): boolean {
    const bound = this.#socketOf(family);
    if (bound?.ready !== true) return false;
    // What the kernel refuses, such as where no route leads, is as lost as what nobody answers.
    bound.socket.send(octetsOf({ kind: 'question', size, nonce }), this.#port, address, () => {});
    return true;
  }

  stream({ target: { address }, size, nonce }: Question): Promise<StreamResult> {
    const source = this.#sources[familyOf(address)];
    if (source === undefined) return Promise.resolve('unable');
    const { promise, resolve } = Promise.withResolvers<StreamResult>();
    const socket = connect({ host: address, port: this.#port, localAddress: source });
    const finish = (result: StreamResult): void => {
      clearTimeout(timer);
      this.#streams.delete(stop);
      // By RST: one a second to each of hundreds of clusters would leave as many ports waiting for a minute each.
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
      resolve(result);
    };
    const timer = setTimeout(() => finish('lost'), STREAM_PATIENCE);
    const stop = (): void => finish('unable');
    this.#streams.add(stop);
    socket.once('connect', () => socket.write(octetsOf({ kind: 'question', size, nonce })));
    const answer = new StreamReader();
    socket.on('data', chunk => {
      const state = answer.push(chunk);
      if (state === 'incomplete') return;
      const { kind, size: length, nonce: echoed } = answer.message ?? {};
      finish(kind === 'answer' && length === size && echoed === nonce ? 'answered' : 'lost');
    });
    socket.on('error', error => finish(resultOf(error)));
    socket.once('close', () => finish('lost'));
    return promise;
  }

  stop(): void {
    for (const family of this.#sockets.keys()) this.#close(family);
    for (const end of this.#streams) end();
  }

  /** Bound at the first question, and anew at each where that failed: the address comes with the kernel's set-up. */
  #socketOf(family: AddressFamily): BoundSocket | undefined {
    const source = this.#sources[family];
    if (source === undefined) return undefined;
    const existing = this.#sockets.get(family);
    if (existing !== undefined) return existing;
    const six = family === 'IPv6';
    const socket = createSocket({
      type: six ? 'udp6' : 'udp4',
      ipv6Only: six,
      lookup: (address, _options, callback) => callback(null, address, six ? 6 : 4),
    });
    const bound: BoundSocket = { socket, source, ready: false };
    this.#sockets.set(family, bound);
    socket.once('listening', () => {
      bound.ready = true;
    });
    socket.on('error', () => {
      if (this.#sockets.get(family) === bound) this.#close(family);
    });
    socket.on('message', (octets, { address, port }) => {
      const message = readDatagram(octets);
      if (message?.kind === 'answer' && port === this.#port)
        this.#answered(address, message.size, message.nonce);
    });
    socket.bind({ address: source, port: 0 });
    return bound;
  }

  #close(family: AddressFamily): void {
    const bound = this.#sockets.get(family);
    this.#sockets.delete(family);
    bound?.socket.close();
  }
}

interface BoundSocket {
  readonly socket: Socket;
  readonly source: string;
  ready: boolean;
}

function resultOf(error: NodeJS.ErrnoException): StreamResult {
  if (error.code === 'ECONNREFUSED') return 'refused';
  return OWN_FAULTS.includes(error.code ?? '') ? 'unable' : 'lost';
}
