import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type AnswerMessage, answerMessage } from '../../../src/answer/ready-answer.ts';
import { VersionBoard } from '../../../src/answer/version-board.ts';
import type { SlowQuery } from '../../../src/serve/batched/slow-query.ts';
import { MOST_WAITING, WaitingQueries } from '../../../src/serve/batched/waiting.ts';
import type { FastCounts } from '../../../src/serve/fast-counts.ts';
import { decode, query, responderOf } from '../../kit/dns.ts';
import { SETTINGS } from '../../kit/oracle.ts';
import { makeBatched } from '../../kit/udp-transports.ts';
import { Workers } from '../../kit/workers.ts';
import { clusterOf, put, serviceOf, zoneOf } from '../../kit/zone.ts';

const SOON = { timeout: 20_000, interval: 1 };
/** All that they ask at once finds room in the thread's socket, even if nothing of it is read meanwhile. */
const CLIENTS = 4;
const QUERIES = 60;
const NAMES = 5;
/** Together they ask for more than the slow path's queue has places. */
const GROUPS = 6;

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

const serviceAt = (index: number, address: string) =>
  serviceOf('shop', `svc${index}`, [clusterOf('east', [address])]);
const services = (address: string) => Array.from({ length: NAMES }, (_, index) => serviceAt(index, address));

/** A thread that serves, and its slow path in this one; `keeps`: what is compiled is sent to the thread. */
async function daemon(keeps: boolean) {
  const zone = zoneOf(services('10.10.0.10'));
  const board = new VersionBoard(VersionBoard.words());
  const responder = responderOf(zone, SETTINGS);
  const asked = { count: 0 };
  const counts: FastCounts[] = [];
  const compiled = (message: Uint8Array): AnswerMessage | undefined => {
    const kept = keeps ? responder.keptFor(message) : undefined;
    return kept && answerMessage(kept, { board, payloadSize: SETTINGS.payloadSize, clusterSlot: () => -1 });
  };
  const udp = await makeBatched({
    listen: { address: '127.0.0.1', port: 0 },
    handler: (message, client) => {
      asked.count += 1;
      return responder.respond(message, client);
    },
    compiled,
    board: board.words,
    include: own => counts.push(own),
  });
  cleanup.push(() => udp.stop());
  const [bound] = await udp.start();
  return {
    udp,
    port: bound?.port ?? 0,
    asked,
    droppedFor: (reason: string) => counts.reduce((sum, own) => sum + own.droppedFor(reason), 0),
    /** Seconds that the thread says its answers took, on the average. */
    duration: () => {
      const samples = counts.flatMap(({ durations }) => [...durations.samples('seconds')]);
      const sampleOf = (name: string) => samples.find(({ metricName }) => metricName === name)?.value ?? 0;
      return sampleOf('seconds_sum') / sampleOf('seconds_count');
    },
    change: (address: string) => board.apply(put(zone, services(address)), zone.serial),
  };
}

async function clientOf(port: number) {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  cleanup.push(() => new Promise<void>(closed => socket.close(() => closed())));
  const replies: Buffer[] = [];
  socket.on('message', reply => replies.push(reply));
  return { replies, ask: (message: Uint8Array) => socket.send(message) };
}

type Client = Awaited<ReturnType<typeof clientOf>>;

function clientsOf(port: number): Promise<Client[]> {
  return Promise.all(Array.from({ length: CLIENTS }, () => clientOf(port)));
}

/** All ask for all names at once, and the event loop, which has the slow path, does not turn until that is read. */
function askAll(clients: readonly Client[]): void {
  for (let id = 0; id < QUERIES; id += 1) {
    for (const { ask } of clients) ask(query(`svc${id % NAMES}.shop.svc.clusterset.local`, 'A', { id }));
  }
  pause();
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
}

async function repliesOf(clients: readonly Client[]) {
  const replies = await Promise.all(
    clients.map(async client => {
      await vi.waitFor(() => expect(client.replies).toHaveLength(QUERIES), SOON);
      return client.replies.map(reply => decode(reply));
    }),
  );
  return replies.flat();
}

