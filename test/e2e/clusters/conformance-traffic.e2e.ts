import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../bed/api.ts';
import { ClusterSet } from '../bed/cluster-set.ts';
import {
  backendsOfImport,
  exportReference,
  importedSlices,
  sliceLimit,
  untilCondition,
  untilImported,
} from '../bed/look.ts';
import type { Workload } from '../bed/workload.ts';
import { sortedData } from '../kit/dig.ts';
import { staysFor, waitFor } from '../kit/wait.ts';
import {
  deploy,
  deployHeadless,
  exportFromBoth,
  exportIn,
  type Hello,
  prepare,
  unexport,
  untilConflict,
} from './conformance-hello.ts';

/**
 * The rows of the Multi-Cluster Services API's conformance suite that are about traffic: EndpointSlices, and the DNS,
 * asked for from the real CoreDNS of both clusters. No container runs here, so where that suite connects to one, what
 * decides about the connection is looked at: what the name resolves to, and what kube-proxy would send connections to
 * it to.
 */
let set: ClusterSet;

beforeAll(async () => {
  set = await ClusterSet.form(['east', 'west'], { clusterLocal: true });
});

afterAll(async () => {
  await set?.end();
});

/** What the question gets in each cluster, once it holds. */
async function untilAnswered(
  { both }: Hello,
  question: string,
  holds: (data: readonly string[]) => boolean,
): Promise<void> {
  for (const { name } of both) {
    const look = async (): Promise<string[]> => sortedData(await set.dig(name, question));
    await waitFor(`${name} answers ${question}`, look, holds, 20_000);
  }
}

const sameAs =
  (expected: readonly string[]) =>
  (data: readonly string[]): boolean =>
    `${data}` === `${expected.toSorted()}`;

/** In each cluster, name and addresses, and where connections to these go. */
async function expectBackends(hello: Hello, expected: readonly string[]): Promise<void> {
  for (const cluster of hello.both) {
    const { spec } = await untilImported(cluster, hello, seen => seen['spec'].ips?.length === 2);
    const look = (): Promise<string[]> => backendsOfImport(cluster, hello);
    await waitFor(`${cluster.name} sends traffic to ${expected}`, look, sameAs(expected), sliceLimit);
    const ask = async (): Promise<string[]> => [
      ...sortedData(await set.dig(cluster.name, `${hello.host} A`)),
      ...sortedData(await set.dig(cluster.name, `${hello.host} AAAA`)),
    ];
    await waitFor(`${cluster.name} resolves it to ${spec.ips}`, ask, seen => `${seen}` === `${spec.ips}`);
  }
}

/** A port by its name. */
type Port = readonly [string, number];

/** Those of the Service. */
const own: readonly Port[] = ['tcp', 'udp'].map(name => [name, 42]);

/** Where connections to the ports of some pods go. */
function backends(pods: Workload, ...ports: readonly Port[]): string[] {
  const addresses = [...pods.addresses('IPv4'), ...pods.addresses('IPv6')];
  return ports
    .flatMap(([name, port]) => addresses.map(one => `${name}/${port} to ${at(one)}:${port}`))
    .toSorted();
}

