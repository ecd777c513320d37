import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { allowedCpus, threadCpus } from '../../../src/serve/batched/affinity.ts';
import { loadSystemCalls } from '../../../src/serve/batched/system-calls.ts';
import { learningUdp, NAME } from '../../kit/learning-udp.ts';
import { sendFrom } from '../../kit/libc.ts';
import { query } from '../../kit/packet.ts';
import { Workers } from '../../kit/workers.ts';

/** Threads have to start first, on a machine that may have other things to do. */
const SOON = { timeout: 60_000, interval: 20 };
const LIMIT = 120_000;
const QUERIES = 100;

const calls = await loadSystemCalls();
const CPUS = threadCpus(allowedCpus(calls), 3);
/** One more than there are CPUs for: nothing comes to it. */
const THREADS = CPUS.length + 1;

async function serve() {
  const { udp, port, counts } = await learningUdp(THREADS, CPUS);
  const answered = () => counts.map(({ replies }) => replies);
  const ask = (cpu: number, count: number) =>
    sendFrom(cpu, calls, { address: '127.0.0.1', port }, Array(count).fill(query(NAME, 'A')));
  /** Who answers what arrives on the CPU of a thread, each from another port, once that thread knows the name. */
  const shares = async (thread: number): Promise<number[]> => {
    const cpu = CPUS[thread] ?? -1;
    const first = answered();
    await vi.waitFor(() => {
      ask(cpu, 1);
      expect(answered()[thread]).toBeGreaterThan(first[thread] ?? 0);
    }, SOON);
    const before = await settled(answered);
    ask(cpu, QUERIES);
    const after = await settled(answered);
    return after.map((count, index) => count - (before[index] ?? 0));
  };
  return { udp, shares };
}

/** Once it says the same for a while. */
async function settled(read: () => number[]): Promise<number[]> {
  for (;;) {
    const last = read();
    await sleep(200);
    if (`${read()}` === `${last}`) return last;
  }
}

/** The CPUs that each thread of this process may run on, as the kernel prints them: `1`, `0-1`. */
function cpusOfThreads(): string[] {
  return readdirSync('/proc/self/task').map(task => {
    const status = readFileSync(`/proc/self/task/${task}/status`, 'utf8');
    return /Cpus_allowed_list:\s*(\S+)/.exec(status)?.[1] ?? '';
  });
}

function everythingFor(thread: number): number[] {
  return Array.from({ length: THREADS }, (_, index) => (index === thread ? QUERIES : 0));
}

describe('threads with CPUs of their own', () => {
  test('run there, and answer what arrives there', { timeout: LIMIT }, async () => {
    const { shares } = await serve();
    expect(cpusOfThreads()).toEqual(expect.arrayContaining(CPUS.map(String)));
    for (const thread of CPUS.keys()) expect(await shares(thread)).toEqual(everythingFor(thread));
  });

  test('do so again when they have died and are back', { timeout: LIMIT }, async () => {
    const workers = new Workers();
    const { udp, shares } = await serve();
    await workers.end(1);
    await vi.waitFor(() => expect(udp.restarts).toBe(1), SOON);
    await vi.waitFor(() => expect(udp.serving).toBe(THREADS), SOON);
    expect(cpusOfThreads()).toEqual(expect.arrayContaining(CPUS.map(String)));
    for (const thread of CPUS.keys()) expect(await shares(thread)).toEqual(everythingFor(thread));
  });
});
