import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { encode } from 'dns-packet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runPaced } from '../../../bench/load/paced-client.ts';
import { type PacedResult, PacedStream } from '../../../bench/load/paced-stream.ts';
import { inTurn } from '../../../bench/load/questions.ts';
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
    const [result] = await run([{ rate: RATE, sockets: 3, settling, names }]);
    expect(result).toMatchObject({ sent: 2_000, answered: 1_500, lost: 500, refused: 500, overflowed: 0 });
    expect(result?.latency.most).toBeGreaterThanOrEqual(result?.lateness.p50 ?? 0);
    expect(result?.seconds).toBeGreaterThan(0.99);
  },
);

test('streams that share a client each keep their rate and count their own', async () => {
  const results = await run([
    { rate: RATE / 4, sockets: 1, settling: 0, names: ['answered.test'] },
    { rate: (RATE * 3) / 4, sockets: 2, settling: 0, names: ['refused.test', 'lost.test', 'lost.test'] },
  ]);
  expect(results).toMatchObject([
    { sent: 500, answered: 500, refused: 0 },
    { sent: 1_500, answered: 500, refused: 500, lost: 1_000 },
  ]);
  for (const { seconds } of results) expect(seconds).toBeCloseTo(SECONDS, 1);
});

test('a reply that comes once all is sent counts, but not as one that came meanwhile', async () => {
  const last = 99;
  const now = () => performance.now();
  const ask = [query('held.test'), query('answered.test'), query('end.test')];
  const questions = (turn: number) => ask[turn === last ? 2 : turn % 2] ?? new Uint8Array();
  const load = { port, rate: last + 1, seconds: 1, settling: 0, sockets: 1 };
  const [result] = runPaced([new PacedStream(await loadSystemCalls(), load, questions, now)], now);
  expect(result).toMatchObject({ sent: 100, answered: 100 });
  expect(result?.answeredMeanwhile).toBeGreaterThan(0);
  expect(result?.answeredMeanwhile).toBeLessThan(50);
});

interface Stream {
  readonly rate: number;
  readonly sockets: number;
  readonly settling: number;
  readonly names: readonly string[];
}

async function run(streams: readonly Stream[]): Promise<PacedResult[]> {
  const calls = await loadSystemCalls();
  const now = patientClock();
  return runPaced(
    streams.map(({ names, ...load }) => {
      const questions = inTurn(names.map(query));
      return new PacedStream(calls, { ...load, port, seconds: SECONDS }, questions, now);
    }),
    now,
  );
}
