import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { BatchedUdp } from '../../../src/serve/batched/batched-udp.ts';
import { decode, query } from '../../kit/dns.ts';
import { headerOnly } from '../../kit/handlers.ts';
import { learningUdp, NAME } from '../../kit/learning-udp.ts';
import { makeBatched } from '../../kit/udp-transports.ts';

/** A thread has to start first, on a machine that may have other things to do. */
const SOON = { timeout: 20_000, interval: 1 };

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

async function clientOf(host: string, port: number) {
  const socket = createSocket('udp4');
  // Connected, it gets what comes from there and nothing else.
  socket.connect(port, host);
  await once(socket, 'connect');
  cleanup.push(() => new Promise<void>(closed => socket.close(() => closed())));
  const replies: Buffer[] = [];
  socket.on('message', reply => replies.push(reply));
  return async (message: Uint8Array): Promise<Buffer> => {
    socket.send(message);
    await vi.waitFor(() => expect(replies).toHaveLength(1), SOON);
    return replies.splice(0)[0] ?? Buffer.alloc(0);
  };
}

async function started(udp: BatchedUdp): Promise<number> {
  cleanup.push(() => udp.stop());
  const [bound] = await udp.start();
  return bound?.port ?? 0;
}

describe('replies leave from the address that was asked', () => {
  test.each(['127.0.0.1', '127.0.0.5'])('0.0.0.0, asked as %s', async host => {
    const port = await started(
      await makeBatched({ listen: { address: '0.0.0.0', port: 0 }, handler: headerOnly }),
    );
    const ask = await clientOf(host, port);
    expect((await ask(query(NAME, 'A', { id: 9 }))).readUInt16BE(0)).toBe(9);
  });
});

describe.each([1, 2])('with %i threads', threads => {
  test('what was asked before is answered without the slow path, and all is counted', async () => {
    const { port, lines } = await learningUdp(threads);
    const ask = await clientOf('127.0.0.1', port);
    for (let id = 1; id <= 100; id += 1) {
      const reply = decode(await ask(query(NAME, 'A', { id })));
      expect([reply.id, reply.answers.map(({ type }) => type)]).toEqual([id, ['A']]);
    }
    expect(await lines('causeway_dns_queries_total{')).toEqual([
      'causeway_dns_queries_total{transport="udp",type="A",rcode="NOERROR"} 100',
    ]);
    expect(await lines('causeway_dns_answers_total{')).toEqual([
      'causeway_dns_answers_total{cluster="east"} 100',
    ]);
    expect(await lines('causeway_dns_query_duration_seconds_count')).toEqual([
      'causeway_dns_query_duration_seconds_count 100',
    ]);
    // All of one client's queries come to one socket, so one thread learned it.
    expect(await lines('causeway_dns_compiled_answers_total{')).toEqual([
      'causeway_dns_compiled_answers_total{result="hit"} 99',
      'causeway_dns_compiled_answers_total{result="miss"} 1',
    ]);
  });

  test('once a change was applied, no query gets what was true before', async () => {
    const { port, change, lines } = await learningUdp(threads);
    const asks = await Promise.all([1, 2, 3, 4].map(() => clientOf('127.0.0.1', port)));
    for (let round = 0; round < 50; round += 1) {
      const address = `10.10.1.${round}`;
      change(address);
      const replies = await Promise.all(asks.map(ask => ask(query(NAME, 'A'))));
      const again = await Promise.all(asks.map(ask => ask(query(NAME, 'A'))));
      const given = [...replies, ...again].map(reply => decode(reply).answers.map(({ data }) => data));
      expect(given).toEqual(given.map(() => [address]));
    }
    const [hits = ''] = await lines('causeway_dns_compiled_answers_total{result="hit"}');
    expect(Number(hits.split(' ')[1])).toBeGreaterThanOrEqual(150);
  });
});

test('a fault in what is compiled for the threads costs nobody the reply, and is logged', async () => {
  const lines: Record<string, unknown>[] = [];
  const udp = await makeBatched({
    listen: { address: '127.0.0.1', port: 0 },
    handler: headerOnly,
    compiled: () => {
      throw new Error('a fault of ours');
    },
    log: pino({}, { write: line => lines.push(JSON.parse(line)) }),
  });
  const ask = await clientOf('127.0.0.1', await started(udp));
  for (let id = 1; id <= 2; id += 1) {
    expect((await ask(query(NAME, 'A', { id }))).readUInt16BE(0)).toBe(id);
  }
  expect(lines).toMatchObject([
    { fault: 'a fault of ours', faults: 1 },
    { fault: 'a fault of ours', faults: 2 },
  ]);
});

test('while the slow path is held up, known names are answered, and what finds no room is counted', async () => {
  const {
    port,
    counts: [counts],
  } = await learningUdp(1);
  const ask = await clientOf('127.0.0.1', port);
  await ask(query(NAME, 'A'));
  await ask(query(NAME, 'A'));
  const flood = createSocket('udp4');
  flood.connect(port, '127.0.0.1');
  await once(flood, 'connect');
  cleanup.push(() => new Promise<void>(closed => flood.close(() => closed())));
  // From here on the event loop of this thread, which has the slow path, does not turn.
  const until = (happened: () => boolean, known?: Buffer) => {
    const deadline = performance.now() + SOON.timeout;
    for (let sent = 0; !happened() && performance.now() < deadline; sent += 1) {
      flood.send(query(`n${sent}.shop.svc.clusterset.local`, 'A'));
      // Any datagram may be lost in the flood.
      if (known !== undefined && sent % 100 === 0) flood.send(known);
      if (sent % 100 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  };
  until(() => (counts?.droppedFor('overload') ?? 0) > 0);
  const before = counts?.replies ?? 0;
  until(() => (counts?.replies ?? 0) > before, query(NAME, 'A'));
  expect(counts?.droppedFor('overload')).toBeGreaterThan(0);
  expect(counts?.replies).toBeGreaterThan(before);
});
