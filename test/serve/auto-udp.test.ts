import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { pino } from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { SystemCallError } from '../../src/ops/c-library.ts';
import { AutoUdp } from '../../src/serve/auto-udp.ts';
import type { BatchedUdpOptions } from '../../src/serve/batched/batched-udp.ts';
import { loadSystemCalls, type SystemCalls } from '../../src/serve/batched/system-calls.ts';
import type { ListenAddress, UdpSide } from '../../src/serve/transport.ts';
import { UdpTransport } from '../../src/serve/udp.ts';
import { hastyClock } from '../kit/clocks.ts';
import { headerOnly, silent } from '../kit/handlers.ts';
import { query } from '../kit/packet.ts';
import { batchedOf } from '../kit/udp-transports.ts';
import { Workers } from '../kit/workers.ts';

/** Threads are started several times, on a machine that may have other things to do. */
const SOON = { timeout: 60_000, interval: 20 };
const LIMIT = { timeout: 120_000 };

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

const makeDgram = (listen: ListenAddress): UdpSide =>
  new UdpTransport({ listen, handler: headerOnly, log: silent, sendFailed: () => {} });

async function autoOn(
  listen: ListenAddress,
  { dgram = makeDgram, ...others }: { dgram?: typeof makeDgram } & Partial<BatchedUdpOptions> = {},
) {
  const lines: Record<string, unknown>[] = [];
  const makeBatched = await batchedOf();
  const auto = new AutoUdp({
    listen,
    batched: failing => makeBatched({ listen, handler: headerOnly, failing, now: hastyClock(), ...others }),
    dgram,
    log: pino({}, { write: line => lines.push(JSON.parse(line)) }),
  });
  cleanup.push(() => auto.stop());
  return { auto, lines };
}

async function isAnswered(port: number): Promise<boolean> {
  const client = createSocket('udp4');
  try {
    client.send(query('payments.shop.svc.clusterset.local', 'A'), port, '127.0.0.1');
    await once(client, 'message', { signal: AbortSignal.timeout(1_000) });
    return true;
  } catch {
    return false;
  } finally {
    client.close();
  }
}

const anyPort = { address: '127.0.0.1', port: 0 };

test('batches serve where they can', LIMIT, async () => {
  const { auto, lines } = await autoOn(anyPort);
  const [bound] = await auto.start();
  expect([auto.kind, auto.serving, lines]).toEqual(['batched', 1, []]);
  expect(await isAnswered(bound?.port ?? 0)).toBe(true);
});

test('where their threads cannot start dgram serves, and one line says why', LIMIT, async () => {
  await new Workers().doom();
  const { auto, lines } = await autoOn(anyPort);
  const [bound] = await auto.start();
  expect([auto.kind, auto.serving]).toEqual(['dgram', 1]);
  expect(await isAnswered(bound?.port ?? 0)).toBe(true);
  expect(lines).toMatchObject([
    { msg: 'batched udp transport failed; dgram takes over until the daemon is restarted' },
  ]);
  expect(lines[0]?.['reason']).toMatch(/^it ended with exit code \d$/);
});

test('where they fail later again and again, dgram goes on on the same port', LIMIT, async () => {
  const workers = new Workers();
  const { auto, lines } = await autoOn(anyPort);
  const [bound] = await auto.start();
  await workers.doom();
  await vi.waitFor(() => expect([auto.kind, auto.serving]).toEqual(['dgram', 1]), SOON);
  expect(await isAnswered(bound?.port ?? 0)).toBe(true);
  expect(lines).toMatchObject([{ reason: expect.stringMatching(/^it ended with exit code \d$/) }]);
});

test('a stop while it goes over leaves nothing behind', LIMIT, async () => {
  const workers = new Workers();
  const held = Promise.withResolvers<void>();
  const started: Promise<unknown>[] = [];
  const slow = (listen: ListenAddress): UdpSide => {
    const side = makeDgram(listen);
    const start = async () => {
      await held.promise;
      return side.start();
    };
    return {
      ...{ name: side.name, kind: side.kind, stop: () => side.stop() },
      get serving() {
        return side.serving;
      },
      start: () => {
        const bound = start();
        started.push(bound);
        return bound;
      },
    };
  };
  const { auto } = await autoOn(anyPort, { dgram: slow });
  cleanup.push(async () => held.resolve());
  const [bound] = await auto.start();
  await workers.doom();
  await vi.waitFor(() => expect(started).toHaveLength(1), SOON);
  const stopped = auto.stop();
  held.resolve();
  await Promise.all([stopped, ...started]);
  expect(auto.serving).toBe(0);
  expect(await isAnswered(bound?.port ?? 0)).toBe(false);
});

test('where ports cannot be shared dgram serves', LIMIT, async () => {
  const system = await loadSystemCalls();
  const setOption: SystemCalls['setOption'] = (socket, level, option, value) => {
    // SO_REUSEPORT of SOL_SOCKET; ENOPROTOOPT.
    if (level === 1 && option === 15) throw new SystemCallError('setsockopt', 92);
    system.setOption(socket, level, option, value);
  };
  const { auto, lines } = await autoOn(anyPort, { threads: 2, calls: { ...system, setOption } });
  const [bound] = await auto.start();
  expect([auto.kind, auto.serving]).toEqual(['dgram', 1]);
  expect(await isAnswered(bound?.port ?? 0)).toBe(true);
  expect(lines).toMatchObject([{ reason: 'setsockopt: ENOPROTOOPT' }]);
});

test('a port that is taken is refused as ever', LIMIT, async () => {
  const first = await autoOn(anyPort);
  const [bound] = await first.auto.start();
  const second = await autoOn({ ...anyPort, port: bound?.port ?? 0 });
  await expect(second.auto.start()).rejects.toThrow('the port is in use');
  expect(second.lines).toEqual([]);
});
