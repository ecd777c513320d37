import { describe, expect, it } from 'vitest';
import { absoluteName, ClusterSet, type ClusterSetOptions } from '../kit/cluster-set.ts';
import { decode, query, replyTo } from '../kit/dns.ts';
import { type PayByCluster, type PaySettings, payYaml, payYamls, SITES, type Site } from '../kit/pay.ts';
import { seededRandom } from '../kit/random.ts';

const QUERIES = 20_000;
/** Five standard deviations of 20,000 draws are at most 1.8 points; of an 80 to 20 split, 1.4. */
const POINTS = 1.8;

function payMesh(clusters: PayByCluster, options: ClusterSetOptions = {}): ClusterSet {
  return new ClusterSet(payYamls(clusters), options);
}

/** The different replies that so many queries for `pay.shop.svc` get, as the addresses in each, and how many got it. */
function repliesOf(
  mesh: ClusterSet,
  type: 'A' | 'AAAA',
  queries = QUERIES,
): [addresses: string[], count: number][] {
  const message = query(absoluteName('pay.shop.svc'), type);
  const counts = new Map<string, number>();
  for (let sent = 0; sent < queries; sent++) {
    const octets = Buffer.from(replyTo(mesh.responder, message)).toString('latin1');
    counts.set(octets, (counts.get(octets) ?? 0) + 1);
  }
  return [...counts].map(([octets, count]) => {
    const { answers } = decode(Buffer.from(octets, 'latin1'));
    return [answers.map(({ data }) => String(data)), count];
  });
}

/** Percent of all answers, by address. */
function percentOf(mesh: ClusterSet, type: 'A' | 'AAAA'): Record<string, number> {
  return Object.fromEntries(
    repliesOf(mesh, type).map(([addresses, count]) => [addresses.join(' '), (count * 100) / QUERIES]),
  );
}

/** The one answer that all of some queries get. */
function only(mesh: ClusterSet, type: 'A' | 'AAAA' = 'A'): string {
  const found = repliesOf(mesh, type, 200).flatMap(([addresses]) => addresses);
  return found.length === 1 ? String(found[0]) : `several: ${found.sort().join(' ')}`;
}

describe('20,000 queries', () => {
  const sources = [
    ['seeded', () => seededRandom(20261121)],
    ['Math.random', () => Math.random],
  ] as const;
  for (const [source, random] of sources) {
    const split = (clusters: PayByCluster) => payMesh(clusters, { responder: { random: random() } });

    it(`3 split 80 to 20 within 1.5 points, ${source}`, () => {
      const percent = percentOf(split({ east: { weight: 80 }, west: { weight: 20 } }), 'A');
      expect(Object.keys(percent).sort()).toEqual(['10.10.0.1', '10.20.0.1']);
      expect(Math.abs((percent['10.10.0.1'] ?? 0) - 80)).toBeLessThan(1.5);
    });

    it.each<readonly [row: string, clusters: PayByCluster, percent: Record<Site, number>]>([
      [
        '3 three weights',
        { east: { weight: 500 }, west: { weight: 300 }, north: { weight: 200 } },
        { east: 50, west: 30, north: 20 },
      ],
      ['3 unset is 1', { east: {}, west: { weight: 3 }, north: {} }, { east: 20, west: 60, north: 20 }],
      [
        '4 ready endpoints',
        { east: { ready: 5 }, west: { ready: 3 }, north: { ready: 2, unready: 9 } },
        { east: 50, west: 30, north: 20 },
      ],
    ])(`%s split as exact in both families, ${source}`, (_row, clusters, expected) => {
      const mesh = split(clusters);
      const inIPv4 = percentOf(mesh, 'A');
      const inIPv6 = percentOf(mesh, 'AAAA');
      for (const site of ['east', 'west', 'north'] as const) {
        const number = SITES[site];
        expect(Math.abs((inIPv4[`10.${number}.0.1`] ?? 0) - expected[site])).toBeLessThan(POINTS);
        expect(Math.abs((inIPv6[`fd${number}::1`] ?? 0) - expected[site])).toBeLessThan(POINTS);
      }
    });
  }

  it('3 never name a cluster of weight 0', () => {
    const mesh = payMesh({ east: { weight: 0 }, west: { weight: 1 }, north: { weight: 1000 } });
    expect(Object.keys(percentOf(mesh, 'A')).sort()).toEqual(['10.20.0.1', '10.30.0.1']);
  });

  it('3 hold one address each, not an order', () => {
    const mesh = payMesh({ east: {}, west: {} });
    expect(mesh.answer('pay.shop.svc', 'A')).toHaveLength(1);
  });

  it('4 give every pod of a cluster out equally often, and the cluster its share', () => {
    const pods: PaySettings = { ready: 30, backends: 'endpoints' };
    const mesh = payMesh({ east: { ...pods, weight: 80 }, west: { ...pods, weight: 20 } });
    // A client takes one address of its answer: each counts for its part of it.
    const parts = new Map<string, number>();
    for (const [addresses, count] of repliesOf(mesh, 'A')) {
      for (const address of addresses)
        parts.set(address, (parts.get(address) ?? 0) + count / addresses.length);
    }
    expect(parts.size).toBe(60);
    for (const [address, count] of parts) {
      const expected = (QUERIES * (address.startsWith('10.10.') ? 0.8 : 0.2)) / 30;
      expect(Math.abs(count - expected)).toBeLessThan(0.2 * expected);
    }
  });
});

