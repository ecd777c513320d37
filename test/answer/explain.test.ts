import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Explanation, explain } from '../../src/answer/explain.ts';
import { parseAddress } from '../../src/base/ip.ts';
import { Mesh } from '../../src/mesh/mesh.ts';
import type { Zone } from '../../src/records/zone.ts';
import { TYPE } from '../../src/wire/codes.ts';
import { labelsOfText } from '../../src/wire/name.ts';
import { ask, query, responderOf, TCP } from '../kit/dns.ts';
import { type PayByCluster, payOf, type Site } from '../kit/pay.ts';
import { seededRandom } from '../kit/random.ts';
import { CLUSTERS, NAMESPACES, randomObjects, SERVICES } from '../kit/random-mesh.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

const PAY = 'pay.shop.svc.clusterset.local';

function whyOf(zone: Zone, name: string, type: keyof typeof TYPE = 'A'): Explanation {
  return explain(zone, { name: labelsOfText(name), type: TYPE[type] });
}

/** `east 80 %`, `west left out: not-serving`, … */
function summary({ step, stale, rcode, answers, clusters, service }: Explanation): string[] {
  return [
    [rcode, `${answers}`, step, service?.drawnBy, stale ? 'stale' : undefined].filter(Boolean).join(' '),
    ...clusters.map(
      ({ cluster, share, leftOut, addresses }) =>
        `${cluster} ${leftOut ?? (share === undefined ? 'given' : `${Number((share * 100).toFixed(6))} %`)} ${addresses.join(' ')}`,
    ),
  ];
}

describe('a service of which one cluster is drawn', () => {
  const local = { affinity: 'local' };
  test.each<{ row: string; clusters: PayByCluster; lost?: readonly Site[]; lines: readonly string[] }>([
    {
      row: 'by weight',
      clusters: { east: { weight: 80 }, west: { weight: 20 } },
      lines: ['NOERROR 1 drawn weight', 'east 80 % 10.10.0.1', 'west 20 % 10.20.0.1'],
    },
    {
      row: 'by ready endpoints',
      clusters: { east: { ready: 3 }, west: {} },
      lines: ['NOERROR 1 drawn ready-endpoints', 'east 75 % 10.10.0.1', 'west 25 % 10.20.0.1'],
    },
    {
      row: 'one of weight 0',
      clusters: { east: { weight: 0 }, west: {} },
      lines: ['NOERROR 1 drawn weight', 'east weight-zero 10.10.0.1', 'west 100 % 10.20.0.1'],
    },
    {
      row: 'all of weight 0',
      clusters: { east: { weight: 0 }, west: { weight: 0 } },
      lines: ['NOERROR 0 drawn weight', 'east weight-zero 10.10.0.1', 'west weight-zero 10.20.0.1'],
    },
    {
      row: 'one without a ready endpoint',
      clusters: { east: { ready: 0, unready: 2 }, west: {} },
      lines: ['NOERROR 1 drawn ready-endpoints', 'east no-ready-endpoint 10.10.0.1', 'west 100 % 10.20.0.1'],
    },
    {
      row: 'one that does not serve',
      clusters: { east: {}, west: {} },
      lost: ['west'],
      lines: ['NOERROR 1 drawn ready-endpoints', 'east 100 % 10.10.0.1', 'west not-serving 10.20.0.1'],
    },
    {
      row: 'none that serves: stale',
      clusters: { east: {}, west: { ready: 0 } },
      lost: ['east'],
      lines: [
        'NOERROR 1 drawn ready-endpoints stale',
        'east 100 % 10.10.0.1',
        'west no-ready-endpoint 10.20.0.1',
      ],
    },
    {
      row: 'affinity local',
      clusters: { east: local, west: local, north: { ...local, ready: 0 } },
      lines: [
        'NOERROR 1 drawn ready-endpoints',
        'east 100 % 10.10.0.1',
        'north no-ready-endpoint 10.30.0.1',
        'west affinity 10.20.0.1',
      ],
    },
    {
      row: 'affinity local, and nothing there is ready',
      clusters: { east: { ...local, ready: 0 }, west: local },
      lines: ['NOERROR 1 drawn ready-endpoints', 'east no-ready-endpoint 10.10.0.1', 'west 100 % 10.20.0.1'],
    },
    {
      row: 'no address of the kind that is given',
      clusters: { east: { backends: 'endpoints' }, west: { backends: 'endpoints', ready: 0 } },
      lines: ['NOERROR 1 drawn ready-endpoints', 'east 100 % 10.10.1.1', 'west no-address '],
    },
  ])('$row', ({ clusters, lost = [], lines }) => {
    const zone = zoneOf([payOf(clusters, lost)], { localCluster: 'east' });
    expect(summary(whyOf(zone, PAY))).toEqual(lines);
  });

  test('has shares per type: who has no address of it is not drawn', () => {
    const east = clusterOf('east', ['10.0.0.1', 'fd00::1'], { weight: 1 });
    const west = clusterOf('west', ['10.0.0.2'], { weight: 1 });
    const zone = zoneOf([serviceOf('shop', 'pay', [east, west])]);
    expect(summary(whyOf(zone, PAY)).slice(1)).toEqual(['east 50 % 10.0.0.1', 'west 50 % 10.0.0.2']);
    expect(summary(whyOf(zone, PAY, 'AAAA')).slice(1)).toEqual([
      'east 100 % fd00::1',
      'west no-address-of-type ',
    ]);
    expect(summary(whyOf(zone, `_http._tcp.${PAY}`, 'SRV')).slice(1)).toEqual([
      'east 50 % 10.0.0.1 fd00::1',
      'west 50 % 10.0.0.2',
    ]);
  });

  test('says what is behind the names', () => {
    const zone = zoneOf([payOf({ east: { weight: 80, ttl: 30 } })], { localCluster: 'east' });
    expect(whyOf(zone, PAY)).toEqual({
      name: `${PAY}.`,
      type: 'A',
      rcode: 'NOERROR',
      answers: 1,
      step: 'drawn',
      stale: false,
      ttl: 30,
      localCluster: 'east',
      service: {
        namespace: 'shop',
        name: 'pay',
        type: 'ClusterSetIP',
        ips: [],
        affinity: 'none',
        backends: 'service',
        drawnBy: 'weight',
      },
      clusters: [
        {
          cluster: 'east',
          weight: 80,
          serving: true,
          readyEndpoints: 1,
          addresses: ['10.10.0.1'],
          share: 1,
        },
      ],
    });
  });
});

