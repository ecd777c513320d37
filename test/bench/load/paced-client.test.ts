import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { encode } from 'dns-packet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PacedClient } from '../../../bench/load/paced-client.ts';
import { loadSystemCalls } from '../../../src/serve/batched/system-calls.ts';

const ECHO = fileURLToPath(new URL('./lossy-echo.ts', import.meta.url));

/** In a thread of its own: a paced client lets nothing else run in this one. */
let echo: Worker;
let port: number;

beforeAll(async () => {
  echo = new Worker(ECHO);
  port = await new Promise(resolve => echo.once('message', resolve));
});

afterAll(() => echo.terminate());

const query = (name: string) => encode({ type: 'query', id: 0, questions: [{ name, type: 'A' }] });

test.each([0, 0.5])(
  'after %d s of settling every query is counted once: answered, answered with an error, or lost',
  async settling => {
    const names = ['answered.test', 'answered.test', 'refused.test', 'lost.test'];
    const load = { port, rate: 2_000, seconds: 1, settling, sockets: 3 };
    const now = () => performance.now();
    const result = new PacedClient(await loadSystemCalls(), load, names.map(query), now).run();
    expect(result).toMatchObject({ sent: 2_000, answered: 1_500, lost: 500, refused: 500, overflowed: 0 });
    expect(result.latency.most).toBeGreaterThanOrEqual(result.lateness.p50);
    expect(result.seconds).toBeGreaterThan(0.99);
  },
);
