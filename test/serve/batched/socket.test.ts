import { describe, expect, test } from 'vitest';
import { SystemCallError } from '../../../src/ops/c-library.ts';
import { openSockets, probeSystem } from '../../../src/serve/batched/socket.ts';
import { loadSystemCalls, type Memory } from '../../../src/serve/batched/system-calls.ts';

const calls = await loadSystemCalls();
const SO_REUSEPORT = 15;

describe('what this system can do', () => {
  test.each(['127.0.0.1', '::1', '0.0.0.0', '::'])('all of it, on %s', address => {
    expect(() => probeSystem(calls, address, 2)).not.toThrow();
  });

  // ENOSYS is 38, and EPERM, as seccomp answers, 1.
  test.each([
    { without: { receive: () => -38 }, message: 'recvmmsg: ENOSYS' },
    { without: { send: () => -1 }, message: 'sendmmsg: EPERM' },
  ])('a sandbox that says $message', ({ without, message }) => {
    expect(() => probeSystem({ ...calls, ...without }, '127.0.0.1', 2)).toThrow(message);
  });

  test('a sandbox without an option', () => {
    const setOption = () => {
      throw new SystemCallError('setsockopt', 92);
    };
    const mapped = new Set<Memory>();
    const counted = {
      ...calls,
      map: (length: number) => {
        const memory = calls.map(length);
        mapped.add(memory);
        return memory;
      },
      unmap: (memory: Memory) => {
        mapped.delete(memory);
        calls.unmap(memory);
      },
    };
    expect(() => probeSystem({ ...counted, setOption }, '127.0.0.1', 2)).toThrow('setsockopt: ENOPROTOOPT');
    expect(mapped.size).toBe(0);
  });
});

/** Of a system that refuses to share ports, and has everything else. */
const unshared = {
  ...calls,
  setOption: (...[socket, level, option, value]: Parameters<typeof calls.setOption>) => {
    if (level === 1 && option === SO_REUSEPORT) throw new SystemCallError('setsockopt', 92);
    calls.setOption(socket, level, option, value);
  },
};

describe('a system that lets nobody share a port', () => {
  test('has batches for one thread and not for two', () => {
    expect(() => probeSystem(unshared, '127.0.0.1', 1)).not.toThrow();
    expect(() => probeSystem(unshared, '127.0.0.1', 2)).toThrow('setsockopt: ENOPROTOOPT');
  });

  test('does not refuse the address', () => {
    const open = () => openSockets(unshared, { address: '127.0.0.1', port: 0 }, 2);
    expect(open).toThrow(SystemCallError);
    expect(open).toThrow('setsockopt: ENOPROTOOPT');
  });
});

describe('a port', () => {
  const address = '127.0.0.1';

  test('is shared by the sockets of one server and by nobody else', () => {
    const [sockets, bound] = openSockets(calls, { address, port: 0 }, 3);
    try {
      expect(new Set(sockets).size).toBe(3);
      for (const count of [1, 2]) {
        expect(() => openSockets(calls, { address, port: bound.port }, count)).toThrow('the port is in use');
      }
    } finally {
      for (const socket of sockets) calls.close(socket);
    }
  });

  test('that is refused leaves no socket behind', () => {
    const opened: number[] = [];
    const counted = {
      ...calls,
      socket: (family: number) => {
        const socket = calls.socket(family);
        opened.push(socket);
        return socket;
      },
      close: (socket: number) => {
        opened.splice(opened.indexOf(socket), 1);
        calls.close(socket);
      },
    };
    expect(() => openSockets(counted, { address: '192.0.2.1', port: 0 }, 2)).toThrow(
      'does not have that address',
    );
    expect(opened).toEqual([]);
  });
});
