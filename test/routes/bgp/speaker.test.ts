import { describe, expect, test } from 'vitest';
import { keepingHeld, type Speaker } from '../../../src/routes/bgp/speaker.ts';
import { type LocalNode, MARKS } from '../../../src/routes/model.ts';
import { type Plan, plan } from '../../../src/routes/plan.ts';
import { EAST, nodesOf, policies } from '../../kit/kernel/nodes.ts';

const ROUTERS = [
  { address: '172.31.1.254', as: 64_500 },
  { address: 'fd00:31::fe', as: 64_501 },
];
const W1 = 'west w1 172.31.1.41 fd00:31::41 10.21.1.0/24 fd00:21:1::/64';
const W2 = 'west w2 172.31.1.42 10.21.2.0/24 mtu=1400';
const ON_LINK = new Map(['172.31.1.41', 'fd00:31::41', '172.31.1.42'].map(address => [address, 'eth0']));

/** @param routers those that are spoken to; none: the nodes speak to each other */
function planned(nodes: string, routers: typeof ROUTERS = [], local: Partial<LocalNode> = {}): Plan {
  return plan({
    local: { ...EAST, onLink: ON_LINK, bgp: { as: 64_512, routers }, ...local },
    marks: MARKS,
    policies: policies({ west: ['bgp'] }),
    nodes: nodesOf(nodes),
  });
}

/** A line for each session: with whom, by which numbers, and what is accepted. */
function sessions(speaker: ReturnType<typeof keepingHeld>): string[] {
  if (speaker === 'AsItIs') return [speaker];
  return (speaker?.families ?? []).flatMap(family =>
    family.sessions.map(({ kind, local, neighbor, as, accepts }) => {
      const blocks = accepts.map(({ cidr, mtu }) => `${cidr}@${mtu}`);
      return [`${local} as ${as.own} -- ${kind} ${neighbor} as ${as.neighbor}:`, ...blocks].join(' ');
    }),
  );
}

const faults = ({ faults: all }: Plan): string[] => all.map(({ reason, message }) => `${reason}: ${message}`);

describe('nodes on one link speak to each other, each family over its own addresses', () => {
  test('and take of each only the blocks of its own', () => {
    expect(sessions(planned(`${W1}\n${W2}`).speaker)).toEqual([
      '172.31.1.11 as 4200007795 -- node 172.31.1.41 as 4200007795: 10.21.1.0/24@1500',
      '172.31.1.11 as 4200007795 -- node 172.31.1.42 as 4200007795: 10.21.2.0/24@1400',
      'fd00:31::11 as 4200007795 -- node fd00:31::41 as 4200007795: fd00:21:1::/64@1500',
    ]);
  });

  test.each([
    {
      row: 'behind a router',
      node: 'west w9 172.31.2.41 10.21.9.0/24',
      says: '172.31.2.41 is behind a router, and this node speaks to none',
    },
    {
      row: 'without an address of the family',
      node: 'west w9 172.31.1.41 fd00:21:9::/64',
      says: 'it has no IPv6 address to speak to about IPv6 pods',
    },
  ])('no way: $row', ({ node, says }) => {
    const found = planned(node);
    expect(sessions(found.speaker)).toEqual([]);
    expect(faults(found)).toEqual([expect.stringMatching(/^NoWay: .*: no way to it: bgp: /)]);
    expect(faults(found)[0]).toContain(says);
  });
});

