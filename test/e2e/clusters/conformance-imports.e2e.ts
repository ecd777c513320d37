import { isIP } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../bed/api.ts';
import { ClusterSet } from '../bed/cluster-set.ts';
import {
  exportReference,
  importReference,
  untilCondition,
  untilImported,
  untilNotImported,
} from '../bed/look.ts';
import { serviceExport } from '../bed/member.ts';
import { staysFor } from '../kit/wait.ts';
import {
  deploy,
  deployHeadless,
  expectGoneAfterUnexport,
  exportFromBoth,
  exportIn,
  prepare,
  unexport,
  untilConflict,
} from './conformance-hello.ts';

/**
 * The rows of the Multi-Cluster Services API's conformance suite that are about ServiceImports, with its time limits.
 * East exports, and what is expected is expected in both clusters.
 */
let set: ClusterSet;

beforeAll(async () => {
  set = await ClusterSet.form(['east', 'west']);
});

afterAll(async () => {
  await set?.end();
});

const portNames = ({ spec }: Manifest): string[] => spec.ports.map(({ name }: { name: string }) => name);

describe.concurrent('lifetime', () => {
  test('7: the import is there as long as one cluster exports the service', async () => {
    const hello = await prepare(set);
    const { east, west, both } = hello;
    await Promise.all(both.map(cluster => deploy(cluster, hello)));
    await exportFromBoth(hello);
    for (const cluster of both) {
      await untilImported(cluster, hello, ({ status }) => status?.clusters?.length === 2);
    }
    await unexport(east, hello);
    for (const cluster of both) {
      const { status } = await untilImported(cluster, hello, seen => seen['status']?.clusters?.length === 1);
      expect(status.clusters).toEqual([{ cluster: 'west' }]);
    }
    await unexport(west, hello);
    for (const cluster of both) await untilNotImported(cluster, hello);
  });

  test('10: a ClusterIP Service becomes a ClusterSetIP import, which an unexport removes', async () => {
    const hello = await prepare(set);
    await deploy(hello.east, hello);
    await exportIn(hello.east, hello);
    await untilCondition(hello.east, exportReference(hello), 'Valid', 'True Valid');
    for (const cluster of hello.both) {
      expect((await untilImported(cluster, hello))['spec'].type).toBe('ClusterSetIP');
      await untilCondition(cluster, importReference(hello), 'Ready', 'True Ready');
    }
    await expectGoneAfterUnexport(hello);
  });

  test('18: a headless Service becomes a Headless import, which an unexport removes', async () => {
    const hello = await prepare(set);
    await deployHeadless(hello.east, hello);
    await exportIn(hello.east, hello);
    await untilCondition(hello.east, exportReference(hello), 'Valid', 'True Valid');
    for (const cluster of hello.both)
      expect((await untilImported(cluster, hello))['spec'].type).toBe('Headless');
    await expectGoneAfterUnexport(hello);
  });

  test('20: an ExternalName Service cannot be exported', async () => {
    const hello = await prepare(set);
    const { namespace, name } = hello;
    const spec = { type: 'ExternalName', externalName: 'elsewhere.example' };
    await hello.east.admin.apply({ apiVersion: 'v1', kind: 'Service', metadata: { namespace, name }, spec });
    await exportIn(hello.east, hello);
    await untilCondition(hello.east, exportReference(hello), 'Valid', 'False InvalidServiceType');
    const imports = (): Promise<(Manifest | undefined)[]> =>
      Promise.all(hello.both.map(cluster => cluster.admin.get(importReference(hello))));
    await staysFor('nobody imports it', imports, seen => seen.every(one => one === undefined));
  });
});

