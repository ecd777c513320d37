import { describe, expect, it } from 'vitest';
import { chooseClusters, type PolicyOptions } from '../../src/records/policy.ts';
import { type PayByCluster, payOf, type Shares, type Site, sharesOf } from '../kit/pay.ts';

/** Case, what is exported, the cluster that asks, shares. */
type Row = readonly [row: string, clusters: PayByCluster, local: Site | undefined, shares: Shares];

function askedFrom(localCluster: Site | undefined): PolicyOptions {
  return { localCluster, backends: 'service' };
}

describe('shares by weight', () => {
  it.each<Row>([
    ['3 80 to 20', { east: { weight: 80 }, west: { weight: 20 } }, 'east', { east: 0.8, west: 0.2 }],
    [
      '3 only the ratio counts',
      { east: { weight: 4 }, west: { weight: 1 } },
      'east',
      { east: 0.8, west: 0.2 },
    ],
    [
      '3 three ways',
      { east: { weight: 500 }, west: { weight: 300 }, north: { weight: 200 } },
      undefined,
      { east: 0.5, west: 0.3, north: 0.2 },
    ],
    [
      '3 endpoints do not count',
      { east: { weight: 1, ready: 9 }, west: { weight: 1 } },
      'east',
      { east: 0.5, west: 0.5 },
    ],
    ['3 weight 0 never', { east: { weight: 0 }, west: { weight: 1 } }, 'east', { west: 1 }],
    ['3 weight 0 never, even as the last', { east: { weight: 0 } }, 'east', {}],
    [
      '3 weight 0 never, even if nobody else is ready',
      { east: { weight: 0 }, west: { weight: 1, ready: 0 } },
      'east',
      { west: 1 },
    ],
    ['3 unset is 1 where any is set', { east: {}, west: { weight: 3 } }, 'east', { east: 0.25, west: 0.75 }],
    [
      '3 unset is 1 beside 0',
      { east: {}, west: { weight: 0 }, north: {} },
      'east',
      { east: 0.5, north: 0.5 },
    ],
    [
      '3 nobody without a ready endpoint',
      { east: { weight: 80, ready: 0, unready: 2 }, west: { weight: 20 } },
      'east',
      { west: 1 },
    ],
    [
      '4 none set: by ready endpoints',
      { east: { ready: 3 }, west: { ready: 1 } },
      'east',
      { east: 0.75, west: 0.25 },
    ],
    [
      '4 those that are not ready do not count',
      { east: { unready: 5 }, west: { ready: 1 } },
      'east',
      { east: 0.5, west: 0.5 },
    ],
    [
      '4 an endpoint of two families is one',
      { east: { ready: 2, families: ['IPv4', 'IPv6'] }, west: { ready: 2, families: ['IPv4'] } },
      'east',
      { east: 0.5, west: 0.5 },
    ],
    [
      '4 none ready anywhere: all alike',
      { east: { ready: 0 }, west: { ready: 0, unready: 3 } },
      'east',
      { east: 0.5, west: 0.5 },
    ],
  ])('%s', (_row, clusters, local, shares) => {
    const found = sharesOf(payOf(clusters), askedFrom(local));
    expect(Object.keys(found).sort()).toEqual(Object.keys(shares).sort());
    for (const [cluster, share] of Object.entries(shares))
      expect(found).toHaveProperty(cluster, expect.closeTo(share, 12));
  });
});

describe('tiers by affinity', () => {
  const local = { affinity: 'local' };
  const remote = { affinity: 'remote' };
  it.each<Row>([
    ['3 local, from one that exports', { east: local, west: local }, 'east', { east: 1 }],
    ['3 local, from the other', { east: local, west: local }, 'west', { west: 1 }],
    [
      '3 local, from one that does not export',
      { east: local, west: local },
      'north',
      { east: 0.5, west: 0.5 },
    ],
    ['3 local, and nobody is', { east: local, west: local }, undefined, { east: 0.5, west: 0.5 }],
    [
      '3 local falls over',
      { east: { ...local, ready: 0 }, west: local, north: local },
      'east',
      { west: 0.5, north: 0.5 },
    ],
    [
      '3 local of weight 0 falls over',
      { east: { ...local, weight: 0 }, west: { weight: 1 } },
      'east',
      { west: 1 },
    ],
    [
      '3 local, none ready anywhere',
      { east: { ...local, ready: 0 }, west: { ready: 0 } },
      'east',
      { east: 1 },
    ],
    ['3 remote', { east: remote, west: remote, north: remote }, 'east', { west: 0.5, north: 0.5 }],
    ['3 remote falls back', { east: remote, west: { ...remote, ready: 0 } }, 'east', { east: 1 }],
    [
      '3 remote, from one that does not export',
      { east: remote, west: remote },
      'north',
      { east: 0.5, west: 0.5 },
    ],
    ['3 remote, and nobody is local', { east: remote, west: remote }, undefined, { east: 0.5, west: 0.5 }],
    [
      '3 weights within the tier',
      { east: { ...remote, weight: 90 }, west: { ...remote, weight: 3 }, north: { ...remote, weight: 1 } },
      'east',
      { west: 0.75, north: 0.25 },
    ],
    ['3 none', { east: { affinity: 'none' }, west: {} }, 'east', { east: 0.5, west: 0.5 }],
  ])('%s', (_row, clusters, asking, shares) => {
    expect(sharesOf(payOf(clusters), askedFrom(asking))).toEqual(shares);
  });
});

describe('clusters that do not serve', () => {
  it.each<readonly [...Row, lost: readonly Site[], stale: boolean]>([
    ['5 left out while another can answer', { east: {}, west: {} }, 'east', { west: 1 }, ['east'], false],
    [
      '5 also where weight favours it',
      { east: { weight: 99 }, west: { weight: 1 } },
      'east',
      { west: 1 },
      ['east'],
      false,
    ],
    [
      '5 also where affinity does',
      { east: { affinity: 'local' }, west: {} },
      'east',
      { west: 1 },
      ['east'],
      false,
    ],
    [
      '5 not while others have weight 0',
      { east: { weight: 1 }, west: { weight: 0 } },
      'east',
      { east: 1 },
      ['east'],
      true,
    ],
    [
      '5 not while others have no endpoint',
      { east: {}, west: { ready: 0 } },
      'east',
      { east: 1 },
      ['east'],
      true,
    ],
    ['5 nobody serves', { east: {}, west: {} }, 'east', { east: 0.5, west: 0.5 }, ['east', 'west'], true],
    [
      '5 nobody serves, with weights',
      { east: { weight: 3 }, west: { weight: 1 } },
      'east',
      { east: 0.75, west: 0.25 },
      ['east', 'west'],
      true,
    ],
    [
      '5 nobody is ready, one serves',
      { east: { ready: 0 }, west: { ready: 0 } },
      'east',
      { west: 1 },
      ['east'],
      false,
    ],
    [
      '5 nobody is ready, nobody serves',
      { east: { ready: 0 }, west: { ready: 0 } },
      'east',
      { east: 0.5, west: 0.5 },
      ['east', 'west'],
      true,
    ],
  ])('%s', (_row, clusters, local, shares, lost, stale) => {
    const service = payOf(clusters, lost);
    expect(sharesOf(service, askedFrom(local))).toEqual(shares);
    expect(chooseClusters(service, askedFrom(local)).stale).toBe(stale);
  });
});
