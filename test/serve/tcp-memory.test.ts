import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { MOST_HELD } from '../../src/serve/tcp.ts';
import { MOST_HELD_BY_ONE, MOST_QUEUED, READ_AHEAD } from '../../src/serve/tcp-connection.ts';
import { headerOnly, idsOf, replyOf } from '../kit/handlers.ts';
import { query } from '../kit/packet.ts';
import { framed, TcpClient } from '../kit/tcp-client.ts';
import { tcpServers } from '../kit/tcp-servers.ts';

/** An eighth of what the daemon lets all connections hold shows the same. */
const HELD = MOST_HELD / 8;

const serve = tcpServers({
  idle: 10_000,
  message: 10_000,
  unread: 10_000,
  stop: 300,
  held: HELD,
  connections: 2_048,
  connectionsPerClient: 1_024,
});

const QUESTION = query('payments.shop.svc.clusterset.local', 'A', { id: 1 });
const ASK = framed(QUESTION);
const PIPELINED = Buffer.concat(Array.from({ length: 4_000 }, () => ASK));

/** Clients that send this and read nothing, one after the other. @param look called for each */
async function attack(
  port: number,
  count: number,
  octets: Uint8Array,
  look = () => {},
): Promise<TcpClient[]> {
  const clients: TcpClient[] = [];
  for (let index = 0; index < count; index += 1) {
    const client = await clientAt(port, '127.0.0.66');
    client.socket.pause();
    client.write(octets);
    clients.push(client);
    look();
  }
  return clients;
}

describe('what all clients together make the server hold is bounded', () => {
  test.each([
    { row: 'pipelined queries, and nobody reads', reply: replyOf(16_384), octets: PIPELINED, count: 60 },
    {
      row: 'messages of which the last octet never comes',
      reply: headerOnly,
      octets: framed(Buffer.alloc(65_535)).subarray(0, -1),
      count: 120,
    },
  ])('$row', async ({ reply, octets, count }) => {
    const [server, port] = await serve((message, client) =>
      client.address === '127.0.0.66' ? reply(message, client) : headerOnly(message, client),
    );
    const honest = await clientAt(port);
    let most = 0;
    const look = () => {
      most = Math.max(most, server.countHeld());
    };
    const clients = await attack(port, count, octets, look);
    await vi.waitFor(() => expect(server.closed.memory).toBeGreaterThan(5), { timeout: 10_000 });
    for (let tick = 0; tick < 20; tick += 1) {
      await sleep(10);
      look();
    }
    expect(most).toBeGreaterThan(HELD / 2);
    expect(most).toBeLessThanOrEqual(HELD);

    honest.write(ASK);
    expect(idsOf(await honest.received(1))).toEqual([1]);
    expect(idsOf(await (await answeredNow(port)).received(1))).toEqual([1]);
    expect(server.closed.memory + server.open).toBe(count + 2);
    for (const client of clients) client.socket.destroy();
    await vi.waitFor(() => expect(server.countHeld()).toBe(0), { timeout: 5_000 });
  });

  test('who is cut for it is told so at once, and the system keeps nothing for it', async () => {
    const [server, port] = await serve(replyOf(16_384));
    const clients = await attack(port, 20, PIPELINED.subarray(0, 1_000 * ASK.length));
    await vi.waitFor(() => expect(server.closed.memory).toBeGreaterThan(0), { timeout: 10_000 });
    for (const client of clients) client.socket.resume();
    await vi.waitFor(() => expect(clients.filter(isSettled)).toHaveLength(clients.length), {
      timeout: 10_000,
    });
    const failures = clients.flatMap(({ failure }) => failure ?? []);
    expect(failures).toEqual(Array.from({ length: server.closed.memory }, () => 'ECONNRESET'));
  });

  test('who is cut with nothing to take is closed in order: all that it sent was read', async () => {
    const [server, port] = await serve(headerOnly, { held: 30_000 });
    const [larger, smaller] = [await clientAt(port, '127.0.0.2'), await clientAt(port, '127.0.0.3')];
    larger.write(incomplete(20_000));
    await vi.waitFor(() => expect(server.countHeld()).toBe(20_000));
    smaller.write(incomplete(15_000));
    await larger.untilClosed();
    expect(larger.failure).toBeUndefined();
    expect(server.closed.memory).toBe(1);
    expect(server.countHeld()).toBe(15_000);
  });

  test('who is cut right after its own end leaves no socket behind', async () => {
    const [server, port] = await serve(headerOnly, { held: 30_000 });
    // Those of tests before are on their way out.
    await vi.waitFor(() => expect(openSockets()).toBe(0));
    const [larger, smaller] = [await clientAt(port, '127.0.0.2'), await clientAt(port, '127.0.0.3')];
    larger.write(incomplete(20_000));
    await vi.waitFor(() => expect(server.countHeld()).toBe(20_000));
    // Both come in one turn of the server, which is shutting the one down when the other is too much.
    larger.socket.end(() => smaller.write(incomplete(15_000)));
    await larger.untilClosed();
    await vi.waitFor(() => expect(server.closed.memory).toBe(1));
    smaller.socket.destroy();
    await vi.waitFor(() => expect(openSockets()).toBe(0));
  });

  test('who is cut for what it sent itself leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const [server, port] = await serve(headerOnly, { held: 30_000 });
    const client = await clientAt(port, '127.0.0.2');
    client.write(incomplete(40_000));
    await client.untilClosed();
    expect(server.closed.memory).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('what may be read ahead of a client that takes nothing counts before it comes', async () => {
    const [server, port] = await serve(replyOf(65_535));
    await attack(port, 1, PIPELINED.subarray(0, 1_000 * ASK.length));
    await vi.waitFor(() => expect(server.countHeld()).toBeGreaterThan(MOST_QUEUED + READ_AHEAD));
  });

  test('one client that does its worst holds no more than is said', async () => {
    const [server, port] = await serve(replyOf(65_535));
    await attack(port, 1, PIPELINED);
    let most = 0;
    for (let tick = 0; tick < 100; tick += 1) {
      await sleep(2);
      most = Math.max(most, server.countHeld());
    }
    expect(most).toBeGreaterThan(MOST_HELD_BY_ONE / 2);
    expect(most).toBeLessThanOrEqual(MOST_HELD_BY_ONE);
  });

  test('clients that read what they ask for never meet it', async () => {
    const [server, port] = await serve(replyOf(16_384));
    const clients = await Promise.all(Array.from({ length: 8 }, () => clientAt(port)));
    for (const client of clients) client.write(PIPELINED.subarray(0, 500 * ASK.length));
    await Promise.all(clients.map(client => client.received(500)));
    expect(server.closed.memory).toBe(0);
    expect(server.open).toBe(8);
  });
});

/** All but the last octet of a message, this many with its length. */
function incomplete(octets: number): Buffer {
  return framed(Buffer.alloc(octets - 1)).subarray(0, -1);
}

async function clientAt(port: number, from = '127.0.0.1'): Promise<TcpClient> {
  const client = await TcpClient.connect(port, { from });
  onTestFinished(() => {
    client.socket.destroy();
  });
  return client;
}

function openSockets(): number {
  return process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap').length;
}

function isSettled({ closed, messages }: TcpClient): boolean {
  return closed || messages.length === 1_000;
}

async function answeredNow(port: number): Promise<TcpClient> {
  const client = await clientAt(port);
  client.write(ASK);
  return client;
}