function at(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

describe.concurrent('connectivity, by names and backends', () => {
  test('1: a service that is not exported cannot be reached', async () => {
    const hello = await prepare(set);
    await deploy(hello.east, hello);
    const ask = async (): Promise<string[]> =>
      Promise.all(hello.both.map(async ({ name }) => (await set.dig(name, hello.host)).status));
    await staysFor('the name does not exist', ask, seen => `${seen}` === 'NXDOMAIN,NXDOMAIN');
    for (const cluster of hello.both) expect(await importedSlices(cluster, hello)).toEqual([]);
  });

  test('2: an exported service can be reached by its name', async () => {
    const hello = await prepare(set);
    const pods = await deploy(hello.east, hello, { replicas: 2 });
    await exportIn(hello.east, hello);
    const expected = backends(pods, ...own);
    expect(expected).toHaveLength(8);
    await expectBackends(hello, expected);
  });

  test('3: of two clusters that have it, only the one that exports it is reached', async () => {
    const hello = await prepare(set);
    const [pods] = await Promise.all([deploy(hello.east, hello), deploy(hello.west, hello)]);
    await exportIn(hello.east, hello);
    const expected = backends(pods, ...own);
    await expectBackends(hello, expected);
    await staysFor(
      'west is not reached',
      () => Promise.all(hello.both.map(cluster => backendsOfImport(cluster, hello))),
      seen => seen.every(sameAs(expected)),
      2_000,
    );
  });

  test('4: of two ports with one name and two numbers, only that of the older export is reached', async () => {
    const hello = await prepare(set);
    const ports = (port: number) => ({ ports: [{ name: 'tcp', port, protocol: 'TCP' }] }) as const;
    const [pods] = await Promise.all([
      deploy(hello.east, hello, ports(42)),
      deploy(hello.west, hello, ports(4242)),
    ]);
    await exportFromBoth(hello);
    await untilConflict(hello, 'PortConflict');
    await expectBackends(hello, backends(pods, ['tcp', 42]));
  });

  test('5: each of two ports with two names reaches only its own cluster', async () => {
    const hello = await prepare(set);
    const [inEast, inWest] = await Promise.all([
      deploy(hello.east, hello, { ports: [{ name: 'tcp', port: 42, protocol: 'TCP' }] }),
      deploy(hello.west, hello, { ports: [{ name: 'stcp', port: 4242, protocol: 'TCP' }] }),
    ]);
    await exportFromBoth(hello);
    await untilConflict(hello, 'PortConflict');
    await expectBackends(hello, [...backends(inEast, ['tcp', 42]), ...backends(inWest, ['stcp', 4242])]);
  });
});

test('6: each cluster gets EndpointSlices with the labels of the API, which an unexport removes', async () => {
  const hello = await prepare(set);
  await deploy(hello.east, hello);
  await exportIn(hello.east, hello);
  const names: string[][] = [];
  for (const cluster of hello.both) {
    const look = (): Promise<Manifest[]> => importedSlices(cluster, hello);
    const hasBoth = (seen: Manifest[]): boolean =>
      `${seen
        .filter(({ endpoints }) => endpoints?.length > 0)
        .map(({ addressType }) => addressType)
        .sort()}` === 'IPv4,IPv6';
    const slices = await waitFor(`${cluster.name} has slices of both families`, look, hasBoth, sliceLimit);
    for (const { metadata } of slices) {
      expect(metadata.labels).toMatchObject({
        'multicluster.kubernetes.io/service-name': 'hello',
        'multicluster.kubernetes.io/source-cluster': 'east',
        'endpointslice.kubernetes.io/managed-by': 'controller.causeway.dev',
      });
    }
    names.push(slices.map(({ metadata }) => metadata.name));
  }
  expect(names[0]).toEqual(names[1]);
  await unexport(hello.east, hello);
  for (const cluster of hello.both) {
    await waitFor(
      `${cluster.name} has no slice of it`,
      () => importedSlices(cluster, hello),
      seen => seen.length === 0,
      20_000,
    );
  }
});

describe.concurrent('names of a service with an address', () => {
  test('22: A and AAAA are the addresses of the import', async () => {
    const hello = await prepare(set);
    await deploy(hello.east, hello);
    await exportIn(hello.east, hello);
    for (const cluster of hello.both) {
      const { spec } = await untilImported(cluster, hello, seen => seen['spec'].ips?.length === 2);
      for (const [index, type] of ['A', 'AAAA'].entries()) {
        const ask = async (): Promise<string[]> =>
          sortedData(await set.dig(cluster.name, `${hello.host} ${type}`));
        await waitFor(
          `${cluster.name}: ${type} is ${spec.ips[index]}`,
          ask,
          sameAs([spec.ips[index]]),
          20_000,
        );
      }
    }
  });

  test('23: SRV of a port is one record: its number, and the name itself', async () => {
    const hello = await prepare(set);
    await deploy(hello.east, hello, { replicas: 3 });
    await exportIn(hello.east, hello);
    await untilAnswered(hello, `_tcp._tcp.${hello.host} SRV`, seen => {
      const [priority, weight, port, target] = seen[0]?.split(' ') ?? [];
      return seen.length === 1 && port === '42' && target === `${hello.host}.` && !!priority && !!weight;
    });
  });

  test('24: cluster.local stays local', async () => {
    const hello = await prepare(set);
    const { service } = await deploy(hello.east, hello);
    const local = `${hello.name}.${hello.namespace}.svc.cluster.local`;
    const ips: string[] = service['spec'].clusterIPs;
    const answers = async (): Promise<string[]> => [
      ...sortedData(await set.dig('east', `${local} A`)),
      ...sortedData(await set.dig('east', `${local} AAAA`)),
    ];
    await waitFor('the name in its own cluster', answers, sameAs(ips), 20_000);
    await exportIn(hello.east, hello);
    await untilCondition(hello.east, exportReference(hello), 'Ready', 'True');
    for (const cluster of hello.both)
      await untilImported(cluster, hello, seen => seen['spec'].ips?.length === 2);
    await staysFor('its own ClusterIPs', answers, sameAs(ips), 2_000);
    expect((await set.dig('west', `${local} A`)).status).toBe('NXDOMAIN');
  });
});

describe.concurrent('names of a headless service', () => {
  test('25: A and AAAA are the addresses of all ready pods', async () => {
    const hello = await prepare(set);
    const pods = await deployHeadless(hello.east, hello, { replicas: 3 });
    await exportIn(hello.east, hello);
    await untilAnswered(hello, `${hello.host} A`, sameAs(pods.addresses('IPv4')));
    await untilAnswered(hello, `${hello.host} AAAA`, sameAs(pods.addresses('IPv6')));
    await pods.ready(1, false);
    await untilAnswered(hello, `${hello.host} A`, sameAs(pods.addresses('IPv4').toSpliced(1, 1)));
    await untilAnswered(hello, `${hello.host} AAAA`, sameAs(pods.addresses('IPv6').toSpliced(1, 1)));
  });

  test('26: each pod of a StatefulSet has its name, below the id of its cluster', async () => {
    const hello = await prepare(set);
    const pods = await deployHeadless(hello.east, hello, { replicas: 2, stateful: true });
    await exportIn(hello.east, hello);
    for (const cluster of hello.both) {
      const look = async (): Promise<string[]> =>
        (await importedSlices(cluster, hello))
          .filter(({ addressType }) => addressType === 'IPv4')
          .flatMap(({ endpoints }) => endpoints.map((one: { hostname?: string }) => one.hostname));
      await waitFor(
        `${cluster.name} has both by name`,
        look,
        seen => `${seen.sort()}` === 'hello-0,hello-1',
        sliceLimit,
      );
    }
    for (const [index, pod] of ['hello-0', 'hello-1'].entries()) {
      await untilAnswered(
        hello,
        `${pod}.east.${hello.host} A`,
        sameAs([pods.addresses('IPv4')[index] ?? '']),
      );
      await untilAnswered(
        hello,
        `${pod}.east.${hello.host} AAAA`,
        sameAs([pods.addresses('IPv6')[index] ?? '']),
      );
    }
  });

  test.for([
    ['27: SRV of a port is one record per address: the host names of a StatefulSet', true],
    [
      '27: SRV of a port is one record per address: addresses with dashes where there are no host names',
      false,
    ],
  ] as const)('%s', async ([, stateful]) => {
    const hello = await prepare(set);
    const pods = await deployHeadless(hello.east, hello, { replicas: 2, stateful });
    await exportIn(hello.east, hello);
    const hosts = stateful
      ? ['hello-0', 'hello-1']
      : [...pods.addresses('IPv4'), ...pods.addresses('IPv6')].map(dashed);
    await untilAnswered(hello, `_tcp._tcp.${hello.host} SRV`, seen => {
      const records = seen.map(record => record.split(' '));
      const targets = records.map(([, , , target = '']) => target).sort();
      const expected = hosts.map(host => `${host}.east.${hello.host}.`).sort();
      return records.every(([, , port]) => port === '42') && `${targets}` === `${expected}`;
    });
  });
});

/** As the DNS writes an address in a name: an IPv6 one in full. */
function dashed(address: string): string {
  return address.replaceAll(/[.:]/g, '-');
}
