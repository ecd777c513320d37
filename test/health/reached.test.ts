import { expect, test } from 'vitest';
import { reachedFrom } from '../../src/health/reached.ts';
import type { ClusterRoutes } from '../../src/objects/cluster-routes.ts';
import type { NodeObject } from '../../src/objects/node.ts';

const node = (name: string, west?: ClusterRoutes): NodeObject => ({
  ...{ kind: 'Node', name, podCIDRs: [], addresses: [] },
  ...(west === undefined ? {} : { routes: new Map([['west', west]]) }),
});
const w1 = { name: 'w1', cluster: 'west' };

test.each<{ row: string; own: NodeObject[]; by: string[]; notFrom?: string[] }>([
  { row: 'nobody says anything', own: [node('e1')], by: [] },
  {
    row: 'all go the same way',
    own: [node('e1', { modes: { vxlan: 3 } }), node('e2', { modes: { vxlan: 2 } })],
    by: ['vxlan 2'],
  },
  {
    row: 'a node goes several ways, and it is not known which is this one',
    own: [node('e1', { modes: { wireguard: 1, vxlan: 3 } }), node('e2', { modes: { vxlan: 2 } })],
    by: ['vxlan,wireguard 1', 'vxlan 1'],
  },
  {
    row: 'one does not reach it',
    own: [
      node('e2', { modes: { vxlan: 3 }, unreached: { nodes: 1, named: ['w1'] } }),
      node('e1', { modes: { vxlan: 3 } }),
    ],
    by: ['vxlan 1'],
    notFrom: ['e2'],
  },
  {
    row: 'one does not reach another',
    own: [node('e1', { modes: { vxlan: 3 }, unreached: { nodes: 1, named: ['w2'] } })],
    by: ['vxlan 1'],
  },
  {
    row: 'one does not reach more than it names, of which it may be one',
    own: [node('e1', { modes: { vxlan: 3 }, unreached: { nodes: 4, named: ['w2', 'w3', 'w4'] } })],
    by: [],
  },
])('$row', ({ own, by, notFrom = [] }) => {
  const reached = reachedFrom(own)(w1);
  expect(reached.by.map(({ modes, nodes }) => `${modes.join()} ${nodes}`)).toEqual(by);
  expect(reached.notFrom).toEqual(notFrom);
  expect(reachedFrom(own)({ name: 'w1', cluster: 'north' })).toEqual({ by: [], notFrom: [] });
});
