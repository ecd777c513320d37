import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Restraint } from '../../src/answer/restraint.ts';
import type { FastCounts } from '../../src/serve/fast-counts.ts';
import { restrained } from '../../src/serve/restrained.ts';
import type { ListenAddress, Transport } from '../../src/serve/transport.ts';
import { UdpTransport } from '../../src/serve/udp.ts';
import { headerOnly, silent } from '../kit/handlers.ts';
import { SETTINGS } from '../kit/oracle.ts';
import { query } from '../kit/packet.ts';
import { makeBatched } from '../kit/udp-transports.ts';

/** A thread has to start first, on a machine that may have other things to do. */
const SOON = { timeout: 20_000, interval: 1 };
const QUERIES = 40;

const listen: ListenAddress = { address: '127.0.0.1', port: 0 };
const { cookieSecret, unixSeconds } = SETTINGS;
const limitOf = (exempt: readonly string[]) => ({ rate: 1, exempt, seed: 3 });

/** A transport that answers one query a second, and how many it was asked beyond. */
interface Limited {
  readonly transport: Transport;
  readonly limited: () => number;
}

async function byDgram(exempt: readonly string[]): Promise<Limited> {
  let limited = 0;
  const restraint = new Restraint({ ...limitOf(exempt), cookieSecret, unixSeconds });
  const count = () => {
    limited += 1;
  };
  const handler = restrained(headerOnly, restraint, () => performance.now(), count);
  const transport = new UdpTransport({ listen, handler, log: silent, sendFailed: () => {} });
  return { transport, limited: () => limited };
}

async function byBatches(exempt: readonly string[]): Promise<Limited> {
  const all: FastCounts[] = [];
  const include = (counts: FastCounts) => all.push(counts);
  const transport = await makeBatched({ listen, handler: headerOnly, limit: limitOf(exempt), include });
  return { transport, limited: () => all.reduce((sum, counts) => sum + counts.droppedFor('limited'), 0) };
}

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0)) await undo();
});

const transports = [
  { name: 'dgram', limitedBy: byDgram },
  ...(process.platform === 'linux' ? [{ name: 'batches', limitedBy: byBatches }] : []),
];

describe.each(transports)('one response a second by $name', ({ limitedBy }) => {
  async function ask(exempt: readonly string[]) {
    const { transport, limited } = await limitedBy(exempt);
    const [bound] = await transport.start();
    cleanup.push(() => transport.stop());
    const socket = createSocket('udp4');
    cleanup.push(() => new Promise<void>(closed => socket.close(() => closed())));
    socket.connect(bound?.port ?? 0, '127.0.0.1');
    await once(socket, 'connect');
    const replies: Buffer[] = [];
    socket.on('message', reply => replies.push(reply));
    const started = performance.now();
    for (let id = 0; id < QUERIES; id += 1)
      socket.send(query('payments.shop.svc.clusterset.local', 'A', { id }));
    const truncated = () => replies.filter(reply => ((reply[2] ?? 0) & 0x02) !== 0).length;
    const whole = () => replies.length - truncated();
    await vi.waitFor(() => expect(whole() + limited()).toBe(QUERIES), SOON);
    await vi.waitFor(() => expect(truncated()).toBe(Math.floor(limited() / 2)), SOON);
    return { whole: whole(), seconds: (performance.now() - started) / 1000 };
  }

  test('the others are dropped or, every second one, told to come back over TCP', async () => {
    const { whole, seconds } = await ask([]);
    expect(whole).toBeGreaterThanOrEqual(1);
    expect(whole).toBeLessThanOrEqual(1 + seconds);
  });

  test('exempt networks get all', async () => {
    expect((await ask(['127.0.0.0/8'])).whole).toBe(QUERIES);
  });
});