describe('a change beneath compiled answers', () => {
  const local: PaySettings = { affinity: 'local', ready: 2 };
  const remote: PaySettings = { affinity: 'remote', ready: 2 };
  const down = { ready: 0, unready: 2 };

  it('3 local affinity falls over when the endpoints go, and back when they come', () => {
    const mesh = payMesh({ east: local, west: local }, { localCluster: 'east' });
    expect(only(mesh)).toBe('10.10.0.1');
    mesh.put('east', payYaml(10, { ...local, ...down }));
    expect([only(mesh), only(mesh, 'AAAA')]).toEqual(['10.20.0.1', 'fd20::1']);
    mesh.put('east', payYaml(10, local));
    expect([only(mesh), only(mesh, 'AAAA')]).toEqual(['10.10.0.1', 'fd10::1']);
  });

  it('3 remote affinity falls back when the endpoints go, and over when they come', () => {
    const mesh = payMesh({ east: remote, west: remote }, { localCluster: 'east' });
    expect(only(mesh)).toBe('10.20.0.1');
    mesh.put('west', payYaml(20, { ...remote, ...down }));
    expect(only(mesh)).toBe('10.10.0.1');
    mesh.put('west', payYaml(20, remote));
    expect(only(mesh)).toBe('10.20.0.1');
  });

  it('3 means nothing where no cluster is local', () => {
    const mesh = payMesh({ east: local, west: local });
    expect(only(mesh)).toBe('several: 10.10.0.1 10.20.0.1');
  });

  it('3 a new weight counts from the next query on', () => {
    const mesh = payMesh({ east: { weight: 1 }, west: { weight: 0 } });
    expect(only(mesh)).toBe('10.10.0.1');
    mesh.put('east', payYaml(10, { weight: 0 }));
    mesh.put('west', payYaml(20, { weight: 1 }));
    expect(only(mesh)).toBe('10.20.0.1');
  });

  it('1 4 the last export takes the name along', () => {
    const mesh = payMesh({ east: {}, west: {} });
    expect(only(mesh)).toBe('several: 10.10.0.1 10.20.0.1');
    mesh.remove('east', payYaml(10));
    expect(only(mesh)).toBe('10.20.0.1');
    mesh.remove('west', payYaml(20));
    expect(mesh.answer('pay.shop.svc', 'A')).toEqual(['NXDOMAIN']);
    mesh.put('west', payYaml(20));
    expect(only(mesh)).toBe('10.20.0.1');
  });
});

describe('what a drawn service says besides its addresses', () => {
  it('3 SRV comes with both families of the one cluster drawn', () => {
    const mesh = payMesh({ east: { weight: 1 }, west: { weight: 1 } });
    const seen = new Set<string>();
    for (let sent = 0; sent < 200; sent++) {
      const { additionals } = mesh.ask('_http._tcp.pay.shop.svc', 'SRV');
      seen.add(additionals.map(({ data }) => String(data)).join(' '));
    }
    expect([...seen].sort()).toEqual(['10.10.0.1 fd10::1', '10.20.0.1 fd20::1']);
  });

  it('3 the observer is told the cluster that was drawn', () => {
    const told: unknown[] = [];
    const mesh = payMesh(
      { east: { weight: 80 }, west: { weight: 20 } },
      { responder: { observe: event => told.push(event.cluster) } },
    );
    const answered = Array.from({ length: 50 }, () => mesh.answer('pay.shop.svc', 'A').join());
    expect(told).toEqual(answered.map(line => (line.includes('10.10.') ? 'east' : 'west')));
    expect(new Set(told).size).toBe(2);
  });
});

describe('a headless service', () => {
  it('1 is every ready endpoint of every cluster, whatever weight and affinity say', () => {
    const headless = (site: number, settings: PaySettings) =>
      payYaml(site, { ...settings, families: ['IPv4'] }).replace(/clusterIPs: \[[^\]]*\]/, 'clusterIP: None');
    const mesh = new ClusterSet(
      {
        east: headless(10, { weight: 0, affinity: 'remote', ready: 2, unready: 1 }),
        west: headless(20, { weight: 100 }),
      },
      { localCluster: 'east' },
    );
    expect(mesh.answer('pay.shop.svc', 'A')).toEqual([
      'pay.shop.svc 5 A 10.10.1.1',
      'pay.shop.svc 5 A 10.10.1.2',
      'pay.shop.svc 5 A 10.20.1.1',
    ]);
  });
});