const EAST = clusterOf('east', ['10.0.0.1']);
const WEST = clusterOf('west', ['10.0.0.2'], { serving: false });
const IPS = { ips: ['10.99.0.1'] };

test.each<{ row: string; zone: Zone; name?: string; lines: readonly string[] }>([
  {
    row: 'clusterset IP',
    zone: zoneOf([serviceOf('shop', 'pay', [EAST, WEST], IPS)]),
    lines: ['NOERROR 1 clusterset-ip', 'east given ', 'west given '],
  },
  {
    row: 'clusterset IP of which no cluster serves',
    zone: zoneOf([serviceOf('shop', 'pay', [WEST], IPS)]),
    lines: ['NOERROR 1 clusterset-ip stale', 'west given '],
  },
  {
    row: 'headless',
    zone: zoneOf([serviceOf('shop', 'pay', [EAST, WEST], { type: 'Headless' })]),
    lines: ['NOERROR 1 headless', 'east given 10.0.0.1', 'west not-serving '],
  },
  {
    row: 'headless, and nothing is ready',
    zone: zoneOf([serviceOf('shop', 'pay', [clusterOf('east', [])], { type: 'Headless' })]),
    lines: ['NXDOMAIN 0 no-ready-endpoint', 'east no-ready-endpoint '],
  },
  {
    row: 'an endpoint',
    zone: zoneOf([serviceOf('shop', 'pay', [EAST], { type: 'Headless' })]),
    name: `10-0-0-1.east.${PAY}`,
    lines: ['NOERROR 1 single', 'east given 10.0.0.1'],
  },
  {
    row: 'no such endpoint',
    zone: zoneOf([serviceOf('shop', 'pay', [EAST])]),
    name: `nobody.${PAY}`,
    lines: ['NXDOMAIN 0 no-name ready-endpoints', 'east given 10.0.0.1'],
  },
  { row: 'no such service', zone: zoneOf([]), lines: ['NXDOMAIN 0 no-service'] },
  {
    row: 'no such namespace',
    zone: zoneOf([], { namespaces: new Set() }),
    lines: ['NXDOMAIN 0 no-namespace'],
  },
  { row: 'not loaded yet', zone: zoneOf([], { synced: false }), lines: ['SERVFAIL 0 not-loaded'] },
  { row: 'outside', zone: zoneOf([]), name: 'example.org', lines: ['REFUSED 0 outside-zone'] },
  { row: 'the zone itself', zone: zoneOf([]), name: 'clusterset.local', lines: ['NOERROR 0 single'] },
  { row: 'its server', zone: zoneOf([]), name: 'ns.dns.clusterset.local', lines: ['NOERROR 1 single'] },
])('$row', ({ zone, name = PAY, lines }) => {
  expect(summary(whyOf(zone, name))).toEqual(lines);
});

