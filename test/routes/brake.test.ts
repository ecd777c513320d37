import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  blocksPerCluster,
  isTooMuch,
  type Memory,
  mostBlocks,
  NO_MEMORY,
  withBlocks,
} from '../../src/routes/brake.ts';
import { difference, leaves } from '../../src/routes/diff.ts';
import { type KernelState, stateOf } from '../../src/routes/entry.ts';
import { MARKS } from '../../src/routes/model.ts';
import { type Plan, plan } from '../../src/routes/plan.ts';
import { EAST, nodesOf, policies } from '../kit/kernel/nodes.ts';

const MINUTE = 60_000;

test.each([
  { row: 'nothing is lost, whatever was', lost: 0, kept: 1, most: 100, is: false },
  { row: 'eight of eight', lost: 8, kept: 0, most: 8, is: false },
  { row: 'nine of nine', lost: 9, kept: 0, most: 9, is: true },
  { row: 'a fourth', lost: 25, kept: 75, most: 0, is: false },
  { row: 'more', lost: 26, kept: 74, most: 0, is: true },
  { row: 'the last one of a fourth', lost: 1, kept: 75, most: 100, is: false },
  { row: 'one more', lost: 1, kept: 74, most: 100, is: true },
])('is it too much that goes: $row', ({ lost, kept, most, is }) => {
  expect(isTooMuch(lost, kept, most)).toBe(is);
});

describe('the most blocks that a cluster had', () => {
  /** A word for each look: minutes, and how many blocks west has then; `!` where it is meant. */
  const after = (...looks: string[]): number => {
    let memory = NO_MEMORY;
    for (const look of looks) {
      const [minute, blocks] = look.replace('!', '').split(':').map(Number);
      const counts = new Map([['west', blocks ?? 0]]);
      memory = withBlocks(memory, counts, () => look.includes('!'), (minute ?? 0) * MINUTE);
    }
    return mostBlocks(memory, 'west');
  };

  test.each([
    { row: 'of none', looks: [], most: 0 },
    { row: 'of several looks', looks: ['0:200', '1:190', '2:195'], most: 200 },
    { row: 'for ten minutes', looks: ['0:20', '9:200', '11:150', '19:100'], most: 200 },
    { row: 'but no longer than twenty', looks: ['0:200', '10:150', '20:100'], most: 150 },
    { row: 'not what is meant to be gone', looks: ['0:200', '1:100!', '2:90'], most: 100 },
    { row: 'nor of before', looks: ['0:200', '10:100', '11:50!', '12:50'], most: 50 },
  ])('$row', ({ looks, most }) => {
    expect(after(...looks)).toBe(most);
  });
});

const WEST = Array.from({ length: 60 }, (_, i) => `west n${100 + i} 172.31.21.${i + 1} 10.21.${i}.0/24`);
const clusters = new Set(['west']);

function planOf(nodes: readonly string[]): Plan {
  const west = policies({ west: ['vxlan'] });
  return plan({ local: EAST, nodes: nodesOf(nodes.join('\n')), policies: west, marks: MARKS });
}

test('in whatever steps nodes go, three fourths of the most that there were stay', () => {
  const whole = planOf(WEST);
  const owners = new Map(Array.from(whole.entries.keys(), key => [key, 'west']));
  const routesIn = (state: KernelState): number => {
    return [...state.values()].filter(entry => entry.kind === 'route' && entry.type === 'unicast').length;
  };
  fc.assert(
    fc.property(fc.array(fc.subarray(WEST), { maxLength: 10 }), steps => {
      let memory: Memory = NO_MEMORY;
      let kernel: KernelState = stateOf([]);
      let most = 0;
      for (const nodes of [WEST.slice(0, 40), ...steps]) {
        const planned = planOf(nodes);
        const gates = { clusters, synced: clusters, owners, released: new Set<string>(), memory };
        kernel = leaves(planned, difference(planned, kernel, gates).held);
        memory = withBlocks(memory, blocksPerCluster(planned), () => false, MINUTE);
        most = Math.max(most, nodes.length);
        expect(routesIn(kernel)).toBeGreaterThanOrEqual(most - Math.max(8, most / 4));
      }
    }),
    { numRuns: 100 },
  );
});