describe.concurrent('what an import takes from the export', () => {
  test('8: only exported labels and annotations', async () => {
    const hello = await prepare(set);
    const { namespace, name } = hello;
    const own = { 'example.com/of-service': 'no' };
    await deploy(hello.east, hello, { labels: own, annotations: own });
    const exported = {
      exportedLabels: { 'example.com/exported': 'label' },
      exportedAnnotations: { 'example.com/exported': 'annotation' },
    };
    const request = serviceExport(namespace, name, { 'example.com/of-export': 'no' }, exported);
    const metadata = { ...request.metadata, labels: { 'example.com/of-export': 'no' } };
    await hello.east.admin.apply({ ...request, metadata });
    for (const cluster of hello.both) {
      const { labels, annotations = {} } = (await untilImported(cluster, hello)).metadata;
      expect(labels).toEqual(exported.exportedLabels);
      const foreign = Object.keys(annotations).filter(key => key.startsWith('example.com/'));
      expect(foreign.map(key => [key, annotations[key]])).toEqual([['example.com/exported', 'annotation']]);
    }
  });

  test('11: session affinity and its configuration', async () => {
    const hello = await prepare(set);
    const { service } = await deploy(hello.east, hello);
    await exportIn(hello.east, hello);
    for (const cluster of hello.both) {
      const { spec } = await untilImported(cluster, hello);
      expect(spec.sessionAffinity).toBe('ClientIP');
      expect(spec.sessionAffinityConfig).toEqual({ clientIP: { timeoutSeconds: 10 } });
      expect(spec.sessionAffinityConfig).toEqual(service['spec'].sessionAffinityConfig);
    }
  });

  test.for([
    ['12: the internal traffic policy', 'internalTrafficPolicy', {}, 'Cluster'],
    [
      '13: the traffic distribution',
      'trafficDistribution',
      { trafficDistribution: 'PreferClose' },
      'PreferClose',
    ],
  ] as const)('%s', async ([, field, given, expected]) => {
    const hello = await prepare(set);
    await deploy(hello.east, hello, { spec: given });
    await exportIn(hello.east, hello);
    for (const cluster of hello.both)
      expect((await untilImported(cluster, hello))['spec'][field]).toBe(expected);
  });

  test('14: an address of each IP family, in their order', async () => {
    const hello = await prepare(set);
    await deploy(hello.east, hello);
    await exportIn(hello.east, hello);
    for (const cluster of hello.both) {
      const { spec } = await untilImported(cluster, hello, seen => seen['spec'].ips?.length > 0);
      expect(spec.ipFamilies).toEqual(['IPv4', 'IPv6']);
      expect(spec.ips.map((address: string) => `IPv${isIP(address)}`)).toEqual(spec.ipFamilies);
    }
  });

  test('15: the ports', async () => {
    const hello = await prepare(set);
    const ports = [
      { name: 'tcp', port: 42, targetPort: 4200, protocol: 'TCP', appProtocol: 'kubernetes.io/h2c' },
      { name: 'udp', port: 42, targetPort: 4200, protocol: 'UDP' },
    ] as const;
    await deploy(hello.east, hello, { ports });
    await exportIn(hello.east, hello);
    const expected = ports.map(({ targetPort: _, ...port }) => port);
    for (const cluster of hello.both)
      expect((await untilImported(cluster, hello))['spec'].ports).toEqual(expected);
  });

  test('19: no address where the Service is headless', async () => {
    const hello = await prepare(set);
    await deployHeadless(hello.east, hello);
    await exportIn(hello.east, hello);
    for (const cluster of hello.both) await untilImported(cluster, hello);
    const look = (): Promise<(Manifest | undefined)[]> =>
      Promise.all(hello.both.map(cluster => cluster.admin.get(importReference(hello))));
    await staysFor('imports without addresses', look, seen =>
      seen.every(one => one !== undefined && (one['spec'].ips ?? []).length === 0),
    );
  });
});

describe.concurrent('where two exports disagree', () => {
  test('9: labels and annotations are those of the older one', async () => {
    const hello = await prepare(set);
    await Promise.all(hello.both.map(cluster => deploy(cluster, hello)));
    const given = (value: string): object => ({
      exportedLabels: { from: value },
      exportedAnnotations: { by: value },
    });
    await exportFromBoth(hello, { east: given('east'), west: given('west') });
    await untilConflict(hello, 'LabelsConflict,AnnotationsConflict');
    for (const cluster of hello.both) {
      const { labels, annotations } = (await untilImported(cluster, hello)).metadata;
      expect(labels).toEqual({ from: 'east' });
      expect(annotations).toMatchObject({ by: 'east' });
    }
  });

  test('16: ports are united', async () => {
    const hello = await prepare(set);
    await deploy(hello.east, hello);
    await deploy(hello.west, hello, {
      ports: [
        { name: 'tcp', port: 42, protocol: 'TCP' },
        { name: 'stcp', port: 142, protocol: 'TCP' },
      ],
    });
    await exportFromBoth(hello);
    await untilConflict(hello, 'PortConflict');
    for (const cluster of hello.both) {
      await untilImported(cluster, hello, seen => `${portNames(seen)}` === 'tcp,udp,stcp');
    }
  });

  test('17: of ports that clash, the one of the older export holds', async () => {
    const hello = await prepare(set);
    await deploy(hello.east, hello);
    await deploy(hello.west, hello, {
      ports: [
        { name: 'tcp', port: 4242, protocol: 'TCP' },
        { name: 'udp', port: 42, protocol: 'UDP' },
      ],
    });
    await exportFromBoth(hello);
    await untilConflict(hello, 'PortConflict');
    for (const cluster of hello.both) {
      const { spec } = await untilImported(cluster, hello, seen => seen['status']?.clusters?.length === 2);
      expect(spec.ports).toEqual([
        { name: 'tcp', port: 42, protocol: 'TCP' },
        { name: 'udp', port: 42, protocol: 'UDP' },
      ]);
    }
  });

  test('21: whether the service is headless is as the older one has it', async () => {
    const hello = await prepare(set);
    await deploy(hello.east, hello);
    await deployHeadless(hello.west, hello);
    await exportFromBoth(hello);
    const conditions = await untilConflict(
      hello,
      'TypeConflict,SessionAffinityConflict,SessionAffinityConfigConflict',
    );
    expect(conditions[0]?.message).toContain('type: 1 of 2 exports (west) disagree with cluster east');
    for (const cluster of hello.both) {
      const { spec } = await untilImported(cluster, hello, seen => seen['status']?.clusters?.length === 2);
      expect(spec.type).toBe('ClusterSetIP');
    }
  });
});
