import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type AnswerMessage, answerMessage } from '../../../src/answer/ready-answer.ts';
import { VersionBoard } from '../../../src/answer/version-board.ts';
import type { BatchedUdpOptions } from '../../../src/serve/batched/batched-udp.ts';
import { heapFor } from '../../../src/serve/batched/serving-thread.ts';
import type { FastCounts } from '../../../src/serve/fast-counts.ts';
import { query, replyTo, responderOf } from '../../kit/dns.ts';
import { FastSide } from '../../kit/fast-path.ts';
import { heldHeap } from '../../kit/memory.ts';
import { SETTINGS } from '../../kit/oracle.ts';
import { makeBatched } from '../../kit/udp-transports.ts';
import { clusterOf, serviceOf, zoneOf } from '../../kit/zone.ts';

const ANSWERS = 8_192;
const MEBIBYTE = 2 ** 20;
/** On a machine that may have other things to do. */
const LIMIT = 120_000;
const SOON = { timeout: 60_000, interval: 20 };
/** Queries under way. */
const CHUNK = 64;

/** Names whose answers take the most heap: as many replies to draw from as count for 512 octets, and as short ones. */
const clusters = [1, 2, 3, 4].map(weight => clusterOf(`c${weight}`, [`10.0.0.${weight}`], { weight }));
const zone = zoneOf(
  Array.from({ length: ANSWERS }, (_, index) => serviceOf('shop', `s${index}`, clusters)),
  { origin: 'a' },
);
const messages = Array.from({ length: ANSWERS }, (_, id) => query(`s${id}.shop.svc.a`, 'A', { id }));
const responder = responderOf(zone, SETTINGS);
const board = new VersionBoard(VersionBoard.words());

function compiled(message: Uint8Array): AnswerMessage | undefined {
  const kept = responder.keptFor(message);
  return kept && answerMessage(kept, { board, payloadSize: SETTINGS.payloadSize, clusterSlot: () => 0 });
}

/** Two thirds at most, since what is garbage is taken away later. */
test(`${ANSWERS} of the largest answers take two thirds of the heap that a thread may have for them`, () => {
  // What the zone keeps of names that were asked for is not the table's.
  for (const message of messages) replyTo(responder, message);
  const before = heldHeap();
  const side = new FastSide(zone, SETTINGS, ANSWERS);
  for (const message of messages) side.learn(message);
  const held = (heldHeap() - before) / MEBIBYTE;
  expect(held).toBeLessThan(((heapFor(ANSWERS) - heapFor(0)) * 2) / 3);
  expect(side.answer(messages.at(-1) ?? Buffer.alloc(0))).toBeDefined();
});

test('a thread full of them lives and serves', { timeout: LIMIT }, async () => {
  const { udp, ask, counts } = await serve({ fastPath: { ...FAST_PATH, answers: ANSWERS } });
  // Twice: what is dropped for others is garbage for a while.
  for (let round = 1; round <= 2; round += 1) await ask(messages);
  const before = counts().replies;
  const last = messages.slice(-1_000);
  await ask(last);
  expect(counts().replies - before).toBeGreaterThanOrEqual(last.length);
  expect([udp.serving, udp.restarts]).toEqual([1, 0]);
});

test('a thread that has no heap left is started again, and says why', { timeout: LIMIT }, async () => {
  // What no answer has: a megabyte that does not count.
  const originCopies = Array.from({ length: 2 ** 17 }, () => 0);
  const lines: Record<string, unknown>[] = [];
  let isTooMuch = true;
  const { udp, ask } = await serve({
    compiled: message => {
      const answer = compiled(message);
      if (answer === undefined || !isTooMuch) return answer;
      return { ...answer, variants: answer.variants.map(variant => ({ ...variant, originCopies })) };
    },
    log: pino({}, { write: line => lines.push(JSON.parse(line)) }),
  });
  const asked = ask(messages.slice(0, 1_000));
  await vi.waitFor(() => expect(udp.restarts).toBeGreaterThan(0), SOON);
  isTooMuch = false;
  await asked;
  await vi.waitFor(() => expect(udp.serving).toBe(1), SOON);
  expect(lines[0]).toMatchObject({
    msg: 'thread that serves udp failed',
    err: { code: 'ERR_WORKER_OUT_OF_MEMORY' },
  });
});

const { cookieSecret, nsid, payloadSize } = SETTINGS;
const FAST_PATH = { cookieSecret, nsid, payloadSize, answers: 1024, hashSeed: 0xfa57 };

async function serve(options: Partial<BatchedUdpOptions>) {
  const all: FastCounts[] = [];
  const udp = await makeBatched({
    listen: { address: '127.0.0.1', port: 0 },
    handler: (message, client) => responder.respond(message, client),
    ...{ compiled, board: board.words, include: own => all.push(own) },
    ...options,
  });
  onTestFinished(() => udp.stop());
  const [bound] = await udp.start();
  const ask = await askerOf(bound?.port ?? 0);
  return {
    udp,
    ask,
    counts: () => {
      const [counts] = all;
      if (counts === undefined) throw new Error('no thread counts');
      return counts;
    },
  };
}

/** Asks all, a few at a time, each until it is answered. */
async function askerOf(port: number): Promise<(asked: readonly Buffer[]) => Promise<void>> {
  const client = createSocket('udp4');
  client.connect(port, '127.0.0.1');
  await once(client, 'connect');
  onTestFinished(() => new Promise<void>(closed => client.close(() => closed())));
  const waiting = new Map<number, Buffer>();
  client.on('message', reply => waiting.delete(reply.readUInt16BE(0)));
  // While its thread is started again nobody has the socket.
  client.on('error', () => {});
  return async asked => {
    for (let from = 0; from < asked.length; from += CHUNK) {
      for (const message of asked.slice(from, from + CHUNK)) waiting.set(message.readUInt16BE(0), message);
      while (waiting.size > 0) {
        for (const message of waiting.values()) client.send(message);
        const patience = performance.now() + 200;
        while (waiting.size > 0 && performance.now() < patience) await new Promise(setImmediate);
      }
    }
  };
}
