import { describe, expect, test } from 'vitest';
import { WorkQueue } from '../../src/base/queue.ts';
import { VirtualClock } from '../kit/clock.ts';

/** A queue whose work ends when the test says so, or at once. */
function queueOf(options: { concurrency?: number; random?: number; atOnce?: (key: string) => void } = {}) {
  const clock = new VirtualClock();
  const begun: { key: string; at: number; end: () => void; fail: () => void }[] = [];
  const retries: number[] = [];
  const queue = new WorkQueue({
    clock,
    random: () => options.random ?? 0,
    concurrency: options.concurrency ?? 2,
    work: key => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      begun.push({ key, at: clock.now(), end: resolve, fail: () => reject(new Error(`no ${key}`)) });
      if (options.atOnce === undefined) return promise;
      options.atOnce(key);
      return Promise.resolve();
    },
    failed: (_key, _reason, retryIn) => retries.push(retryIn),
  });
  return { queue, clock, begun, retries, keys: () => begun.map(({ key }) => key) };
}

describe('turns', () => {
  test('a key added many times before its turn is worked on once, and not before the caller is done', async () => {
    const { queue, clock, keys } = queueOf();
    for (let count = 0; count < 100; count++) queue.add('a');
    expect(keys()).toEqual([]);
    await clock.advance(0);
    expect(keys()).toEqual(['a']);
  });

  test('the oldest goes first, and a key added again keeps its place', async () => {
    const { queue, clock, keys } = queueOf({ concurrency: 1, atOnce: () => {} });
    for (const key of ['a', 'b', 'c', 'a', 'd', 'b']) queue.add(key);
    await clock.advance(0);
    expect(keys()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('no more at once than there are workers', async () => {
    const { queue, clock, begun, keys } = queueOf({ concurrency: 2 });
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await clock.advance(1_000);
    expect(keys()).toEqual(['a', 'b']);
    begun[1]?.end();
    await clock.advance(0);
    expect(keys()).toEqual(['a', 'b', 'c']);
    expect(queue.counts).toEqual({ ready: 0, running: 2, delayed: 0, failing: 0 });
  });

  test('a key added while it is worked on is worked on once more, after that', async () => {
    const { queue, clock, begun, keys } = queueOf();
    queue.add('a');
    await clock.advance(0);
    queue.add('a');
    queue.add('a');
    await clock.advance(1_000);
    expect(keys()).toEqual(['a']);
    begun[0]?.end();
    await clock.advance(0);
    expect(keys()).toEqual(['a', 'a']);
    begun[1]?.end();
    await clock.advance(1_000);
    expect(keys()).toEqual(['a', 'a']);
  });

  test('a key that always comes back does not keep the others waiting', async () => {
    const { queue, clock, keys } = queueOf({
      concurrency: 1,
      atOnce: key => key === 'busy' && queue.add(key),
    });
    queue.add('busy');
    queue.add('a');
    queue.add('b');
    const done = clock.advance(0);
    while (keys().length < 6) await new Promise(resolve => setImmediate(resolve));
    await queue.stop();
    await done;
    expect(keys().slice(0, 6)).toEqual(['busy', 'a', 'b', 'busy', 'busy', 'busy']);
  });
});

describe('later', () => {
  test('a key comes at its time, at the earliest of several, and once', async () => {
    const { queue, clock, begun } = queueOf({ atOnce: () => {} });
    queue.addAfter('a', 500);
    queue.addAfter('a', 300);
    queue.addAfter('a', 900);
    expect(queue.counts.delayed).toBe(1);
    await clock.advance(2_000);
    expect(begun.map(({ key, at }) => [key, at])).toEqual([['a', 300]]);
    expect(clock.timers).toBe(0);
  });

  test('a key added before its time comes both times', async () => {
    const { queue, clock, begun } = queueOf({ atOnce: () => {} });
    queue.addAfter('a', 500);
    queue.add('a');
    await clock.advance(2_000);
    expect(begun.map(({ at }) => at)).toEqual([0, 500]);
  });
});

/** What chance adds at the most. */
const LONGEST = 1 - 2 ** -53;

describe('a key that fails', () => {
  /** When it was tried, if every try fails for so long. */
  async function tries(random: number, duration: number): Promise<number[]> {
    const { queue, clock, begun } = queueOf({
      random,
      atOnce: () => {
        throw new Error('no');
      },
    });
    queue.add('a');
    await clock.advance(duration);
    return begun.map(({ at }) => at);
  }

  test('waits twice as long each time, up to a minute', async () => {
    const times = await tries(LONGEST, 300_000);
    const waits = times.slice(1).map((time, index) => Math.round(time - (times[index] ?? 0)));
    expect(waits.slice(0, 11)).toEqual([
      100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000,
    ]);
    expect(new Set(waits.slice(10))).toEqual(new Set([60_000]));
  });

  test('and chance takes at most half of it', async () => {
    expect((await tries(0.5, 530)).slice(1)).toEqual([75, 225, 525]);
    expect((await tries(0, 350)).slice(1)).toEqual([50, 150, 350]);
  });

  test('starts over once it has succeeded', async () => {
    const { queue, clock, begun, retries } = queueOf();
    queue.add('a');
    await clock.advance(0);
    begun[0]?.fail();
    await clock.advance(50);
    begun[1]?.fail();
    await clock.advance(100);
    begun[2]?.end();
    queue.add('a');
    await clock.advance(0);
    begun[3]?.fail();
    await clock.advance(0);
    expect(retries).toEqual([50, 100, 50]);
    expect(queue.counts.failing).toBe(1);
  });

  test('is tried sooner on news, but not more than once a second', async () => {
    let failing = true;
    const { queue, clock, begun } = queueOf({
      atOnce: () => {
        if (failing) throw new Error('no');
      },
    });
    queue.add('a');
    await clock.advance(13_000);
    const before = begun.length;
    const last = begun.at(-1)?.at ?? 0;
    for (let count = 0; count < 30; count++) {
      queue.add('a');
      queue.addAfter('a', 10);
      await clock.advance(100);
    }
    expect(begun.length - before).toBe(3);
    expect(begun[before]?.at).toBeGreaterThanOrEqual(last + 1_000);
    failing = false;
    queue.add('a');
    await clock.advance(1_000);
    const succeeded = begun.length;
    await clock.advance(600_000);
    expect([begun.length, queue.counts.failing, clock.timers]).toEqual([succeeded, 0, 0]);
  });

  test('and news that come while it is worked on are not forgotten', async () => {
    const { queue, clock, begun } = queueOf();
    queue.add('a');
    await clock.advance(0);
    queue.add('a');
    begun[0]?.fail();
    await clock.advance(50);
    expect(begun.map(({ at }) => at)).toEqual([0, 50]);
  });
});

describe('the end', () => {
  test('idle waits for what is ready and what is under way, not for what comes later', async () => {
    const { queue, clock, begun } = queueOf({ concurrency: 1 });
    await queue.idle();
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 1_000);
    let idle = false;
    const waited = queue.idle().then(() => {
      idle = true;
    });
    await clock.advance(0);
    begun[0]?.end();
    await clock.advance(0);
    expect(idle).toBe(false);
    begun[1]?.end();
    await waited;
    expect(queue.counts).toEqual({ ready: 0, running: 0, delayed: 1, failing: 0 });
  });

  test('stop lets work end that has begun, and nothing begins after it', async () => {
    const { queue, clock, begun, keys } = queueOf({ concurrency: 1 });
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 10);
    await clock.advance(0);
    queue.add('a');
    let stopped = false;
    const waited = queue.stop().then(() => {
      stopped = true;
    });
    queue.add('d');
    await clock.advance(1_000);
    expect([stopped, keys()]).toEqual([false, ['a']]);
    begun[0]?.fail();
    await waited;
    await clock.advance(100_000);
    expect(keys()).toEqual(['a']);
    expect(queue.counts).toEqual({ ready: 0, running: 0, delayed: 0, failing: 0 });
    expect(clock.timers).toBe(0);
  });
});
