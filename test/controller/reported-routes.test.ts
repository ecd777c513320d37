import { expect, test } from 'vitest';
import { foldRoutes } from '../../src/controller/reported-routes.ts';

const NODES = [
  { node: 'e3', says: { modes: { vxlan: 1 }, unreached: { nodes: 1, named: ['w1'] }, why: 'NoWay: no key' } },
  { node: 'e1', says: { modes: { wireguard: 2, vxlan: 1 }, tunnels: { answering: 2, silent: 1 } } },
  { node: 'e2', says: { modes: { vxlan: 2 }, partly: 1, why: 'Guarded: 10.96.7.0/24 overlaps' } },
];
const DOWN = { neighbor: '172.31.1.1', state: 'Down' } as const;

test('nodes that say nothing make nothing', () => {
  expect(foldRoutes([])).toBeUndefined();
});

test('what the nodes say is added up, in whatever order they come', () => {
  const expected = {
    nodes: 3,
    modes: { vxlan: 4, wireguard: 2 },
    tunnels: { answering: 2, silent: 1 },
    short: 2,
    example: { node: 'e2', why: 'Guarded: 10.96.7.0/24 overlaps' },
  };
  expect(foldRoutes(NODES)).toEqual(expected);
  expect(foldRoutes(NODES.toReversed())).toEqual(expected);
});

test('BGP sessions are added up as well, with one that is not established', () => {
  const said = [
    { node: 'e3', says: { modes: {}, sessions: { established: 0, others: 2, named: [DOWN] } } },
    { node: 'e1', says: { modes: { bgp: 2 }, sessions: { established: 2, others: 0, named: [] } } },
    { node: 'e2', says: { modes: { bgp: 2 }, sessions: { established: 1, others: 1, named: [DOWN] } } },
    { node: 'e0', says: { modes: { vxlan: 2 } } },
  ];
  const expected = { established: 3, others: 3, example: { node: 'e2', ...DOWN } };
  expect(foldRoutes(said)?.sessions).toEqual(expected);
  expect(foldRoutes(said.toReversed())?.sessions).toEqual(expected);
});
