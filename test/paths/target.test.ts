import { expect, test } from 'vitest';
import { clustersWithoutWay, type Target, targetsOf } from '../../src/paths/target.ts';
import { MARKS, type Mode } from '../../src/routes/model.ts';
import { plan } from '../../src/routes/plan.ts';
import { EAST, nodesOf, policies } from '../kit/kernel/nodes.ts';

/** Of these nodes of cluster west, whom a node of east may ask: `cluster uid address mtu`. */
function said(nodes: string, modes: readonly Mode[], families: readonly Target['family'][]): string[] {
  const { peers } = plan({
    local: EAST,
    nodes: nodesOf(nodes),
    policies: policies({ west: modes }),
    marks: MARKS,
  });
  return targetsOf(peers, families).map(
    ({ cluster, uid, address, mtu }) => `${cluster} ${uid} ${address} ${mtu}`,
  );
}

const W1 = 'west w1 172.31.1.41 10.21.1.0/24 fd00:21:1::/64 mtu=1400 own=10.21.1.1,fd00:21:1::1';

test.each([
  {
    row: 'one address of each family, by the MTU of the route',
    nodes: W1,
    result: ['west w1 10.21.1.1 1350', 'west w1 fd00:21:1::1 1350'],
  },
  {
    row: 'of one family only, where this node has no other',
    nodes: W1,
    families: ['IPv6'],
    result: ['west w1 fd00:21:1::1 1350'],
  },
  { row: 'nobody where the way is not ours', nodes: W1, modes: ['none'], result: [] },
  { row: 'nobody who does not say its address', nodes: 'west w1 172.31.1.41 10.21.1.0/24', result: [] },
  {
    row: 'nobody at an address outside its blocks',
    nodes: 'west w1 172.31.1.41 10.21.1.0/24 own=10.99.1.1',
    result: [],
  },
  {
    row: 'nobody in a block that this cluster has',
    nodes: 'west w1 172.31.1.41 10.11.7.0/24 own=10.11.7.1',
    result: [],
  },
  {
    row: 'once, however many blocks it has',
    nodes: 'west w1 172.31.1.41 10.21.1.0/24 10.21.2.0/24 own=10.21.2.1,10.21.1.1',
    result: ['west w1 10.21.1.1 1450'],
  },
] as const)('$row', ({ nodes, result, ...rest }) => {
  const modes = 'modes' in rest ? rest.modes : (['vxlan'] as const);
  const families = 'families' in rest ? rest.families : (['IPv4', 'IPv6'] as const);
  expect(said(nodes, modes, families)).toEqual(result);
});

test.each([
  {
    row: 'no node can be reached',
    nodes: 'west w1 172.31.9.41 10.21.1.0/24',
    modes: ['direct'],
    result: ['west'],
  },
  {
    row: 'one of two can',
    nodes: 'west w1 172.31.9.41 10.21.1.0/24\nwest w2 172.31.1.42 10.21.2.0/24',
    modes: ['direct'],
    result: [],
  },
  { row: 'nobody asked for a way', nodes: 'west w1 172.31.9.41 10.21.1.0/24', modes: [], result: [] },
  { row: 'there are no nodes', nodes: '', modes: ['direct'], result: [] },
] as const)('clusters without a way: $row', ({ nodes, modes, result }) => {
  const local = { ...EAST, onLink: new Map([['172.31.1.42', 'eth0']]) };
  const planned = plan({ local, nodes: nodesOf(nodes), policies: policies({ west: modes }), marks: MARKS });
  expect([...clustersWithoutWay(planned)]).toEqual(result);
});
