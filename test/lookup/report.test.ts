import { describe, expect, test } from 'vitest';
import { reportOf } from '../../src/lookup/report.ts';
import { Problems } from '../../src/objects/problem.ts';
import { remoteClusterReader } from '../../src/objects/remote-cluster.ts';
import { nothingBad } from '../../src/views/finding.ts';
import { factsOf, findingsOf, printed, type TestLookup } from '../kit/lookup.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

const east = (weight?: number) => clusterOf('east', ['10.10.0.10'], weight === undefined ? {} : { weight });
const west = (weight?: number) => clusterOf('west', ['10.20.0.10'], weight === undefined ? {} : { weight });
const payments = (...clusters: Parameters<typeof serviceOf>[2]) =>
  zoneOf([serviceOf('shop', 'payments', clusters)], { localCluster: 'east' });

const WEIGHTED = payments(east(80), west(20), clusterOf('north', ['10.30.0.10'], { weight: 0 }));
const LOST = payments(east(1), clusterOf('west', ['10.20.0.10'], { weight: 1, serving: false }));

const PAYMENTS = 'payments.shop.svc.clusterset.local';

test('two replicas, and what they draw between', () => {
  const servers = [
    { name: 'causeway-dns-1', zone: WEIGHTED, seed: 2 },
    { name: 'causeway-dns-2', zone: WEIGHTED, seed: 6 },
  ];
  expect(printed(factsOf({ servers }))).toBe(`payments.shop.svc.clusterset.local. A

causeway-dns-1  NOERROR  aa rd  http  EDNS 1232  3.1 ms  NSID test-server
  payments.shop.svc.clusterset.local.  5  A  10.10.0.10  east

causeway-dns-2  NOERROR  aa rd  http  EDNS 1232  3.1 ms  NSID test-server
  payments.shop.svc.clusterset.local.  5  A  10.20.0.10  west

Why: one cluster is drawn for each query, by weight.
CLUSTER       WEIGHT  READY  SERVING  SHARE   ADDRESSES   LEFT OUT BECAUSE
east (local)  80      1      yes      80.0 %  10.10.0.10
west          20      1      yes      20.0 %  10.20.0.10
north         0       1      yes      -       10.30.0.10  its weight is 0

✓ payments.shop.svc.clusterset.local: an answer from each of 2 servers
`);
});

describe('no answer', () => {
  test.each<{
    row: string;
    lookup: Omit<TestLookup, 'servers'>;
    zone: TestLookup['servers'][0]['zone'];
    finding: string;
  }>([
    {
      row: 'no such service',
      lookup: {},
      zone: zoneOf([]),
      finding: `✗ ${PAYMENTS}: NXDOMAIN: no cluster exports a service of that name → in a cluster that has it: causeway export payments -n shop`,
    },
    {
      row: 'no such namespace',
      lookup: {},
      zone: zoneOf([], { namespaces: new Set() }),
      finding: `✗ ${PAYMENTS}: NXDOMAIN: there is no such namespace here, and names exist only where there is one → see in which namespaces there are services: causeway get services; if shop is right: kubectl create namespace shop, in the cluster that asks`,
    },
    {
      row: 'a namespace that may be mistyped',
      lookup: {},
      zone: zoneOf([], { namespaces: new Set(['shops', 'bank', 'hop']) }),
      finding: `✗ ${PAYMENTS}: NXDOMAIN: there is no such namespace here, and names exist only where there is one; there is hop, shops → ask in hop or shops if that was meant; if not: kubectl create namespace shop, in the cluster that asks`,
    },
    {
      row: 'not loaded',
      lookup: {},
      zone: zoneOf([], { synced: false }),
      finding: `✗ ${PAYMENTS}: SERVFAIL: the daemon has not loaded everything yet, so it cannot know → causeway status says what the daemon waits for`,
    },
    {
      row: 'all drained',
      lookup: {},
      zone: payments(east(0), west(0)),
      finding: `✗ ${PAYMENTS}: no A record: one cluster is drawn for each query, by weight: east: its weight is 0; west: its weight is 0 → give one of the clusters a weight above 0`,
    },
    {
      row: 'no address of the type',
      lookup: { type: 'AAAA' },
      zone: payments(east()),
      finding: `✗ ${PAYMENTS}: no AAAA record: one cluster is drawn for each query, by ready endpoints, as no weight is set: east: it has no address of this type`,
    },
    {
      row: 'outside the zone',
      lookup: { name: 'example.org' },
      zone: zoneOf([]),
      finding: '✗ example.org: REFUSED: the name is outside the zone that the daemon serves',
    },
  ])('$row', ({ lookup, zone, finding }) => {
    const whole = { ...lookup, servers: [{ name: 'a', zone }] };
    expect(findingsOf(whole)).toEqual([finding]);
    expect(nothingBad(reportOf(factsOf(whole)).findings)).toBe(false);
  });
});

