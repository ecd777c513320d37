import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { ZoneTransfer } from '../../src/answer/responder.ts';
import { MOST_HELD, type TcpLimits, TcpServer } from '../../src/serve/tcp.ts';
import type { Handler } from '../../src/serve/transport.ts';
import { headerOnly, idsOf, replyOf, silent } from '../kit/handlers.ts';
import { query } from '../kit/packet.ts';
import { framed, TcpClient } from '../kit/tcp-client.ts';
import { tcpServers } from '../kit/tcp-servers.ts';

const LIMITS: TcpLimits = {
  idle: 10_000,
  message: 5_000,
  unread: 5_000,
  stop: 300,
  held: MOST_HELD,
  connections: 64,
  connectionsPerClient: 64,
};
const serve = tcpServers(LIMITS);

const ASK = framed(query('payments.shop.svc.clusterset.local', 'A', { id: 1 }));

async function answered(port: number, from = '127.0.0.1'): Promise<TcpClient> {
  const client = await TcpClient.connect(port, { from });
  client.write(ASK);
  await client.received(1);
  return client;
}

describe('limits on connections', () => {
  test('one more than a client may have closes the one of its own that was silent longest', async () => {
    const [server, port] = await serve(headerOnly, { connectionsPerClient: 3 });
    const stranger = await answered(port, '127.0.0.2');
    const first = await answered(port);
    const second = await answered(port);
    const third = await answered(port);
    first.write(ASK);
    await first.received(2);
    const fourth = await answered(port);
    await second.untilClosed();
    expect([stranger, first, third, fourth].map(({ closed }) => closed)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(server.closed.evicted).toBe(1);
    expect(server.open).toBe(4);
  });

  test('one more than all may have closes the one that was silent longest, whosever it is', async () => {
    const [server, port] = await serve(headerOnly, { connections: 3 });
    const first = await answered(port, '127.0.0.2');
    const second = await answered(port, '127.0.0.3');
    const third = await answered(port, '127.0.0.4');
    const fourth = await answered(port, '127.0.0.5');
    await first.untilClosed();
    expect([second, third, fourth].map(({ closed }) => closed)).toEqual([false, false, false]);
    expect(server.open).toBe(3);
  });

  test('2,000 idle connections do not keep the next client from its answer', async () => {
    const [server, port] = await serve(headerOnly, { connections: 2_048, connectionsPerClient: 1_024 });
    const idle = Array.from({ length: 2_000 }, () => connect({ port, host: '127.0.0.1' }));
    for (const socket of idle) socket.on('error', () => {});
    await Promise.all(idle.map(socket => once(socket, 'connect')));
    await answered(port);
    await answered(port, '127.0.0.2');
    expect(server.open).toBeLessThanOrEqual(1_025);
    for (const socket of idle) socket.destroy();
  });

  test('1,000 one-query connections are all answered', async () => {
    const [server, port] = await serve(headerOnly, { connectionsPerClient: 1_024, connections: 2_048 });
    const clients = await Promise.all(Array.from({ length: 1_000 }, () => answered(port)));
    for (const client of clients) client.socket.end();
    await vi.waitFor(() => expect(server.closed.peer).toBe(1_000));
    expect(server.open).toBe(0);
  });

  test('a port in use is said so, with what to do', async () => {
    const [, port] = await serve(headerOnly);
    const other = new TcpServer({ handler: headerOnly, log: silent, limits: LIMITS });
    await expect(other.listen({ address: '127.0.0.1', port })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port} (tcp): the port is in use; stop what holds it or choose another with --listen`,
    );
  });
});

describe('stopping', () => {
  test('answers what has arrived, then closes, and accepts nobody more', async () => {
    const [server, port] = await serve(headerOnly, { stop: 10_000 });
    const busy = await TcpClient.connect(port);
    const idle = await answered(port);
    busy.write(ASK, ASK, ASK);
    const begun = performance.now();
    await server.stop();
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(idsOf(await busy.received(3))).toEqual([1, 1, 1]);
    await Promise.all([busy.untilClosed(), idle.untilClosed()]);
    expect(server.closed.stop).toBe(2);
    await expect(TcpClient.connect(port)).rejects.toThrow('ECONNREFUSED');
  });

  test('cuts off at its deadline who does not take its replies', async () => {
    const [server, port] = await serve(replyOf(60_000));
    const client = await TcpClient.connect(port);
    client.socket.pause();
    client.write(...Array.from({ length: 1_000 }, () => ASK));
    await vi.waitFor(() => expect(server.open).toBe(1));
    const begun = performance.now();
    await server.stop();
    expect(performance.now() - begun).toBeLessThan(LIMITS.unread);
    expect(server.open).toBe(0);
    client.socket.destroy();
  });
});

const TRANSFER_ID = 0x5000;
const transferQuery = framed(query('clusterset.local', 'AXFR', { id: TRANSFER_ID }));

/** Answers transfers with this many messages of 16 KiB and counts how many were made. */
function transfersOf(count: number): { handler: Handler; made: () => number } {
  let made = 0;
  const messages = function* () {
    for (let index = 0; index < count; index += 1) {
      made += 1;
      const message = Buffer.alloc(16_384);
      message.writeUInt16BE(TRANSFER_ID);
      yield message;
    }
  };
  const handler: Handler = (message, client) =>
    message[0] === TRANSFER_ID >> 8 ? new ZoneTransfer(messages) : headerOnly(message, client);
  return { handler, made: () => made };
}

function* oneThenFault() {
  yield Buffer.alloc(100);
  throw new Error('no zone');
}

describe('zone transfers', () => {
  test('come whole, and other queries of the connection are answered meanwhile', async () => {
    const [, port] = await serve(transfersOf(500).handler);
    const client = await TcpClient.connect(port);
    client.write(transferQuery);
    await client.received(1);
    client.write(ASK);
    const ids = idsOf(await client.received(501));
    expect(ids.filter(id => id === TRANSFER_ID)).toHaveLength(500);
    expect(ids.indexOf(1)).toBeLessThan(500);
  });

  test('ten asked for at once all come', async () => {
    const [, port] = await serve(transfersOf(20).handler);
    const client = await TcpClient.connect(port);
    client.write(...Array.from({ length: 10 }, () => transferQuery), ASK);
    expect(await client.received(201)).toHaveLength(201);
  });

  test('go to a client that has sent its FIN', async () => {
    const [server, port] = await serve(transfersOf(100).handler);
    const client = await TcpClient.connect(port);
    client.write(transferQuery);
    client.socket.end();
    expect(await client.received(100)).toHaveLength(100);
    await vi.waitFor(() => expect(server.closed.peer).toBe(1));
  });

  test('are made no faster than they are read, and cut where nobody reads', async () => {
    const { handler, made } = transfersOf(100_000);
    const [server, port] = await serve(handler, { unread: 400 });
    const client = await TcpClient.connect(port);
    client.socket.pause();
    client.write(transferQuery);
    await vi.waitFor(() => expect(server.closed.unread).toBe(1), { timeout: 5_000 });
    expect(made() * 16_384).toBeLessThan(32 * 1024 * 1024);
    // All that it sent was read, so nothing but a reset takes back what the system still has for it.
    client.socket.resume();
    await client.untilClosed();
    expect(client.failure).toBe('ECONNRESET');
  });

  test('last longer than the limit for unread replies where the client reads slowly but steadily', async () => {
    const [server, port] = await serve(transfersOf(3_000).handler, { unread: 800 });
    const client = await TcpClient.connect(port);
    client.write(transferQuery);
    const begun = performance.now();
    while (client.messages.length < 3_000 && server.open === 1) {
      client.socket.pause();
      await sleep(60);
      client.socket.resume();
      await sleep(2);
    }
    expect(client.messages).toHaveLength(3_000);
    expect(performance.now() - begun).toBeGreaterThan(800);
  });

  test('that fail end the connection, and only that', async () => {
    const [server, port] = await serve((message, client) =>
      message[0] === TRANSFER_ID >> 8 ? new ZoneTransfer(oneThenFault) : headerOnly(message, client),
    );
    const client = await TcpClient.connect(port);
    client.write(transferQuery);
    await client.untilClosed();
    expect(server.closed.error).toBe(1);
    const other = await TcpClient.connect(port);
    other.write(ASK);
    expect(await other.received(1)).toHaveLength(1);
  });
});
