import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test, vi } from 'vitest';
import { SystemCallError } from '../../../src/ops/c-library.ts';
import { allowedCpus, threadCpus } from '../../../src/serve/batched/affinity.ts';
import { openSockets, probeSteering } from '../../../src/serve/batched/socket.ts';
import { SocketGroup, type SocketGroupOptions } from '../../../src/serve/batched/socket-group.ts';
import { loadSystemCalls } from '../../../src/serve/batched/system-calls.ts';
import { silent } from '../../kit/handlers.ts';
import { sendFrom, takeAll } from '../../kit/libc.ts';

const calls = await loadSystemCalls();
const COUNT = 4;
/** Two of the sockets have a CPU where the machine has two. */
const CPUS = threadCpus(allowedCpus(calls), 2);
const DATAGRAMS = Array.from({ length: 8 }, (_, index) => Uint8Array.of(index));

class Group {
  readonly #group: SocketGroup;
  readonly #bound: SocketGroupOptions['bound'];
  /** By the threads that they are for; undefined: closed. */
  readonly #sockets: (number | undefined)[];

  constructor(address: string, options: Partial<SocketGroupOptions> = {}) {
    const [sockets, bound] = openSockets(calls, { address, port: 0 }, COUNT);
    this.#sockets = sockets;
    this.#bound = bound;
    this.#group = new SocketGroup({ calls, sockets, bound, cpus: CPUS, log: silent, ...options });
  }

  /** Closes the socket of a thread, or opens it again. The last one stays. */
  toggle(thread: number): void {
    const socket = this.#sockets[thread];
    if (socket === undefined) this.#sockets[thread] = this.#group.reopen(CPUS[thread]);
    else if (this.#open().length > 1) {
      this.#sockets[thread] = undefined;
      this.#group.close(socket);
    }
  }

  /** How many of the datagrams that arrive on a CPU each thread gets. */
  async received(cpu: number): Promise<number[]> {
    sendFrom(cpu, calls, this.#bound, DATAGRAMS);
    const counts = this.#sockets.map(() => 0);
    await vi.waitFor(() => {
      for (const [thread, socket] of this.#sockets.entries())
        counts[thread] = (counts[thread] ?? 0) + (socket === undefined ? 0 : takeAll(socket));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(DATAGRAMS.length);
    });
    return counts;
  }

  isOpen(thread: number): boolean {
    return this.#sockets[thread] !== undefined;
  }

  close(): void {
    for (const socket of this.#open()) this.#group.close(socket);
  }

  #open(): number[] {
    return this.#sockets.filter(socket => socket !== undefined);
  }
}

function all(thread: number): number[] {
  return Array.from({ length: COUNT }, (_, index) => (index === thread ? DATAGRAMS.length : 0));
}

describe.each(['127.0.0.1', '::1', '0.0.0.0', '::'])('on %s', address => {
  test('what arrives on a CPU goes to the socket of that CPU, whichever were closed and opened', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: COUNT - 1 }), { maxLength: 12 }), async toggled => {
        const group = new Group(address);
        try {
          for (const thread of toggled) group.toggle(thread);
          for (const [thread, cpu] of CPUS.entries()) {
            const received = await group.received(cpu);
            if (group.isOpen(thread)) expect(received).toEqual(all(thread));
          }
        } finally {
          group.close();
        }
      }),
      { numRuns: 50 },
    );
  });
});

/** Of a system that gives no program the choice. */
const unsteered = {
  ...calls,
  setProgram: () => {
    throw new SystemCallError('setsockopt', 1);
  },
};

describe('where the kernel takes no program', () => {
  test('it is said when it is asked for', () => {
    expect(() => probeSteering(unsteered, '127.0.0.1')).toThrow('setsockopt: EPERM');
    expect(() => probeSteering(calls, '127.0.0.1')).not.toThrow();
  });

  test('every datagram comes to some socket all the same', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = pino({}, { write: line => lines.push(JSON.parse(line)) });
    const group = new Group('127.0.0.1', { calls: unsteered, log });
    try {
      for (const cpu of CPUS) await group.received(cpu);
      expect(lines).toMatchObject([{ reason: 'setsockopt: EPERM' }]);
    } finally {
      group.close();
    }
  });
});
