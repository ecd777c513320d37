import { describe, expect, it } from 'vitest';
import { ClusterSet, type ClusterSetOptions } from '../kit/cluster-set.ts';
import { type PayByCluster, payYamls } from '../kit/pay.ts';
import { specMesh } from './spec-mesh/index.ts';

const STALE = '3 no cluster that serves this name is reachable';

function payMesh(clusters: PayByCluster, options: ClusterSetOptions = {}): ClusterSet {
  return new ClusterSet(payYamls(clusters), options);
}

function lose(set: ClusterSet, ...clusters: readonly string[]): void {
  for (const cluster of clusters) set.setServing(cluster, false);
}

/** The Extended DNS Error of an answer, if any. */
function extendedError(set: ClusterSet, name: string, type: 'A' | 'SRV' | 'TXT'): string | undefined {
  return set.ask(name, type, { edns: 1232 }).edns?.extendedError;
}

/** The addresses that 100 queries get. */
function seen(set: ClusterSet): string[] {
  const lines = Array.from({ length: 100 }, () => set.answer('pay.shop.svc', 'A')).flat();
  return [...new Set(lines.map(line => line.split(' ').at(-1) ?? ''))].sort();
}

describe('lost clusters of a service that is drawn', () => {
  it('5 are left out, and back when they serve again', () => {
    const set = payMesh({ east: {}, west: {} });
    lose(set, 'west');
    expect([seen(set), extendedError(set, 'pay.shop.svc', 'A')]).toEqual([['10.10.0.1'], undefined]);
    set.setServing('west', true);
    expect(seen(set)).toEqual(['10.10.0.1', '10.20.0.1']);
  });

  it('5 are given with Stale Answer where no other can answer', () => {
    const set = payMesh({ east: { weight: 1 }, west: {} });
    lose(set, 'east', 'west');
    expect(seen(set)).toEqual(['10.10.0.1', '10.20.0.1']);
    expect(extendedError(set, 'pay.shop.svc', 'A')).toBe(STALE);
    expect(extendedError(set, 'pay.shop.svc', 'SRV')).toBe(STALE);
    expect(extendedError(set, '_http._tcp.pay.shop.svc', 'SRV')).toBe(STALE);
    expect(extendedError(set, 'pay.shop.svc', 'TXT')).toBeUndefined();
    expect(set.ask('pay.shop.svc', 'A').edns).toBeUndefined();
    set.setServing('west', true);
    expect([seen(set), extendedError(set, 'pay.shop.svc', 'A')]).toEqual([['10.20.0.1'], undefined]);
  });

  it('5 answer for their own name, where that is served', () => {
    const set = payMesh({ east: {}, west: {} }, { clusterNames: true });
    lose(set, 'west');
    expect(set.answer('west.pay.shop.svc', 'A')).toEqual(['west.pay.shop.svc 5 A 10.20.0.1']);
    expect(extendedError(set, 'west.pay.shop.svc', 'A')).toBe(STALE);
    expect(extendedError(set, 'east.pay.shop.svc', 'A')).toBeUndefined();
  });
});

describe('lost clusters of a clusterset IP', () => {
  it('5 leave it as it is, with Stale Answer once all are lost', () => {
    const set = specMesh();
    lose(set, 'west');
    expect(extendedError(set, 'web.shop.svc', 'A')).toBeUndefined();
    lose(set, 'east');
    expect(set.answer('web.shop.svc', 'A')).toEqual(['web.shop.svc 5 A 10.96.0.1']);
    expect(extendedError(set, 'web.shop.svc', 'A')).toBe(STALE);
    expect(extendedError(set, '_http._tcp.web.shop.svc', 'SRV')).toBe(STALE);
  });
});

describe('lost clusters of a headless service', () => {
  it('1 5 are left out of its addresses and ports, but answer for their own endpoints', () => {
    const set = specMesh();
    lose(set, 'east');
    expect(set.answer('db.shop.svc', 'A')).toEqual(['db.shop.svc 5 A 10.20.1.20']);
    expect(set.answer('_sql._tcp.db.shop.svc', 'SRV')).toEqual([
      '_sql._tcp.db.shop.svc 5 SRV 0 50 15432 db-0.west.db.shop.svc',
    ]);
    expect(set.answer('db-0.east.db.shop.svc', 'A')).toEqual(['db-0.east.db.shop.svc 5 A 10.10.1.20']);
    expect(extendedError(set, 'db.shop.svc', 'A')).toBeUndefined();
    expect(extendedError(set, 'db-0.west.db.shop.svc', 'A')).toBeUndefined();
    expect(extendedError(set, 'db-0.east.db.shop.svc', 'A')).toBe(STALE);
  });

  it('1 5 are given with Stale Answer where no other can answer', () => {
    const set = specMesh();
    lose(set, 'east', 'west');
    expect(set.answer('db.shop.svc', 'A')).toHaveLength(3);
    expect(extendedError(set, 'db.shop.svc', 'A')).toBe(STALE);
    expect(extendedError(set, '_sql._tcp.db.shop.svc', 'SRV')).toBe(STALE);
    set.setServing('west', true);
    expect(set.answer('db.shop.svc', 'A')).toEqual(['db.shop.svc 5 A 10.20.1.20']);
    expect(extendedError(set, 'db.shop.svc', 'A')).toBeUndefined();
  });
});
