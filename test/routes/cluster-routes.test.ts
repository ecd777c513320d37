import { describe, expect, test } from 'vitest';
import { sessionName } from '../../src/routes/bgp/bird-config.ts';
import { type SessionState, STATES } from '../../src/routes/bgp/bird-sessions.ts';
import { clusterRoutes } from '../../src/routes/cluster-routes.ts';
import { type BGPSettings, MARKS } from '../../src/routes/model.ts';
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
  const routes = clusterRoutes(planned, wanted, { tunnels, sessions: [] });
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
  const { why = '' } =
    clusterRoutes({ peers: [], faults }, wanted, { tunnels: [], sessions: [] }).get('west') ?? {};
  expect([why.length, why.at(-1)]).toEqual([200, '…']);
});

describe('BGP sessions', () => {
  const byBGP = policies({ north: ['vxlan'], south: ['bgp'], west: ['bgp'] });
  const nodes = nodesOf(`
    west w1 172.31.1.41 10.21.1.0/24
    west w2 172.31.1.42 10.21.2.0/24
    west w3 172.31.1.43 10.21.3.0/24
    west w4 172.31.1.44 10.21.4.0/24
    west w5 172.31.1.45 10.21.5.0/24
    south s1 172.31.1.61 10.41.1.0/24
    north n1 172.31.1.71 10.51.1.0/24
  `);
  const onLink = new Map(nodes.flatMap(({ addresses: [address = ''] }) => [[address, 'eth0'] as const]));

  function sessionsWith(bgp: BGPSettings, sessions: readonly SessionState[]) {
    const speaking = plan({ local: { ...EAST, onLink, bgp }, nodes, policies: byBGP, marks: MARKS });
    const routes = clusterRoutes(speaking, byBGP, { tunnels: [], sessions });
    return Object.fromEntries(Array.from(routes, ([cluster, said]) => [cluster, said.sessions]));
  }

  const withNode = (last: number, state: SessionState['state'], restarting = false): SessionState => {
    const [kind, neighbor] = ['node', `172.31.1.${last}`] as const;
    return { name: sessionName({ kind, neighbor }), kind, neighbor, state, learnt: 0, restarting };
  };

  test('with nodes: those of each cluster, and the first of those that are not established', () => {
    const sessions = [
      ...[withNode(61, 'Established'), withNode(45, 'Connect'), withNode(44, 'Unknown')],
      ...[withNode(43, 'Active', true), withNode(42, 'Idle'), withNode(41, 'Established')],
    ];
    expect(sessionsWith({ as: 64_512, routers: [] }, sessions)).toEqual({
      north: undefined,
      south: { established: 1, others: 0, named: [] },
      west: {
        established: 1,
        others: 4,
        named: [
          { neighbor: '172.31.1.42', state: 'Down' },
          { neighbor: '172.31.1.43', state: 'Restarting' },
          { neighbor: '172.31.1.44', state: 'Unknown' },
        ],
      },
    });
  });

  test('with a router: the same for every cluster that is learnt of from it', () => {
    const [kind, neighbor] = ['router', '172.31.1.1'] as const;
    const session = { ...withNode(1, 'Active'), kind, name: sessionName({ kind, neighbor }) };
    const down = { established: 0, others: 1, named: [{ neighbor, state: 'Down' }] };
    const bgp = { as: 64_512, routers: [{ address: neighbor, as: 65_000 }] };
    expect(sessionsWith(bgp, [session])).toEqual({ north: undefined, south: down, west: down });
  });

  test('while one is tried, what is told of it stays the same', () => {
    const told = STATES.filter(state => state !== 'Established').map(state =>
      JSON.stringify(sessionsWith({ as: 64_512, routers: [] }, [withNode(41, state)])),
    );
    expect(new Set(told).size).toBe(1);
  });
});
