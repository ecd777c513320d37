import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settle } from '../../src/routes/conflicts.ts';
import type { LocalNode } from '../../src/routes/model.ts';
import { checkNodes } from '../../src/routes/validate.ts';
import { EAST, nodesOf } from '../kit/kernel/nodes.ts';

const KEY = `${'A'.repeat(43)}=`;

function settled(
  text: string,
  local: Partial<LocalNode> = {},
): { readonly left: string[]; readonly faults: string[] } {
  const nodes = nodesOf(text);
  const { peers, faults } = settle({ ...EAST, ...local }, checkNodes(nodes, 'east', 1500).peers);
  return {
    left: peers.map(({ cluster, uid, blocks }) =>
      [cluster, uid, ...blocks.map(({ cidr }) => cidr)].join(' '),
    ),
    faults: faults.map(({ cluster, node, reason, message }) => `${cluster} ${node}: ${reason}: ${message}`),
  };
}

/** Few addresses and blocks, so that nodes often come into conflict. */
const anyNode = fc
  .record({
    cluster: fc.constantFrom('west', 'north'),
    uid: fc.integer({ min: 1, max: 9 }),
    address: fc.integer({ min: 40, max: 55 }),
    block: fc.constantFrom(
      '10.21.1.0/24',
      '10.21.0.0/16',
      '10.21.2.0/24',
      '10.22.0.0/24',
      '172.31.1.48/30',
      '10.96.1.0/24',
    ),
  })
  .map(({ cluster, uid, address, block }) => `${cluster} n${uid} 172.31.1.${address} ${block}`);

test('what was settled before does not matter', () => {
  const world = fc.uniqueArray(anyNode, { maxLength: 6, selector: line => line.split(' ', 2).join() });
  fc.assert(
    fc.property(fc.array(world, { minLength: 1, maxLength: 6 }), worlds => {
      const known = new Map<string, ReturnType<typeof nodesOf>[number]>();
      const local = { ...EAST };
      for (const lines of worlds) {
        const nodes = lines.flatMap(line => {
          const node = known.get(line) ?? nodesOf(line)[0];
          if (node === undefined) return [];
          known.set(line, node);
          return [node];
        });
        const { peers } = checkNodes(nodes, 'east', 1500);
        expect(settle(local, peers)).toEqual(settle({ ...EAST }, peers));
      }
    }),
    { numRuns: 300 },
  );
});

describe('two claim the same', () => {
  test.each([
    {
      row: 'the same pods',
      nodes: ['west w1 172.31.1.41 10.21.1.0/24', 'north n1 172.31.1.51 10.21.1.0/24'],
      left: ['north n1 10.21.1.0/24', 'west w1'],
      says: 'west node-w1: Conflict: 10.21.1.0/24 overlaps 10.21.1.0/24, node node-n1 of north; it is not routed',
    },
    {
      row: 'pods around the pods of another',
      nodes: ['west w1 172.31.1.41 10.21.0.0/16 10.22.1.0/24', 'north n1 172.31.1.51 10.21.1.0/24'],
      left: ['north n1 10.21.1.0/24', 'west w1 10.22.1.0/24'],
      says: 'west node-w1: Conflict: 10.21.0.0/16 overlaps 10.21.1.0/24, node node-n1 of north; it is not routed',
    },
    {
      row: 'the same address',
      nodes: ['west w1 172.31.1.41 10.21.1.0/24', 'north n1 172.31.1.41 10.31.1.0/24'],
      left: ['north n1 10.31.1.0/24'],
      says: 'west node-w1: Conflict: has the address 172.31.1.41 of node node-n1 of north',
    },
    {
      row: 'the same hardware address',
      nodes: ['west w1 172.31.1.41 mac=02:00:00:00:00:01', 'west w2 172.31.1.42 mac=02:00:00:00:00:01'],
      left: ['west w1'],
      says: 'west node-w2: Conflict: has the hardware address 02:00:00:00:00:01 of node node-w1 of west',
    },
    {
      row: 'the same key',
      nodes: [`west w1 172.31.1.41 key=${KEY}`, `north n1 172.31.1.51 key=${KEY}`],
      left: ['north n1'],
      says: 'west node-w1: Conflict: has the public key',
    },
    {
      row: 'the address of this node',
      nodes: ['west w1 172.31.1.11 10.21.1.0/24'],
      left: [],
      says: 'west node-w1: Conflict: has the address 172.31.1.11 of this node',
    },
  ])('$row', ({ nodes, left, says }) => {
    for (const text of [nodes.join('\n'), nodes.toReversed().join('\n')]) {
      const found = settled(text);
      expect(found.left).toEqual(left);
      expect(found.faults.join('\n')).toContain(says);
    }
  });
});

describe('what belongs to this cluster is not given away', () => {
  test.each([
    { block: '10.11.1.0/24', holder: 'the pods of this cluster' },
    { block: '10.0.0.0/12', holder: 'the ' },
    { block: '10.11.9.0/24', holder: 'the pods of this cluster' },
    { block: '10.96.0.10/32', holder: 'the services of this cluster' },
    { block: '172.31.1.1/32', holder: 'the nodes of this cluster' },
    { block: '172.16.0.0/12', holder: 'the ' },
    { block: 'fd00:11:1::/64', holder: 'the pods of this node' },
    { block: 'fd00:31::/64', holder: 'the ' },
  ])('$block', ({ block, holder }) => {
    const { left, faults } = settled(`west w1 172.31.1.41 10.21.1.0/24 ${block}`);
    expect(left).toEqual(['west w1 10.21.1.0/24']);
    expect(faults.join('\n')).toMatch(new RegExp(`west node-w1: Guarded: ${block} overlaps .*, ${holder}`));
  });

  test('pods around the address of a node of any cluster: the tunnel would lead into itself', () => {
    const { left, faults } = settled('west w1 172.31.1.41 10.21.1.0/24\nnorth n1 192.0.2.1 172.31.1.40/29');
    expect(left).toEqual(['north n1', 'west w1 10.21.1.0/24']);
    expect(faults).toEqual([
      'north node-n1: Guarded: 172.31.1.40/29 overlaps 172.31.1.41/32, the address of node node-w1 of west; it is not routed',
    ]);
  });

  test('a node at an address of our pods', () => {
    const { left, faults } = settled('west w1 10.11.3.3 10.21.1.0/24');
    expect(left).toEqual([]);
    expect(faults).toEqual([
      'west node-w1: Guarded: its address 10.11.3.3/32 is one of 10.11.0.0/16, the pods of this cluster',
    ]);
  });

  test('a node at an address of one of our nodes: what is sent to it would get there', () => {
    const { left, faults } = settled('west w1 172.31.1.12 10.21.1.0/24');
    expect(left).toEqual([]);
    expect(faults).toEqual([
      'west node-w1: Guarded: its address 172.31.1.12/32 is one of 172.31.1.0/27, the nodes of this cluster',
    ]);
  });

  test('our gateway may be a node of another cluster; pods around it may not', () => {
    const guarded = [{ cidr: '172.31.9.1/32', what: 'a gateway of this node', shared: true }];
    const { left, faults } = settled('west w1 172.31.9.1 10.21.1.0/24\nnorth n1 172.31.1.51 172.31.9.0/24', {
      guarded,
    });
    expect(left).toEqual(['north n1', 'west w1 10.21.1.0/24']);
    expect(faults.join('\n')).toMatch(/north node-n1: Guarded: 172.31.9.0.24 overlaps 172.31.9.1.32, /);
  });
});
