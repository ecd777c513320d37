import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Candidates } from '../kit/candidates.ts';

/** Long enough for any lease to end and be taken. */
const SETTLED = 60_000;

const who = fc.nat(2);

const event = fc.oneof(
  fc.record({ do: fc.constantFrom('no-request' as const, 'no-answer' as const), who }),
  fc.record({ do: fc.constant('mend' as const), who }),
  fc.record({ do: fc.constant('slow' as const), who, delay: fc.nat(4_000) }),
  fc.record({ do: fc.constant('kill' as const), who }),
  fc.record({ do: fc.constant('stop' as const), who }),
  fc.record({ do: fc.constant('wall' as const), who, by: fc.integer({ min: -100_000, max: 100_000 }) }),
  fc.record({ do: fc.constant('jump' as const), by: fc.nat(30_000) }),
  fc.record({ do: fc.constant('delete' as const) }),
);

type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never;

function happen(world: Candidates, one: Event): void {
  const candidate = 'who' in one ? world.all[one.who] : undefined;
  if (one.do === 'jump') world.clock.jump(one.by);
  else if (one.do === 'delete') world.store.remove();
  else if (candidate === undefined) throw new Error(`nobody to ${one.do}`);
  else if (one.do === 'slow') candidate.way.delay = one.delay;
  else if (one.do === 'wall') candidate.wallOffset += one.by;
  else if (one.do === 'kill') candidate.kill();
  else if (one.do === 'stop') void candidate.election.stop();
  else candidate.way.broken = one.do === 'mend' ? undefined : one.do;
}

/** A leader that slept renews its lease, and that is deleted before anybody else has seen the renewal. */
const deletedOnceRenewed: [number, Event][] = [
  [15, { do: 'jump', by: 12_223 }],
  [0, { do: 'delete' }],
  [1_770, { do: 'wall', who: 0, by: 0 }],
];

test('whatever happens to three candidates, never do two lead; and one that is left well leads in the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.array(fc.tuple(fc.nat(20_000), event), { maxLength: 12 }),
      async (seed, events) => {
        const world = new Candidates(seed);
        for (const name of ['east', 'west', 'north']) await world.start(name);
        await world.pass(5_000);
        for (const [pause, one] of events) {
          happen(world, one);
          await world.pass(pause);
          expect(world.mostAtOnce.count).toBeLessThanOrEqual(1);
        }
        const last = await world.start('south');
        for (const { way, election } of world.all.slice(0, 3)) {
          way.broken = 'no-request';
          void election.stop();
        }
        await world.pass(SETTLED);
        expect([last.election.leading, world.mostAtOnce.count]).toEqual([true, 1]);
      },
    ),
    { numRuns: 60, examples: [[-3, deletedOnceRenewed]] },
  );
}, 120_000);
