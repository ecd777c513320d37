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
const handled = new Int32Array(new SharedArrayBuffer(4));

beforeAll(async () => {
  echo = new Worker(ECHO, { workerData: handled });
  port = await new Promise(resolve => echo.once('message', resolve));
});

afterAll(() => echo.terminate());

const query = (name: string) => encode({ type: 'query', id: 0, questions: [{ name, type: 'A' }] });

const RATE = 2_000;
const SECONDS = 1;
const STEP = 5;
const STUCK = 60_000;

/**
 * A clock that stands still while the echo has not dealt with all that is due by it, and never goes on by more than a
 * few queries' time: on a machine that has other things to do, neither does the echo's socket overflow nor is a reply
 * late.
 */
function patientClock(): () => number {
  const before = Atomics.load(handled, 0);
  const began = performance.now();
  let last: number | undefined;
  let time = 0;
  return () => {
    const real = performance.now();
    if (real - began > STUCK) throw new Error('the echo does not get on');
    const due = Math.min(RATE * SECONDS, Math.floor((time * RATE) / 1_000));
    if (Atomics.load(handled, 0) - before >= due) time += Math.min(STEP, real - (last ?? real));
    last = real;
    return time;
  };
}

test.each([0, 0.5])(
  'after %d s of settling every query is counted once: answered, answered with an error, or lost',
  async settling => {
    const names = ['answered.test', 'answered.test', 'refused.test', 'lost.test'];
    const load = { port, rate: RATE, seconds: SECONDS, settling, sockets: 3 };
    const calls = await loadSystemCalls();
    const result = new PacedClient(calls, load, names.map(query), patientClock()).run();
    expect(result).toMatchObject({ sent: 2_000, answered: 1_500, lost: 500, refused: 500, overflowed: 0 });
    expect(result.latency.most).toBeGreaterThanOrEqual(result.lateness.p50);
    expect(result.seconds).toBeGreaterThan(0.99);
  },
);
