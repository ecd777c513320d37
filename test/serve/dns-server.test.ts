import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { DnsServer } from '../../src/serve/dns-server.ts';
import { MOST_HELD, TcpServer } from '../../src/serve/tcp.ts';
import type { ListenAddress, UdpSide } from '../../src/serve/transport.ts';
import { UdpTransport } from '../../src/serve/udp.ts';
import { headerOnly, silent } from '../kit/handlers.ts';
import { batchedOf } from '../kit/udp-transports.ts';
import { Workers } from '../kit/workers.ts';

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0)) await undo();
});

function udpOn(listen: ListenAddress): UdpSide {
  return new UdpTransport({ listen, handler: headerOnly, log: silent, sendFailed: () => {} });
}

function serverOn(listen: readonly ListenAddress[], udp = udpOn): DnsServer {
  const limits = {
    idle: 1_000,
    message: 500,
    unread: 500,
    stop: 300,
    held: MOST_HELD,
    connections: 8,
    connectionsPerClient: 8,
  };
  const tcp = new TcpServer({ handler: headerOnly, log: silent, limits });
  const server = new DnsServer({ listen, udp, tcp });
  cleanup.push(() => server.stop());
  return server;
}

/** A TCP port that is taken. */
async function takenPort(): Promise<number> {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  cleanup.push(() => new Promise(closed => blocker.close(closed)));
  const address = blocker.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('every address gets UDP and TCP on one port', async () => {
  const bound = await serverOn([
    { address: '127.0.0.1', port: 0 },
    { address: '::1', port: 0 },
    { address: '127.0.0.2', port: 0 },
  ]).start();
  expect(bound.map(({ protocol, address }) => `${protocol} ${address}`)).toEqual([
    'udp 127.0.0.1',
    'tcp 127.0.0.1',
    'udp ::1',
    'tcp ::1',
    'udp 127.0.0.2',
    'tcp 127.0.0.2',
  ]);
  const ports = bound.map(({ port }) => port);
  expect([ports[0], ports[2], ports[4]]).toEqual([ports[1], ports[3], ports[5]]);
  expect(ports).not.toContain(0);
});

test('where the system chooses a port that is taken for TCP, another is tried', async () => {
  const taken = await takenPort();
  const tried: number[] = [];
  const server = serverOn([{ address: '127.0.0.1', port: 0 }], listen => {
    tried.push(listen.port);
    return udpOn(tried.length < 3 ? { ...listen, port: taken } : listen);
  });
  const [udp, tcp] = await server.start();
  // The port that the system chooses then may be taken, too: by another test that runs meanwhile.
  expect(tried.length).toBeGreaterThanOrEqual(3);
  expect(new Set(tried)).toEqual(new Set([0]));
  expect(udp?.port).not.toBe(taken);
  expect(tcp?.port).toBe(udp?.port);
});

test('a port that was asked for and is taken for TCP alone fails at once', async () => {
  const port = await takenPort();
  await expect(serverOn([{ address: '127.0.0.1', port }]).start()).rejects.toThrow(
    `cannot listen on 127.0.0.1:${port} (tcp): the port is in use`,
  );
});

test('it says on which address nothing answers, and for no longer than that is so', {
  timeout: 120_000,
}, async () => {
  const makeBatched = await batchedOf();
  const workers = new Workers();
  const listen = { address: '127.0.0.1', port: 0 };
  const server = serverOn([listen], own => makeBatched({ listen: own, handler: headerOnly }));
  expect(server.obstacle).toBe('nothing answers UDP on 127.0.0.1:0');
  await server.start();
  expect(server.obstacle).toBeUndefined();
  await workers.doom();
  await vi.waitFor(() => expect(server.obstacle).toBe('nothing answers UDP on 127.0.0.1:0'), 10_000);
  workers.spare();
  await vi.waitFor(() => expect(server.obstacle).toBeUndefined(), 60_000);
});
