import { expect, test } from 'vitest';
import { clusterRoutes } from '../../src/routes/cluster-routes.ts';
import { MARKS } from '../../src/routes/model.ts';
import { plan } from '../../src/routes/plan.ts';
import { EAST, nodesOf, policies } from '../kit/kernel/nodes.ts';

const wanted = policies({ west: ['vxlan'], south: ['direct'], north: ['none'], quiet: ['vxlan'] });
const planned = plan({
  local: EAST,
  nodes: nodesOf(`
    west w1 172.31.1.41 10.21.1.0/24 name=one
    west w2 172.31.1.42 10.21.2.0/24 10.96.7.0/24 name=two
    west w3 172.31.1.43 10.11.0.0/16 name=three
    west w4 172.31.1.44 10.21.4.0/24 mac=nonsense name=four
    south s1 172.31.9.1 10.41.1.0/24
    south s2 172.31.9.2 10.41.2.0/24
    south s3 172.31.9.3 10.41.3.0/24
    south s4 172.31.9.4 10.41.4.0/24
    north n1 172.31.1.51 10.31.1.0/24
    gone g1 172.31.1.61 10.51.1.0/24
  `),
  policies: wanted,
  marks: MARKS,
});

test('each cluster that is routed to is told in a few words, whatever the number of its nodes', () => {
  const tunnels = [true, false, true].map(answering => ({ cluster: 'west', answering }));
  const routes = clusterRoutes(planned, wanted, tunnels);
  expect([...routes.keys()]).toEqual(['west', 'south', 'quiet']);
  expect(routes.get('quiet')).toEqual({ modes: {} });
  expect(routes.get('west')).toEqual({
    modes: { vxlan: 2 },
    tunnels: { answering: 2, silent: 1 },
    unreached: { nodes: 2, named: ['three', 'four'] },
    partly: 1,
    why: expect.stringMatching(/^Guarded: 10\.11\.0\.0\/16 overlaps /),
  });
  expect(routes.get('south')).toEqual({
    modes: {},
    unreached: { nodes: 4, named: ['node-s1', 'node-s2', 'node-s3'] },
    why: expect.stringMatching(/^NoWay: 10\.41\.1\.0\/24: no way to it: /),
  });
});

test('a reason of any length is cut', () => {
  const faults = [{ cluster: 'west', node: 'one', reason: 'Invalid', message: 'x'.repeat(900) }] as const;
  const { why = '' } = clusterRoutes({ peers: [], faults }, wanted, []).get('west') ?? {};
  expect([why.length, why.at(-1)]).toEqual([200, '…']);
});