describe('a cluster that is held for lost', () => {
  const remote = remoteClusterReader.read(
    {
      apiVersion: 'causeway.dev/v1alpha1',
      kind: 'RemoteCluster',
      metadata: { name: 'the-west' },
      spec: { secretRef: { name: 'west' } },
      status: {
        clusterId: 'west',
        conditions: [
          {
            type: 'Serving',
            status: 'False',
            reason: 'Unreachable',
            message: 'It has not answered for 5 s.',
            lastTransitionTime: '2026-01-31T12:00:00Z',
          },
        ],
      },
    },
    Problems.ignored(),
  );

  test('is left out, and since when', () => {
    const remotes = remote === undefined ? [] : [remote];
    expect(findingsOf({ servers: [{ name: 'a', zone: LOST }], remotes })).toEqual([
      `✓ ${PAYMENTS}: an answer`,
      '⚠ west: held for lost, not serving since 2026-01-31T12:00:00Z (Unreachable): It has not answered for 5 s.',
    ]);
  });

  test('is named without it, where nobody says', () => {
    expect(findingsOf({ servers: [{ name: 'a', zone: LOST }] })).toContain(
      '⚠ west: held for lost, not serving',
    );
  });

  test('is given where no other is left, and both the answer and the reason say so', () => {
    const zone = payments(clusterOf('east', ['10.10.0.10'], { serving: false }));
    const text = printed(factsOf({ servers: [{ name: 'a', zone }] }));
    expect(text).toContain('extended error 3, Stale Answer: no cluster that serves this name is reachable');
    expect(text).toContain('none of them serves, so what was last heard is given');
  });
});

describe('replicas that differ', () => {
  test('in what they draw between', () => {
    const servers = [
      { name: 'a', zone: payments(east(1), west(1)) },
      { name: 'b', zone: payments(east(1)) },
      { name: 'c', zone: payments(east(1), west(1)) },
    ];
    expect(findingsOf({ servers }).slice(1)).toEqual([
      '✗ b: does not know what a knows: another view of east, west → ask again, as a change may be on its way; if it stays, see causeway status',
    ]);
  });

  test('in whether there is such a name', () => {
    const servers = [
      { name: 'a', zone: payments(east(1)) },
      { name: 'b', zone: zoneOf([]) },
    ];
    expect(findingsOf({ servers })).toEqual(
      expect.arrayContaining([
        `✗ ${PAYMENTS}: a says NOERROR, b says NXDOMAIN`,
        expect.stringMatching(/^✗ b: does not know what a knows: no-service where the other has drawn/),
      ]),
    );
  });

  test('in whether they answer', () => {
    const servers = [
      { name: 'a', zone: payments(east(1)) },
      { name: 'b', zone: payments(east(1)), between: () => undefined },
    ];
    expect(findingsOf({ servers }).slice(1)).toEqual(['✗ b: no answer: no answer within 2 s']);
  });
});

test('a server that is none of ours has an answer and no why', () => {
  const text = printed(
    factsOf({ asked: 'server', servers: [{ name: '192.0.2.53:53', zone: WEIGHTED }], daemons: [] }),
  );
  expect(text).not.toContain('Why');
  expect(text).toContain('✓ payments.shop.svc.clusterset.local: an answer\n');
});
