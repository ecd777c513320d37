import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../bed/cluster.ts';
import { ClusterSet } from '../bed/cluster-set.ts';
import {
  backendsOf,
  eventsAbout,
  exportReference,
  importReference,
  type Named,
  untilCondition,
} from '../bed/look.ts';
import { serviceExport } from '../bed/member.ts';
import { Workload } from '../bed/workload.ts';
import { draw } from '../kit/draws.ts';
import { waitFor } from '../kit/wait.ts';

/** East and west export one service, and say how its traffic shall be shared; a client in west asks. */
let set: ClusterSet;
let east: Cluster;
let west: Cluster;

beforeAll(async () => {
  set = await ClusterSet.form(['east', 'west']);
  [east, west] = [set.cluster('east'), set.cluster('west')];
});

afterAll(async () => {
  await set?.end();
});

const traffic = 'causeway.dev/traffic';
type Annotations = Readonly<Record<string, string>>;

/** One pod in each cluster. */
async function deploy(): Promise<{ named: Named; inEast: Workload; inWest: Workload }> {
  const named = { namespace: await set.namespace('traffic'), name: 'pay' };
  const [inEast, inWest] = await Promise.all([Workload.deploy(east, named), Workload.deploy(west, named)]);
  return { named, inEast, inWest };
}

async function exportWith(
  { namespace, name }: Named,
  inEast: Annotations,
  inWest: Annotations,
): Promise<void> {
  await east.admin.apply(serviceExport(namespace, name, inEast));
  await west.admin.apply(serviceExport(namespace, name, inWest));
}

/** Resolves once west knows how the traffic is shared: the annotation of its import says it. */
async function untilShared(named: Named, expected: object): Promise<void> {
  const look = async (): Promise<unknown> => {
    const found = await west.admin.get(importReference(named));
    return JSON.parse(found?.metadata.annotations?.[traffic] ?? '{}');
  };
  await waitFor(
    'west knows the shares',
    look,
    seen => JSON.stringify(seen) === JSON.stringify(expected),
    20_000,
  );
}

/** The addresses in west that stand for one cluster each. */
async function addressesOf({ namespace, name }: Named): Promise<Record<'east' | 'west', string>> {
  const label = `causeway.dev/service-name=${name},multicluster.kubernetes.io/source-cluster`;
  const look = async (): Promise<[string, string][]> =>
    (await west.admin.list('v1', 'Service', namespace, label)).map(({ metadata, spec }) => [
      metadata.labels?.['multicluster.kubernetes.io/source-cluster'] ?? '',
      spec.clusterIP,
    ]);
  const found = await waitFor(
    'west has an address for each cluster',
    look,
    seen => seen.length === 2,
    20_000,
  );
  return Object.fromEntries(found) as Record<'east' | 'west', string>;
}

/** Where connections to the address that stands for a cluster go. */
async function backendsOfAddress({ namespace }: Named, address: string): Promise<string[]> {
  const services = await west.admin.list('v1', 'Service', namespace);
  const service = services.find(({ spec }) => spec.clusterIP === address);
  return service === undefined ? [] : backendsOf(west, { namespace, name: service.metadata.name });
}

const hostOf = ({ namespace, name }: Named): string => `${name}.${namespace}.svc.clusterset.local`;

/** How often each address is drawn by clients of west's CoreDNS. */
function drawn(named: Named, count: number): Promise<Map<string, number>> {
  return draw(set.names('west').coreDns, hostOf(named), count);
}

/** Resolves once none but these addresses are drawn. */
async function untilOnly(named: Named, expected: readonly string[]): Promise<void> {
  const look = async (): Promise<string[]> => [...(await drawn(named, 64)).keys()].sort();
  await waitFor(`only ${expected} are drawn`, look, seen => `${seen}` === `${expected.toSorted()}`, 20_000);
}

const to = (pods: Workload): string[] => pods.addresses().map(address => `TCP/80 to ${address}:80`);

