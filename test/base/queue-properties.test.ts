import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WorkQueue } from '../../src/base/queue.ts';
import { VirtualClock } from '../kit/clock.ts';

const keys = fc.constantFrom('a', 'b', 'c', 'd', 'e');

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), key: keys }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('later' as const), key: keys, wait: fc.nat(3_000) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(9), ok: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), time: fc.nat(2_000) }) },
);

interface Turn {
  readonly key: string;
  readonly at: number;
  readonly end: (ok: boolean) => void;
}

/** The world around a queue: what each key is at, and what the workers saw of it. */
class World {
  readonly clock = new VirtualClock();
  readonly running: Turn[] = [];
  readonly wanted = new Map<string, number>();
  readonly seen = new Map<string, number>();
  readonly waits: number[] = [];
  mostAtOnce = 0;
  /** Keys that were worked on twice at once. What `work` throws would only be a failure to the queue. */
  readonly twice: string[] = [];
  readonly queue: WorkQueue;

  constructor(concurrency: number, random: () => number) {
    this.queue = new WorkQueue({
      clock: this.clock,
      random,
      concurrency,
      work: key => this.#work(key),
      failed: (_key, _reason, retryIn) => this.waits.push(retryIn),
    });
  }

  want(key: string): void {
    this.wanted.set(key, (this.wanted.get(key) ?? 0) + 1);
  }

  #work(key: string): Promise<void> {
    if (this.running.some(turn => turn.key === key)) this.twice.push(key);
    const version = this.wanted.get(key) ?? 0;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const turn: Turn = {
      key,
      at: this.clock.now(),
      end: ok => {
        this.running.splice(this.running.indexOf(turn), 1);
        if (!ok) return reject(new Error('no'));
        this.seen.set(key, version);
        resolve();
      },
    };
    this.running.push(turn);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running.length);
    return promise;
  }
}

test('no key is lost, none is worked on twice at once, and the workers are never too many', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(step, { maxLength: 60 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      async (concurrency, steps, random) => {
        const world = new World(concurrency, () => random);
        for (const one of steps) {
          if (one.do === 'add') {
            world.want(one.key);
            world.queue.add(one.key);
          } else if (one.do === 'later') {
            world.want(one.key);
            world.queue.addAfter(one.key, one.wait);
          } else if (one.do === 'end') {
            world.running[one.which % Math.max(1, world.running.length)]?.end(one.ok);
          } else await world.clock.advance(one.time);
        }
        // From here on everything succeeds, and within the longest wait everything has been seen as it is.
        for (let round = 0; round < 20; round++) {
          await world.clock.advance(4_000);
          for (const turn of [...world.running]) turn.end(true);
        }
        await world.clock.advance(0);
        await world.queue.idle();
        expect(world.seen).toEqual(world.wanted);
        expect(world.twice).toEqual([]);
        expect(world.waits.filter(wait => wait < 50 || wait > 60_000)).toEqual([]);
        expect(world.mostAtOnce).toBeLessThanOrEqual(concurrency);
        expect(world.queue.counts).toEqual({ ready: 0, running: 0, delayed: 0, failing: 0 });
        expect(world.clock.timers).toBe(0);
      },
    ),
    { numRuns: 200 },
  );
});

test('a key is worked on at most once for each time that it was added', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(keys, fc.boolean()), { maxLength: 40 }), async adds => {
      const clock = new VirtualClock();
      let turns = 0;
      const work = async () => {
        turns++;
      };
      const queue = new WorkQueue({ clock, random: () => 0, concurrency: 2, work, failed: () => {} });
      let most = 0;
      let batch = new Set<string>();
      for (const [key, pause] of adds) {
        queue.add(key);
        batch.add(key);
        if (!pause) continue;
        most += batch.size;
        batch = new Set();
        await clock.advance(0);
      }
      await clock.advance(0);
      expect(turns).toBe(most + batch.size);
    }),
  );
});
