import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '../ops/log.ts';
import {
  type BoundAddress,
  clientAddress,
  type Handler,
  type ListenAddress,
  listenError,
  type UdpSide,
} from './transport.ts';

export interface UdpOptions {
  readonly listen: ListenAddress;
  readonly handler: Handler;
  readonly log: Logger;
  /** Called for every reply that the system refused to send. */
  readonly sendFailed: () => void;
}

/** Octets of kernel buffer asked for: what 50,000 queries/s bring in while the process pauses for half a second. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;

/** Turns of the event loop that stopping spends on datagrams already received; each reads dozens. */
const STOP_TURNS = 100;

/** UDP on one address through `node:dgram`. */
export class UdpTransport implements UdpSide {
  readonly name = 'udp';
  readonly kind = 'dgram';
  readonly #options: UdpOptions;
  #socket: Socket | undefined;
  #received = 0;

  constructor(options: UdpOptions) {
    this.#options = options;
  }

  get serving(): number {
    return this.#socket === undefined ? 0 : 1;
  }

  async start(): Promise<BoundAddress[]> {
    const { listen, log } = this.#options;
    const six = isIPv6(listen.address);
    const socket = createSocket({
      type: six ? 'udp6' : 'udp4',
      // `::` means IPv6 alone here, so that `0.0.0.0` can be listened on beside it and replies leave by the same
      // family.
      ipv6Only: six,
      // Peers are always addresses: answering at once spares each reply a dns.lookup() and a turn of the event loop.
      lookup: (address, _options, callback) => callback(null, address, six ? 6 : 4),
    });
    // Waited for from before: with a lookup that answers at once, so does bind.
    const listening = once(socket, 'listening');
    socket.bind({ address: listen.address, port: listen.port });
    await listening.catch((error: unknown) => {
      socket.close();
      throw listenError('udp', listen, error);
    });
    growReceiveBuffer(socket);
    socket.on('error', error => log.warn({ err: error, listen }, 'udp socket reported an error'));
    this.#socket = socket;
    this.#serve(socket);
    const { address, port } = socket.address();
    return [{ protocol: 'udp', address, port }];
  }

  async stop(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#socket = undefined;
    // What the kernel has received already counts as in flight: read on until a turn brings nothing more. The first
    // turn may end before sockets are polled, so it does not count.
    for (let turn = 0, seen = -1; turn < 2 || (turn < STOP_TURNS && seen !== this.#received); turn += 1) {
      seen = this.#received;
      await nextTurn();
    }
    await new Promise<void>(closed => socket.close(() => closed()));
  }

  #serve(socket: Socket): void {
    const { handler, sendFailed } = this.#options;
    const sent = (error: Error | null) => {
      if (error !== null) sendFailed();
    };
    socket.on('message', (message: Buffer, peer: RemoteInfo) => {
      this.#received += 1;
      const reply = handler(message, { transport: 'udp', address: clientAddress(peer.address) });
      if (reply === undefined || !(reply instanceof Uint8Array)) return;
      try {
        socket.send(reply, peer.port, peer.address, sent);
      } catch {
        // A datagram can come from port 0, to which Node refuses to send.
        sendFailed();
      }
    });
  }
}

// The kernel cuts the size down to net.core.rmem_max by itself; systems that refuse instead keep their default.
function growReceiveBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER);
  } catch {
    return;
  }
}