async function askTogether(port: number) {
  const clients = await clientsOf(port);
  askAll(clients);
  return repliesOf(clients);
}

describe('queries for what has been asked already', () => {
  test('after a change wait for one of them, and get what it gets', async () => {
    const { port, asked, change } = await daemon(true);
    await askTogether(port);
    expect(asked.count).toBe(NAMES);
    change('10.10.0.11');
    const replies = await askTogether(port);
    expect(asked.count).toBe(2 * NAMES);
    expect(new Set(replies.map(({ answers }) => answers.map(({ data }) => data).join()))).toEqual(
      new Set(['10.10.0.11']),
    );
    const ids = replies.map(({ id }) => id).sort((one, other) => one - other);
    expect(ids).toEqual(Array.from({ length: CLIENTS * QUERIES }, (_, index) => Math.floor(index / CLIENTS)));
  });

  test('take the time from when they were read', async () => {
    const { port, duration } = await daemon(true);
    await askTogether(port);
    // The event loop did not turn for ten times as long.
    expect(duration()).toBeGreaterThan(0.01);
  });

  test('are handed over where no answer can be kept', async () => {
    const { port, asked } = await daemon(false);
    const replies = await askTogether(port);
    expect(replies.every(({ answers }) => answers.length === 1)).toBe(true);
    expect(asked.count).toBe(CLIENTS * QUERIES);
  });

  test('are answered before the thread stops, however many they are', async () => {
    const { udp, port, asked } = await daemon(true);
    const groups = await Promise.all(Array.from({ length: GROUPS }, () => clientsOf(port)));
    for (const clients of groups) askAll(clients);
    await udp.stop();
    await repliesOf(groups.flat());
    expect(asked.count).toBe(NAMES);
  });

  test('are counted where the thread dies with them', async () => {
    const workers = new Workers();
    const { port, droppedFor } = await daemon(true);
    const clients = await clientsOf(port);
    askAll(clients);
    const ended = workers.end();
    // It is gone before the slow path answers.
    pause();
    await ended;
    const replied = () => clients.reduce((sum, { replies }) => sum + replies.length, 0);
    await vi.waitFor(() => expect(droppedFor('thread') + replied()).toBe(CLIENTS * QUERIES), SOON);
    expect(droppedFor('thread')).toBeGreaterThan(0);
  });
});

describe('a list of waiting queries', () => {
  const asking = (question: number): SlowQuery => ({
    ...{ message: Uint8Array.of(question), envelope: new Uint8Array(), question, arrived: 0 },
    ...{ isMissing: true, isOutdated: false, fault: undefined },
  });

  test('takes those alone that somebody waits for', () => {
    const waiting = new WaitingQueries();
    waiting.expect(1);
    expect([asking(1), asking(2), asking(1)].map(one => waiting.join(one))).toEqual([true, false, true]);
    expect(waiting.size).toBe(2);
    expect(waiting.release(2)).toEqual([]);
    expect(waiting.release(1)).toEqual([asking(1), asking(1)]);
    expect(waiting.size).toBe(0);
    // The slow path is done with it: who asks now is the first again.
    expect(waiting.join(asking(1))).toBe(false);
  });

  test('keeps what waits when the question is handed over once more', () => {
    const waiting = new WaitingQueries();
    waiting.expect(1);
    waiting.join(asking(1));
    waiting.expect(1);
    expect(waiting.release(1)).toHaveLength(1);
  });

  test('is bounded, whatever is asked', () => {
    const waiting = new WaitingQueries();
    for (const question of [1, 2]) waiting.expect(question);
    const joined = Array.from({ length: MOST_WAITING + 10 }, (_, index) =>
      waiting.join(asking(1 + (index % 2))),
    );
    expect(joined.filter(Boolean)).toHaveLength(MOST_WAITING);
    expect(waiting.releaseAll()).toHaveLength(MOST_WAITING);
    expect(waiting.size).toBe(0);
  });
});
