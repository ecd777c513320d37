import { describe, expect, test } from 'vitest';
import {
  type ClusterRoutes,
  clusterRoutesText,
  readClusterRoutes,
} from '../../src/objects/cluster-routes.ts';

const WEST: ClusterRoutes = {
  modes: { vxlan: 3, wireguard: 2 },
  tunnels: { answering: 2, silent: 1 },
  sessions: { established: 2, others: 1, named: [{ neighbor: 'fd00::1', state: 'Restarting' }] },
  unreached: { nodes: 4, named: ['w1', 'w2', 'w3'] },
  partly: 1,
  why: 'NoWay: 10.21.1.0/24: no way to it: it says no WireGuard key',
};

test('what was written is read as it was, in whichever order it came', () => {
  const routes = new Map([
    ['west', WEST],
    ['north', { modes: {} }],
  ]);
  const text = clusterRoutesText(routes);
  expect(readClusterRoutes(text)).toEqual(routes);
  expect(clusterRoutesText(new Map([...routes].reverse()))).toBe(text);
});

test('of more clusters than there is room for the first are told, and an object takes it', () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => `c${1_000 + index}`);
  const text = clusterRoutesText(new Map(ids.map(id => [id, WEST])));
  const read = [...readClusterRoutes(text).keys()];
  expect(read.length).toBeGreaterThan(100);
  expect(read).toEqual(ids.slice(0, read.length));
  expect(text.length).toBeLessThanOrEqual(32_768);
});

describe('what is something else says nothing', () => {
  test.each([
    { row: 'no JSON', text: '{"west":' },
    { row: 'a list', text: '[]' },
    { row: 'no cluster id', text: '{"../west":{"modes":{}}}' },
    { row: 'no count', text: '{"west":{"modes":{"vxlan":-1}}}' },
    { row: 'a way that is no word', text: '{"west":{"modes":{"\\u001b[2J":1}}}' },
    {
      row: 'too many names',
      text: '{"west":{"modes":{},"unreached":{"nodes":9,"named":["1","2","3","4"]}}}',
    },
    {
      row: 'a neighbor that is no address',
      text: '{"west":{"modes":{},"sessions":{"established":0,"others":1,"named":[{"neighbor":"\\u001b[2J","state":"Down"}]}}}',
    },
    {
      row: 'a state of sessions that there is not',
      text: '{"west":{"modes":{},"sessions":{"established":0,"others":1,"named":[{"neighbor":"fd00::1","state":"Odd"}]}}}',
    },
    { row: 'a long reason', text: `{"west":{"modes":{},"why":"${'x'.repeat(201)}"}}` },
    { row: 'a long text', text: `{${' '.repeat(40_000)}}` },
  ])('$row', ({ text }) => {
    expect(readClusterRoutes(text)).toEqual(new Map());
  });
});