describe('whatever the mesh is', () => {
  const settings = fc.record({
    localCluster: fc.option(fc.constantFrom(...CLUSTERS), { nil: undefined }),
    backends: fc.constantFrom('service' as const, 'endpoints' as const),
    lost: fc.subarray(CLUSTERS),
    ips: fc.constantFrom([], ['10.99.0.1', 'fd99::1']),
  });
  const zones = fc.tuple(randomObjects, settings).map(([held, { lost, ips, ...options }]) => {
    const mesh = new Mesh();
    for (const { cluster, object } of held) mesh.put(cluster, object);
    for (const cluster of lost) mesh.setServing(cluster, false);
    const services = [...mesh.flush().services.values()].flatMap(service => service ?? []);
    return zoneOf(
      services.map(service => (service.type === 'Headless' ? service : { ...service, ips })),
      { ...options, namespaces: new Set(NAMESPACES) },
    );
  });
  const names = NAMESPACES.flatMap(namespace =>
    SERVICES.map(service => `${service}.${namespace}.svc.clusterset.local`),
  );

  test('shares come to 1, and who has one is not left out', () => {
    fc.assert(
      fc.property(zones, fc.constantFrom('A', 'AAAA'), (zone, type) => {
        for (const why of names.map(name => whyOf(zone, name, type))) {
          const shares = why.clusters.flatMap(({ share }) => share ?? []);
          const isDrawn = why.step === 'drawn' && why.answers > 0;
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(isDrawn ? 1 : 0, 9);
          if (why.step !== 'drawn') continue;
          for (const { share, leftOut } of why.clusters) {
            expect(share === undefined).toBe(leftOut !== undefined);
          }
        }
      }),
    );
  });

  test('its code and number of records are those of the answer, and its addresses hold those given', () => {
    fc.assert(
      fc.property(zones, fc.constantFrom('A', 'AAAA', 'SRV', 'TXT'), (zone, type) => {
        const responder = responderOf(zone);
        for (const name of [...names, ...names.map(each => `_http._tcp.${each}`)]) {
          const { rcode, answers, clusters, service } = whyOf(zone, name, type);
          const reply = ask(responder, name, type, { client: TCP });
          expect({ rcode, answers: answers > 0 }).toEqual({
            rcode: reply.rcode,
            answers: reply.answers.length > 0,
          });
          const known = [...(service?.ips ?? []), ...clusters.flatMap(({ addresses }) => addresses)];
          const given = reply.answers.flatMap(record =>
            record.type === 'A' || record.type === 'AAAA' ? [parseAddress(record.data)] : [],
          );
          expect(known).toEqual(expect.arrayContaining(given));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('20,000 draws are what the shares say', () => {
    fc.assert(
      fc.property(zones, fc.constantFrom('A', 'AAAA'), fc.integer(), (zone, type, seed) => {
        for (const name of names) {
          const expected = new Map(
            whyOf(zone, name, type).clusters.flatMap(({ cluster, share }) =>
              share === undefined ? [] : [[cluster, share] as const],
            ),
          );
          if (expected.size === 0) continue;
          const counts = drawn(zone, name, type, seed);
          expect([...counts.keys()].filter(cluster => !expected.has(cluster))).toEqual([]);
          for (const [cluster, share] of expected) {
            const deviation = Math.sqrt((share * (1 - share)) / DRAWS);
            expect(Math.abs((counts.get(cluster) ?? 0) / DRAWS - share)).toBeLessThanOrEqual(
              5 * deviation + 1e-9,
            );
          }
        }
      }),
      { numRuns: 15, seed: 7 },
    );
  });
});

const DRAWS = 20_000;

/** How often each cluster was the answer. */
function drawn(zone: Zone, name: string, type: 'A' | 'AAAA', seed: number): Map<string, number> {
  const counts = new Map<string, number>();
  const responder = responderOf(zone, {
    random: seededRandom(seed),
    observe: ({ cluster = 'none' }) => counts.set(cluster, (counts.get(cluster) ?? 0) + 1),
  });
  const message = query(name, type);
  for (let draw = 0; draw < DRAWS; draw++) responder.respond(message, TCP);
  return counts;
}
