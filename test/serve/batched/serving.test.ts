import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Restraint } from '../../../src/answer/restraint.ts';
import { MOST_PENDING, MOST_UNKNOWN } from '../../../src/serve/batched/serving.ts';
import { type ServingHereOptions, servingHere } from '../../kit/batched.ts';
import { hastyClock } from '../../kit/clocks.ts';
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
const ENETDOWN = 100;

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0)) await undo();
});

const pods = Array.from({ length: 90 }, (_, index) => `10.1.0.${index}`);
const zone = zoneOf([
  serviceOf('shop', 'payments', [clusterOf('east', ['10.10.0.10', 'fd10::10'])]),
  serviceOf('shop', 'ledger', [clusterOf('east', [], { pods })], { type: 'Headless' }),
]);

async function setUp(options: Partial<ServingHereOptions> = {}) {
  const serving = await servingHere(zone, corpus, options);
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
    // Not in the order of the messages: of two that ask the same, one waits for the other.
    const at = left.findIndex(one => one.equals(message));
    return at < 0 || left.splice(at, 1).length === 0;
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

  test('errors that wait in the socket are counted, and what comes after them is answered', async () => {
    const { serving, exchange, clientPort } = await setUp();
    const { socket, counts } = serving;
    // A port that nobody has: the refusal comes back as an error of the socket.
    const nobody = createSocket('udp4').bind(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port } = nobody.address();
    await new Promise<void>(closed => nobody.close(() => closed()));
    connectTo(socket, '127.0.0.1', port);
    // Over weeks there may be any number of them, each with quiet around it.
    for (let errors = 1; errors <= 150; errors += 1) {
      sendOn(socket, Buffer.from('anybody there?'));
      expect(serving.serve()).toEqual([]);
      expect(counts.droppedFor('receive')).toBe(errors);
    }
    connectTo(socket, '127.0.0.1', clientPort);
    const good = query('payments.shop.svc.clusterset.local', 'A');
    expect((await exchange([good])).replies).toHaveLength(1);
  });

  test('a socket that has nothing but errors is given up after a hundred', async () => {
    const { serving } = await setUp({ receive: () => -ENETDOWN });
    const { counts } = serving;
    expect(() => {
      for (let turns = 0; turns < 1_000; turns += 1) serving.serve();
    }).toThrow('recvmmsg: ENETDOWN');
    expect(counts.droppedFor('receive')).toBe(100);
  });

  test('while nobody takes what is handed over, new names fill their share and a changed one gets through', async () => {
    const { serving, send } = await setUp({ isHeldUp: true, now: hastyClock() });
    const ask = async (count: number, nameOf: (index: number) => string) => {
      let handedOver = 0;
      for (let sent = 0; sent < count; sent += 1) {
        await send(query(nameOf(sent), 'A'));
        // No more at once than any buffer has room for.
        if (sent % BATCH === 0 || sent === count - 1) handedOver += serving.serve().length;
      }
      return handedOver;
    };
    const unknown = (index: number) => `n${index}.shop.svc.clusterset.local`;
    const changed = () => 'payments.shop.svc.clusterset.local';
    expect(await ask(1, changed)).toBe(0);
    serving.change([serviceOf('shop', 'payments', [clusterOf('east', ['10.10.0.11'])])]);
    expect(await ask(1_000, unknown)).toBe(MOST_UNKNOWN);
    expect(serving.counts.droppedFor('overload')).toBe(1_000 - MOST_UNKNOWN);
    expect(await ask(1, changed)).toBe(1);
    expect(await ask(1, unknown)).toBe(0);
    expect(await ask(1_000, changed)).toBe(MOST_PENDING - MOST_UNKNOWN - 1);
  });

  test('what a limit cuts short counts as limited, not as answered', async () => {
    const { cookieSecret, unixSeconds } = SETTINGS;
    const restraint = new Restraint({ rate: 1, exempt: [], seed: 3, cookieSecret, unixSeconds });
    const { serving, send } = await setUp({ restraint });
    for (let id = 0; id < 40; id += 1) await send(query('payments.shop.svc.clusterset.local', 'A', { id }));
    serving.serve();
    const { durations, replies } = serving.counts;
    expect(serving.counts.droppedFor('limited')).toBe(40 - replies);
    expect([...durations.samples('seconds')].at(-1)?.value).toBe(replies);
    expect(replies).toBeLessThan(40);
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
