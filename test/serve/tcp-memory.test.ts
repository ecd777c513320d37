import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { MOST_HELD } from '../../src/serve/tcp.ts';
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
    const client = await TcpClient.connect(port, { from: '127.0.0.66' });
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
    const honest = await TcpClient.connect(port);
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

  test('clients that read what they ask for never meet it', async () => {
    const [server, port] = await serve(replyOf(16_384));
    const clients = await Promise.all(Array.from({ length: 8 }, () => TcpClient.connect(port)));
    for (const client of clients) client.write(PIPELINED.subarray(0, 500 * ASK.length));
    await Promise.all(clients.map(client => client.received(500)));
    expect(server.closed.memory).toBe(0);
    expect(server.open).toBe(8);
  });
});

function isSettled({ closed, messages }: TcpClient): boolean {
  return closed || messages.length === 1_000;
}

async function answeredNow(port: number): Promise<TcpClient> {
  const client = await TcpClient.connect(port);
  client.write(ASK);
  return client;
}
