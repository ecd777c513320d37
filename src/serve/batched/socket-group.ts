import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../ops/log.ts';
import { type BoundAddress, formatAddress } from '../transport.ts';
import { openAnother, steer } from './socket.ts';
import type { SystemCalls } from './system-calls.ts';

export interface SocketGroupOptions {
  readonly calls: SystemCalls;
  readonly bound: BoundAddress;
  /** As `openSockets` opened them. */
  readonly sockets: readonly number[];
  /** CPUs of the first of them; none: the kernel spreads clients by a hash. With CPUs it takes several sockets. */
  readonly cpus: readonly number[];
  readonly log: Logger;
}

interface Member {
  readonly socket: number;
  /** Undefined: it gets what arrives on CPUs that no socket has. */
  readonly cpu: number | undefined;
}

/**
 * The sockets that share an address. The kernel chooses among them by their index: that is the order in which they were
 * bound, but where one was closed, the last stands in its place (`net/core/sock_reuseport.c`). So each change gets a
 * program of its own. Between the change and its program datagrams come to another thread, which answers them as well.
 *
 * The option that names the CPU of a socket (SO_INCOMING_CPU) needs no order and no program; but kernels before 6.2
 * take it and do nothing where sockets share a port.
 */
export class SocketGroup {
  readonly #options: SocketGroupOptions;
  /** In the kernel's order. */
  readonly #members: Member[];

  constructor(options: SocketGroupOptions) {
    const { sockets, cpus } = options;
    this.#options = options;
    this.#members = sockets.map((socket, index) => ({ socket, cpu: cpus[index] }));
    this.#steer();
  }

  /**
   * Opens one more, in the place of one that was closed.
   *
   * @throws SystemCallError
   */
  reopen(cpu: number | undefined): number {
    const { calls, bound } = this.#options;
    const socket = openAnother(calls, bound);
    this.#members.push({ socket, cpu });
    this.#steer();
    return socket;
  }

  close(socket: number): void {
    this.#options.calls.close(socket);
    const last = this.#members.pop();
    const index = this.#members.findIndex(member => member.socket === socket);
    if (last !== undefined && index >= 0) this.#members[index] = last;
    this.#steer();
  }

  #steer(): void {
    const { calls, bound, cpus, log } = this.#options;
    const [first] = this.#members;
    if (cpus.length === 0 || first === undefined) return;
    const order = this.#members.map(({ cpu }) => cpu);
    try {
      steer(calls, first.socket, order);
    } catch (error) {
      const found = { reason: messageOf(error), listen: formatAddress(bound) };
      log.warn(found, 'the kernel was not told which thread is on which cpu; udp may come to another one');
    }
  }
}
