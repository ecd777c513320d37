import { describe, expect, test } from 'vitest';
import { Tally } from '../../src/agent/tally.ts';
import type { Pass } from '../../src/kernel/keeper.ts';
import { difference } from '../../src/routes/diff.ts';
import { type Entry, type KernelState, keyOf, stateOf } from '../../src/routes/entry.ts';
import type { Gates } from '../../src/routes/gates.ts';
import { MARKS } from '../../src/routes/model.ts';
import { plan } from '../../src/routes/plan.ts';
import { EAST, NORTH, nodesOf, WEST, WEST_AND_NORTH } from '../kit/kernel/nodes.ts';

const clusters = new Set(['west', 'north']);
const OPEN: Gates = { clusters, synced: clusters, owners: new Map(), released: new Set() };

/** What a pass comes to that finds this in the kernel. */
function pass(nodes: string, observed: KernelState, gates: Partial<Gates> = {}): Pass {
  const planned = plan({ local: EAST, nodes: nodesOf(nodes), policies: WEST_AND_NORTH, marks: MARKS });
  const found = difference(planned, observed, { ...OPEN, ...gates });
  return { ...found, plan: planned, refused: [], refusedAhead: 0, milliseconds: 20 };
}

/** The kernel as a pass leaves it. */
function left({ plan: { entries }, held }: Pass): KernelState {
  const kept = held.flatMap(one => one.entries);
  return stateOf([...Array.from(entries.values(), ({ entry }) => entry), ...kept]);
}

function without(state: KernelState, key: string): KernelState {
  return new Map([...state].filter(([one]) => one !== key));
}

const STRAY: Entry = {
  kind: 'route',
  destination: '10.77.0.0/16',
  type: 'unreachable',
  protocol: 4,
  metric: 0,
};

describe('a repair is what was needed although nothing else was wanted', () => {
  const first = pass(`${WEST}\n${NORTH}`, stateOf([]));

  test.each([
    { row: 'none in the first pass', passes: [first], repairs: 0 },
    {
      row: 'a route that was gone, a stray one',
      passes: [
        first,
        pass(
          `${WEST}\n${NORTH}`,
          new Map([...without(left(first), 'route 10.21.1.0/24 24'), [keyOf(STRAY), STRAY]]),
        ),
      ],
      repairs: 2,
    },
    { row: 'not what comes or goes with a node', passes: [first, pass(NORTH, left(first))], repairs: 0 },
    {
      row: 'not what was held back and goes later',
      passes: [
        pass(NORTH, left(first), { synced: new Set(['north']) }),
        pass(NORTH, left(first), { synced: clusters }),
      ],
      repairs: 0,
    },
    {
      row: 'not what the kernel had refused before',
      passes: [
        { ...first, refused: [{ what: 'ip route', message: 'no' }] },
        pass(`${WEST}\n${NORTH}`, stateOf([])),
      ],
      repairs: 0,
    },
  ])('$row', ({ passes, repairs }) => {
    const tally = new Tally();
    for (const one of passes) tally.take(one, 1_000);
    expect(tally.repairs).toBe(repairs);
  });
});

test('only a pass after which nothing is left to do is a full sync', () => {
  const tally = new Tally();
  const first = pass(WEST, stateOf([]));
  tally.take({ ...first, refused: [{ what: 'ip route', message: 'no' }] }, 1_000);
  tally.failed();
  expect([tally.lastFullSync, tally.passes, tally.refused]).toEqual([undefined, { ok: 0, failed: 1 }, 1]);
  tally.take(first, 2_000);
  expect([tally.lastFullSync, tally.passes]).toEqual([2_000, { ok: 1, failed: 1 }]);
  expect(tally.operations.get('link')).toBe(2);
});

test('what was refused before the look is counted as refused, and the pass as a full sync', () => {
  const tally = new Tally();
  tally.take({ ...pass(WEST, stateOf([])), refusedAhead: 2 }, 1_000);
  expect([tally.lastFullSync, tally.passes, tally.refused]).toEqual([1_000, { ok: 1, failed: 0 }, 2]);
});
