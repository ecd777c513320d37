import { describe, expect, test } from 'vitest';
import { MARKS } from '../../src/routes/model.ts';
import { plan } from '../../src/routes/plan.ts';
import { faultText, heldText, peerReports } from '../../src/routes/report.ts';
import { EAST, nodesOf, policies } from '../kit/kernel/nodes.ts';

const planned = plan({
  local: EAST,
  nodes: nodesOf(`
    west w1 172.31.1.41 10.21.1.0/24 name=one
    west w2 172.31.1.42 10.21.2.0/24 10.96.7.0/24 name=two
    west w3 172.31.1.43 10.11.0.0/16 name=three
    west w4 172.31.1.44 0.0.0.0/0 mac=nonsense name=four
    west w5 172.31.1.45 name=five
    north n1 172.31.1.51 10.31.1.0/24 name=one
    south s1 172.31.1.61 10.41.1.0/24 name=one
  `),
  policies: policies({ west: ['vxlan'], north: ['none'] }),
  marks: MARKS,
});

test('every node that was heard of has its row: the way to it, or why there is none', () => {
  const rows = peerReports(planned).map(
    ({ cluster, node, mode, mtu = '-', ways, reasons }) =>
      `${cluster}/${node} ${mode} ${mtu} ${ways.length} ${reasons.map(reason => reason.split(':')[0])}`,
  );
  expect(rows).toEqual([
    'north/one none - 1 ',
    'south/one unreachable - 0 NoPolicy',
    'west/one vxlan 1450 1 ',
    'west/two vxlan 1450 1 Guarded',
    'west/three unreachable - 0 Guarded',
    'west/five unreachable - 0 NoBlocks',
    'west/four unreachable - 0 Invalid,Invalid',
  ]);
});

describe('as lines', () => {
  test('a fault says whose it is', () => {
    expect(planned.faults.map(faultText)).toContain(
      'node two of west: Guarded: 10.96.7.0/24 overlaps 10.96.0.0/16, the services of this cluster; it is not routed',
    );
    expect(faultText({ cluster: 'west', reason: 'TooMany', message: 'too many' })).toBe(
      'cluster west: TooMany: too many',
    );
  });

  test.each([
    [
      'Brake',
      ['west'],
      '0 routes and 1 other entry of west stay although its nodes are gone: so many at once look like a mistake; ' +
        'if they are gone for good, set the annotation causeway.dev/allow-mass-removal=true on its RemoteCluster',
    ],
    ['Unsynced', [], '0 routes and 1 other entry of west stay until every cluster is known in full'],
    [
      'Unsynced',
      [1, 2, 3, 4, 5].map(n => `RemoteNode west.n${n} cannot be read`),
      '0 routes and 1 other entry of west stay until every cluster is known in full: RemoteNode west.n1 cannot be ' +
        'read, RemoteNode west.n2 cannot be read, RemoteNode west.n3 cannot be read and 2 more',
    ],
  ] as const)('what is held of a cluster by %s says how it ends', (why, waitsFor, line) => {
    const entries = [{ kind: 'element', set: 'tunnelled4', block: '10.21.1.0/24' }] as const;
    expect(heldText({ cluster: 'west', why, waitsFor, entries })).toBe(line);
  });

  test('what is held of nobody known says whose RemoteClusters have to be asked', () => {
    expect(heldText({ why: 'Brake', waitsFor: ['west', 'north'], entries: [] })).toBe(
      '0 routes and 0 other entries of nobody known stay although no node asks for them: so many at once look like a ' +
        'mistake; if they are gone for good, set the annotation causeway.dev/allow-mass-removal=true on each ' +
        'RemoteCluster that leads to west or north',
    );
  });
});
