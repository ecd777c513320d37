import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { servingHere } from '../../kit/batched.ts';
import { corpus } from '../../kit/corpus.ts';
import { query } from '../../kit/dns.ts';
import { connectTo, sendOn } from '../../kit/libc.ts';
import { mutate } from '../../kit/mutate.ts';
import { plainReply, SETTINGS } from '../../kit/oracle.ts';
import { seededRandom } from '../../kit/random.ts';
import { clusterOf, serviceOf, zoneOf } from '../../kit/zone.ts';

/** More of them where more time is given: FUZZ_PACKETS=5000000. */
const PACKETS = Number(process.env['FUZZ_PACKETS'] ?? 50_000);
const BATCH = 64;

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0)) await undo();
});

const pods = Array.from({ length: 90 }, (_, index) => `10.1.0.${index}`);
const zone = zoneOf([
  serviceOf('shop', 'payments', [clusterOf('east', ['10.10.0.10', 'fd10::10'])]),
  serviceOf('shop', 'ledger', [clusterOf('east', [], { pods })], { type: 'Headless' }),
]);

async function setUp() {
  const serving = await servingHere(zone, corpus);
  cleanup.push(serving.close);
  const client = createSocket('udp4');
  client.bind(0, '127.0.0.1');
  await once(client, 'listening');
  cleanup.push(() => new Promise<void>(closed => client.close(() => closed())));
  const replies: Buffer[] = [];
  client.on('message', reply => replies.push(reply));
  const send = (octets: Uint8Array) =>
    new Promise<void>((resolve, reject) =>
      client.send(octets, serving.port, '127.0.0.1', error => (error ? reject(error) : resolve())),
    );
  /** Sends a batch and has it served: what was answered, and what is left to the slow path. */
  const exchange = async (messages: readonly Buffer[]) => {
    for (const message of messages) await send(message);
    const slow = serving.serve().map(({ message }) => Buffer.from(message));
    const answered = messages.length - slow.length;
    await vi.waitFor(() => expect(replies.length).toBeGreaterThanOrEqual(answered), {
      timeout: 20_000,
      interval: 1,
    });
    return { slow, replies: replies.splice(0) };
  };
  return { serving, send, exchange, clientPort: client.address().port };
}

/** Replies that the messages should have got, those left out that went to the slow path. */
function expectedOf(messages: readonly Buffer[], slow: readonly Buffer[]): (Uint8Array | undefined)[] {
  const left = [...slow];
  const fast = messages.filter(message => {
    if (left[0]?.equals(message) !== true) return true;
    left.shift();
    return false;
  });
  expect(left).toEqual([]);
  return fast.map(message => plainReply(zone, message, SETTINGS));
}

describe('one socket, served in batches', () => {
  test(`${PACKETS} mutated packets: each is answered as by the slow path or left to it, and no guard is touched`, {
    timeout: 60_000 + PACKETS,
  }, async () => {
    const { serving, exchange } = await setUp();
    const random = seededRandom(44);
    let answered = 0;
    for (let sent = 0; sent < PACKETS; sent += BATCH) {
      const messages = Array.from({ length: BATCH }, () => mutate(corpus, random));
      const { slow, replies } = await exchange(messages);
      expect(replies).toEqual(expectedOf(messages, slow));
      expect(serving.arena.brokenGuard()).toBeUndefined();
      answered += replies.length;
    }
    expect(answered).toBeGreaterThan(PACKETS / 20);
    expect(serving.counts.replies).toBe(answered);
  });

  test('datagrams of any length, from nothing to the longest', async () => {
    const { serving, exchange } = await setUp();
    const good = query('payments.shop.svc.clusterset.local', 'A');
    const lengths = [0, 1, 11, 12, good.length, 2047, 2048, 2049, 4096, 65_506, 65_507];
    for (const length of lengths) {
      const padded = Buffer.concat([good, Buffer.alloc(65_507)]).subarray(0, length);
      const { slow, replies } = await exchange([good, padded, good]);
      const isFast = length >= good.length && length <= 2048;
      expect(slow).toEqual(isFast ? [] : [padded]);
      expect(replies).toEqual(expectedOf([good, padded, good], slow));
    }
    expect(serving.arena.brokenGuard()).toBeUndefined();
  });

  test('datagrams that found no room are counted', async () => {
    const { serving, send } = await setUp();
    const large = Buffer.alloc(60_000);
    // Some of these fill any buffer that the kernel may have given.
    const sent = 400;
    for (let index = 0; index < sent; index += 1) await send(large);
    const received = serving.serve().length;
    // How many were lost before it, the kernel tells with the next one.
    await send(large);
    expect(serving.serve()).toHaveLength(1);
    expect(received).toBeLessThan(sent);
    expect(serving.arena.lost).toBe(sent - received);
  });

  test('an error that waits in the socket is counted, and what comes after it is answered', async () => {
    const { serving, exchange, clientPort } = await setUp();
    const { socket, counts } = serving;
    // A port that nobody has: the refusal comes back as an error of the socket.
    const nobody = createSocket('udp4').bind(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port } = nobody.address();
    await new Promise<void>(closed => nobody.close(() => closed()));
    connectTo(socket, '127.0.0.1', port);
    sendOn(socket, Buffer.from('anybody there?'));
    expect(serving.serve()).toEqual([]);
    expect(counts.droppedFor('receive')).toBe(1);
    connectTo(socket, '127.0.0.1', clientPort);
    const good = query('payments.shop.svc.clusterset.local', 'A');
    expect((await exchange([good])).replies).toHaveLength(1);
  });

  test('more than one batch at once', async () => {
    const { exchange } = await setUp();
    const messages = Array.from({ length: 200 }, (_, id) =>
      query('ledger.shop.svc.clusterset.local', 'A', { id }),
    );
    const { slow, replies } = await exchange(messages);
    expect(slow).toEqual([]);
    expect(replies.map(reply => reply.readUInt16BE(0))).toEqual(messages.map((_, id) => id));
  });
});