describe('where there are routers to speak to', () => {
  test('they bring the blocks of all nodes of their family', () => {
    expect(sessions(planned(`${W1}\n${W2}`, ROUTERS).speaker)).toEqual([
      '172.31.1.11 as 64512 -- router 172.31.1.254 as 64500: 10.21.1.0/24@1500 10.21.2.0/24@1400',
      'fd00:31::11 as 64512 -- router fd00:31::fe as 64501: fd00:21:1::/64@1500',
    ]);
  });

  test('they are told of the pods of this node though they have nothing to bring', () => {
    const { speaker } = planned('', ROUTERS);
    expect(sessions(speaker)).toEqual([
      '172.31.1.11 as 64512 -- router 172.31.1.254 as 64500:',
      'fd00:31::11 as 64512 -- router fd00:31::fe as 64501:',
    ]);
    expect(speaker?.families.map(({ announces }) => announces)).toEqual([
      ['10.11.1.0/24'],
      ['fd00:11:1::/64'],
    ]);
  });

  test('none of a family: no way for its blocks', () => {
    expect(faults(planned(W1, ROUTERS.slice(0, 1)))).toEqual([
      'NoWay: fd00:21:1::/64: no way to it: bgp: none of the routers to speak to has an IPv6 address',
    ]);
  });

  test('a block that another cluster may not have is accepted from nobody', () => {
    const { speaker } = planned('west w9 172.31.1.49 10.11.0.0/16 10.21.9.0/24 0.0.0.0/0', ROUTERS);
    expect(sessions(speaker)[0]).toMatch(/: 10\.21\.9\.0\/24@1500$/);
  });
});

test('a node that speaks no BGP has no speaker, and says so of what it was to bring', () => {
  const { bgp: _, ...local } = { ...EAST, bgp: undefined };
  const found = plan({
    local,
    marks: MARKS,
    policies: policies({ west: ['bgp'] }),
    nodes: nodesOf(W2),
  });
  expect(found.speaker).toBeUndefined();
  expect(faults(found)).toEqual(['NoWay: 10.21.2.0/24: no way to it: bgp: this node speaks no BGP']);
  expect([...found.entries.keys()].filter(key => key.includes(`${MARKS.bgp.table}`))).toEqual([]);
});

test('a node without IPv4 has an identifier all the same, and always the same', () => {
  const underlay = { IPv6: 'fd00:31::11', mtu: 1500, device: 'eth0' };
  const ids = [planned(W1, [], { underlay }), planned(W2, [], { underlay })].map(
    ({ speaker }) => speaker?.id,
  );
  expect(ids[0]).toMatch(/^([1-9]\d?|1\d\d|2[0-2]\d)(\.\d{1,3}){3}$/);
  expect(ids[1]).toBe(ids[0]);
});

describe('what may not be taken away yet', () => {
  const both = planned(`${W1}\n${W2}`).speaker;
  const one = planned(W1).speaker as Speaker;

  test('nothing: what is planned', () => {
    expect(keepingHeld(one, both, new Set())).toBe(one);
  });

  test('is spoken about as before', () => {
    expect(keepingHeld(one, both, new Set(['10.21.2.0/24']))).toEqual(both);
    const none = planned('').speaker as Speaker;
    expect(sessions(keepingHeld(none, both, new Set(['fd00:21:1::/64'])))).toEqual([
      'fd00:31::11 as 4200007795 -- node fd00:31::41 as 4200007795: fd00:21:1::/64@1500',
    ]);
  });

  test('is spoken about as before, though nobody else is spoken to any more', () => {
    expect(keepingHeld(undefined, one, new Set(['10.21.1.0/24', 'fd00:21:1::/64']))).toEqual(one);
    expect(keepingHeld(undefined, both, new Set())).toBeUndefined();
  });

  test('of a router only the blocks are more', () => {
    const before = planned(`${W1}\n${W2}`, ROUTERS).speaker;
    const now = planned(W1, ROUTERS).speaker as Speaker;
    expect(keepingHeld(now, before, new Set(['10.21.2.0/24']))).toEqual(before);
  });

  test('and this process never said how: nothing is changed', () => {
    expect(keepingHeld(one, undefined, new Set(['10.21.2.0/24']))).toBe('AsItIs');
    expect(keepingHeld(undefined, undefined, new Set(['10.21.2.0/24']))).toBe('AsItIs');
  });
});