describe('weights', () => {
  test('80 to 20 are shares of the answers, 0 takes none, and what was drawn before leads where it did', async () => {
    const { named, inEast, inWest } = await deploy();
    await exportWith(named, { 'causeway.dev/weight': '80' }, { 'causeway.dev/weight': '20' });
    await untilShared(named, { clusters: { east: { weight: 80 }, west: { weight: 20 } } });
    const addresses = await addressesOf(named);
    await untilOnly(named, [addresses.east, addresses.west]);

    const count = 4_000;
    const seen = await drawn(named, count);
    // Five standard deviations of a binomial distribution: by chance alone fails one run in 1.7 million.
    const tolerance = 5 * Math.sqrt(count * 0.8 * 0.2);
    expect(Math.abs((seen.get(addresses.east) ?? 0) - count * 0.8)).toBeLessThan(tolerance);
    expect((seen.get(addresses.east) ?? 0) + (seen.get(addresses.west) ?? 0)).toBe(count);
    expect(await backendsOfAddress(named, addresses.east)).toEqual(to(inEast));
    expect(await backendsOfAddress(named, addresses.west)).toEqual(to(inWest));

    await exportWith(named, { 'causeway.dev/weight': '0' }, { 'causeway.dev/weight': '20' });
    await untilShared(named, { clusters: { east: { weight: 0 }, west: { weight: 20 } } });
    await untilOnly(named, [addresses.west]);
    expect(await drawn(named, 1_000)).toEqual(new Map([[addresses.west, 1_000]]));
    expect(await backendsOfAddress(named, addresses.east)).toEqual(to(inEast));

    await exportWith(named, { 'causeway.dev/weight': '0' }, { 'causeway.dev/weight': '0' });
    await set.untilAnswer('west', hostOf(named), 'NOERROR');

    await exportWith(named, {}, {});
    await untilShared(named, {});
    const found = await west.admin.get(importReference(named));
    await set.untilAnswer('west', hostOf(named), found?.['spec'].ips);
  });

  test('nonsense is told to the owner, until it is mended, and counts as 1', async () => {
    const { named } = await deploy();
    await exportWith(named, { 'causeway.dev/weight': '80%' }, { 'causeway.dev/weight': '3' });
    await untilShared(named, { clusters: { west: { weight: 3 } } });
    const events = (): Promise<string[]> => eventsAbout(east, 'ServiceExport', named);
    const sentence = 'found "80%": must be a quoted whole number "0"–"1000"';
    await waitFor('an Event says so', events, seen => seen.some(one => one.includes(sentence)));
    const ignored = 'causeway.dev/PartlyIgnored';
    await untilCondition(east, exportReference(named), ignored, 'True InvalidValue', sentence);
    const addresses = await addressesOf(named);
    await untilOnly(named, [addresses.east, addresses.west]);
    const count = 2_000;
    const inEast = (await drawn(named, count)).get(addresses.east) ?? 0;
    expect(Math.abs(inEast - count / 4)).toBeLessThan(5 * Math.sqrt((count * 3) / 16));

    await exportWith(named, { 'causeway.dev/weight': '80' }, { 'causeway.dev/weight': '3' });
    await untilShared(named, { clusters: { east: { weight: 80 }, west: { weight: 3 } } });
    const conditions = async (): Promise<string[]> =>
      (await east.admin.get(exportReference(named)))?.['status'].conditions.map(
        ({ type }: { readonly type: string }) => type,
      );
    await waitFor('the condition is gone', conditions, seen => !seen.includes(ignored), 20_000);
  });
});

describe.concurrent('affinity', () => {
  test.for([
    ['local', 'west', 'east'],
    ['remote', 'east', 'west'],
  ] as const)(
    '%s: clients of west get %s, and %s while that has nothing ready',
    async ([affinity, first, second]) => {
      const { named, inEast, inWest } = await deploy();
      const pods = { east: inEast, west: inWest };
      const annotations = { 'causeway.dev/affinity': affinity };
      await exportWith(named, annotations, annotations);
      await untilShared(named, { affinity });
      const addresses = await addressesOf(named);
      await untilOnly(named, [addresses[first]]);
      expect(await backendsOfAddress(named, addresses[first])).toEqual(to(pods[first]));

      await pods[first].ready(0, false);
      await untilOnly(named, [addresses[second]]);
      // A client that holds on to the address gets through as well.
      const held = (): Promise<string[]> => backendsOfAddress(named, addresses[first]);
      await waitFor(
        'the address leads to the other cluster',
        held,
        seen => `${seen}` === `${to(pods[second])}`,
      );

      await pods[first].ready(0, true);
      await untilOnly(named, [addresses[first]]);
      await waitFor('the address leads home again', held, seen => `${seen}` === `${to(pods[first])}`);
    },
  );
});
