import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { BatchedUdpOptions } from '../../../src/serve/batched/batched-udp.ts';
import { openSockets } from '../../../src/serve/batched/socket.ts';
import { loadSystemCalls } from '../../../src/serve/batched/system-calls.ts';
import { hastyClock } from '../../kit/clocks.ts';
import { headerOnly } from '../../kit/handlers.ts';
import { replaceFile } from '../../kit/libc.ts';
import { query } from '../../kit/packet.ts';
import { makeBatched } from '../../kit/udp-transports.ts';
import { Workers } from '../../kit/workers.ts';

/** Threads are started several times, on a machine that may have other things to do. */
const SOON = { timeout: 60_000, interval: 20 };
const LIMIT = 120_000;
const NAME = 'payments.shop.svc.clusterset.local';

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

async function serve(options: Partial<BatchedUdpOptions> = {}) {
  const lines: Record<string, unknown>[] = [];
  const failed: string[] = [];
  const udp = await makeBatched({
    listen: { address: '127.0.0.1', port: 0 },
    handler: headerOnly,
    log: pino({}, { write: line => lines.push(JSON.parse(line)) }),
    failing: reason => failed.push(reason),
    ...options,
  });
  cleanup.push(() => udp.stop());
  const [bound] = await udp.start();
  return { udp, port: bound?.port ?? 0, lines, failed };
}

/** Asks until there is an answer, as clients do, each time from another port. */
async function answered(port: number): Promise<void> {
  await vi.waitFor(async () => {
    const client = createSocket('udp4');
    try {
      client.send(query(NAME, 'A'), port, '127.0.0.1');
      await once(client, 'message', { signal: AbortSignal.timeout(200) });
    } finally {
      client.close();
    }
  }, SOON);
}

describe('the start waits until threads serve', () => {
  test.each([1, 3])('%i of them', async threads => {
    const { udp } = await serve({ threads });
    expect(udp.serving).toBe(threads);
  });

  test('and says why where one does not, leaving nothing behind', { timeout: LIMIT }, async () => {
    const workers = new Workers();
    await workers.doom();
    const calls = await loadSystemCalls();
    const [[holder = -1], { port }] = openSockets(calls, { address: '127.0.0.1', port: 0 }, 1);
    calls.close(holder);
    const listen = { address: '127.0.0.1', port };
    await expect(serve({ listen, threads: 2 })).rejects.toThrow(
      new RegExp(
        `cannot answer on 127.0.0.1:${port} \\(udp\\) in batches: it ended with exit code \\d; choose --udp-transport auto or dgram`,
      ),
    );
    const [[again = -1]] = openSockets(calls, listen, 1);
    calls.close(again);
  });

  test('and may be cut short by a stop', { timeout: LIMIT }, async () => {
    const udp = await makeBatched({ listen: { address: '127.0.0.1', port: 0 }, handler: headerOnly });
    const started = udp.start().catch(() => 'cut short');
    await udp.stop();
    await started;
    expect(udp.serving).toBe(0);
  });
});

test('a thread whose CPU is gone serves on any, which is said once', { timeout: LIMIT }, async () => {
  const { udp, port, lines } = await serve({ threads: 2, cpus: [8191] });
  await answered(port);
  expect(udp.serving).toBe(2);
  expect(lines).toMatchObject([
    { level: 40, cpu: 8191, msg: 'thread that serves udp may not run on its cpu; it runs on any' },
  ]);
});

describe('a thread that fails', () => {
  test('is started again, says why, and is counted', { timeout: LIMIT }, async () => {
    const workers = new Workers();
    const { udp, port, lines, failed } = await serve();
    await workers.end();
    await vi.waitFor(() => expect(udp.serving).toBe(0), SOON);
    await vi.waitFor(() => expect(udp.serving).toBe(1), SOON);
    await answered(port);
    expect(udp.restarts).toBe(1);
    expect(failed).toEqual([]);
    expect(lines).toMatchObject([
      {
        msg: 'thread that serves udp failed',
        failures: 1,
        err: { message: expect.stringMatching(/exit code \d$/) },
      },
    ]);
  });

  test('leaves its clients to the others meanwhile', { timeout: LIMIT }, async () => {
    const workers = new Workers();
    const { udp, port } = await serve({ threads: 2 });
    await workers.end(1);
    await vi.waitFor(() => expect(udp.serving).toBe(1), SOON);
    for (let asked = 0; asked < 20; asked += 1) await answered(port);
    await vi.waitFor(() => expect(udp.serving).toBe(2), SOON);
    for (let asked = 0; asked < 20; asked += 1) await answered(port);
  });

  test('because its socket is gone says so; again and again, that is told; and it can be stopped', {
    timeout: LIMIT,
  }, async () => {
    const calls = await loadSystemCalls();
    const opened: number[] = [];
    const recorded = {
      ...calls,
      socket: (family: number) => {
        const socket = calls.socket(family);
        opened.push(socket);
        return socket;
      },
    };
    const { udp, lines, failed } = await serve({ calls: recorded, now: hastyClock() });
    // Lost to something else, as by a fault elsewhere in the process.
    const other = openSync('/dev/null', 'r');
    replaceFile(opened[0] ?? -1, other);
    closeSync(other);
    await vi.waitFor(() => expect(failed).toEqual(['recvmmsg: ENOTSOCK']), SOON);
    expect(lines.map(({ failures }) => failures)).toEqual([1, 2, 3, 4, 5]);
    expect(udp.serving).toBe(0);
    await udp.stop();
  });

  test('is started again for as long as it takes', { timeout: LIMIT }, async () => {
    const workers = new Workers();
    const { udp, port, failed } = await serve({ now: hastyClock() });
    await workers.doom();
    await vi.waitFor(() => expect(failed).toEqual([expect.stringMatching(/exit code \d$/)]), SOON);
    workers.spare();
    await vi.waitFor(() => expect(udp.serving).toBe(1), SOON);
    await answered(port);
  });
});
