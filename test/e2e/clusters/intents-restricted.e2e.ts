import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Api, Manifest } from '../bed/api.ts';
import type { Cluster } from '../bed/cluster.ts';
import { ClusterSet } from '../bed/cluster-set.ts';
import {
  backendsOf,
  exportReference,
  type Named,
  remoteReference,
  untilBackends,
  untilCondition,
  untilImported,
  untilNotImported,
} from '../bed/look.ts';
import { serviceExport } from '../bed/member.ts';
import { Workload } from '../bed/workload.ts';
import { staysFor, waitFor } from '../kit/wait.ts';

/**
 * East exports to some of the others only; north and west import from it, each with the credential that east gave to
 * it.
 */
let set: ClusterSet;
let east: Cluster;
let west: Cluster;
let north: Cluster;
const credentials = new Map<string, Api>();

beforeAll(async () => {
  set = await ClusterSet.form(['east', 'west', 'north']);
  [east, west, north] = [set.cluster('east'), set.cluster('west'), set.cluster('north')];
  await east.admin.merge(remoteReference('west'), { metadata: { labels: { region: 'eu', tier: 'core' } } });
  await east.admin.merge(remoteReference('north'), { metadata: { labels: { region: 'us' } } });
  for (const cluster of [west, north])
    credentials.set(cluster.name, east.api({ token: await tokenFor(cluster) }));
});

afterAll(async () => {
  for (const api of credentials.values()) api.close();
  await set?.end();
});

/** The token that a cluster has for east: out of the Secret of its RemoteCluster. */
async function tokenFor(cluster: Cluster): Promise<string> {
  const metadata = { namespace: 'causeway-system', name: 'east' };
  const secret = await cluster.admin.get({ apiVersion: 'v1', kind: 'Secret', metadata });
  const text = Buffer.from(secret?.['data'].kubeconfig, 'base64').toString();
  return parse(text).users[0].user.token;
}

/** What a cluster's credential sees of a service in a namespace of east: names of objects, or the refusal. */
async function seenBy(cluster: Cluster, namespace: string, service: Named): Promise<string[]> {
  const paths = ['causeway.dev/v1alpha1/exportedservices', 'discovery.k8s.io/v1/endpointslices'];
  const found = await Promise.all(
    paths.map(async path => {
      const [group, version, resource] = path.split('/');
      const api = credentials.get(cluster.name);
      const reply = await api?.request(
        'GET',
        `/apis/${group}/${version}/namespaces/${namespace}/${resource}`,
      );
      if (reply?.status !== 200) return [`${reply?.status}`];
      const names: string[] = reply.body.items.map(({ metadata }: Manifest) => metadata.name);
      return names.filter(name => name.startsWith(`${service.namespace}.`)).map(() => resource ?? '');
    }),
  );
  return found.flat();
}

/** Applies the ServiceExport anew. @param selector undefined: to all */
function exportTo({ namespace, name }: Named, selector?: string): Promise<Manifest> {
  const annotations = selector === undefined ? {} : { 'causeway.dev/export-to': selector };
  return east.admin.apply(serviceExport(namespace, name, annotations));
}

async function deploy(): Promise<{ service: Named; backends: string[] }> {
  const service = { namespace: await set.namespace('restricted'), name: 'pay' };
  const pods = await Workload.deploy(east, service);
  return { service, backends: pods.addresses().map(address => `TCP/80 to ${address}:80`) };
}

const both = ['exportedservices', 'endpointslices'];

describe.concurrent('an export to some clusters', () => {
  test('is imported by those, and the others can read nothing of it', async () => {
    const { service, backends } = await deploy();
    await exportTo(service, 'region in (eu),tier!=edge');
    await untilBackends(west, service, backends);
    await untilBackends(east, service, backends);
    await untilCondition(east, exportReference(service), 'Ready', 'True', 'causeway-exports-west');

    expect(await seenBy(west, 'causeway-exports-west', service)).toEqual(both);
    expect(await seenBy(north, 'causeway-exports-west', service)).toEqual(['403', '403']);
    expect(await seenBy(north, 'causeway-exports', service)).toEqual([]);
    expect(await seenBy(north, 'causeway-exports-north', service)).toEqual([]);
    expect(await seenBy(north, service.namespace, service)).toEqual(['403', '403']);
    // What was imported from third clusters is nobody's to read, nor is the list of all namespaces at once.
    expect(await seenBy(north, 'causeway-imports', service)).toEqual(['403', '403']);
    const all = await credentials
      .get('north')
      ?.request('GET', '/apis/causeway.dev/v1alpha1/exportedservices');
    expect(all?.status).toBe(403);

    const look = () => north.admin.get({ ...exportReference(service), kind: 'ServiceImport' });
    await staysFor('north has no import', look, seen => seen === undefined, 2_000);
    expect(await set.answer('north', `pay.${service.namespace}.svc.clusterset.local`)).toBe('NXDOMAIN');
  });

  test('follows the labels of the RemoteClusters', async () => {
    const { service, backends } = await deploy();
    await exportTo(service, 'wave=2');
    await untilCondition(
      east,
      exportReference(service),
      'Ready',
      'False Failed',
      'selects none of the 2 RemoteClusters',
    );
    await untilImported(east, service);
    await east.admin.merge(remoteReference('north'), { metadata: { labels: { wave: '2' } } });
    await untilBackends(north, service, backends);
    await untilNotImported(west, service);
    await east.admin.merge(remoteReference('north'), { metadata: { labels: { wave: null } } });
    await untilNotImported(north, service);
  });

  test('that becomes one to all, and back, is never gone where it stays', async () => {
    const { service, backends } = await deploy();
    await exportTo(service, 'region=eu');
    await untilBackends(west, service, backends);
    const before = await untilImported(west, service);
    await exportTo(service);
    await untilBackends(north, service, backends);
    expect(await seenBy(north, 'causeway-exports', service)).toEqual(both);
    await exportTo(service, 'region=eu');
    await untilNotImported(north, service);
    expect(await seenBy(north, 'causeway-exports', service)).toEqual([]);
    const after = await untilImported(west, service);
    expect([after.metadata['uid'], after['spec'].ips]).toEqual([before.metadata['uid'], before['spec'].ips]);
    await untilBackends(west, service, backends);
  });

  test.for([
    ['no selector', 'region in (', 'causeway.dev/export-to is no label selector'],
    ['an empty one', '', 'causeway.dev/export-to is no label selector'],
  ] as const)('with %s goes to nobody, and says so', async ([, selector, sentence]) => {
    const { service } = await deploy();
    await exportTo(service, selector);
    await untilCondition(east, exportReference(service), 'Ready', 'False Failed', sentence);
    for (const cluster of [west, north]) {
      expect(await seenBy(cluster, 'causeway-exports', service)).toEqual([]);
      expect(await seenBy(cluster, `causeway-exports-${cluster.name}`, service)).toEqual([]);
    }
  });

  test('whose namespace is missing goes to the others, and says so', async () => {
    const { service, backends } = await deploy();
    const reference = remoteReference('elsewhere');
    const metadata = { name: 'elsewhere', labels: { region: 'eu' } };
    await east.admin.apply({ ...reference, metadata, spec: { secretRef: { name: 'elsewhere' } } });
    try {
      await exportTo(service, 'region=eu');
      const sentence =
        'namespace causeway-exports-elsewhere does not exist; create it as deploy/remote-reader has it';
      await untilCondition(east, exportReference(service), 'Ready', 'False Failed', sentence);
      await untilBackends(west, service, backends);
    } finally {
      await east.admin.delete(reference);
    }
    await untilCondition(east, exportReference(service), 'Ready', 'True');
  });

  test('holds for what the Service’s own annotations share as well', async () => {
    const service = { namespace: await set.namespace('restricted'), name: 'pay' };
    const annotations = { 'service.cilium.io/global': 'true' };
    await exportTo(service, 'region=eu');
    const to = new Map<string, string[]>();
    for (const cluster of [east, west, north]) {
      const pods = await Workload.deploy(cluster, { ...service, annotations });
      to.set(
        cluster.name,
        pods.addresses().map(address => `TCP/80 to ${address}:80`),
      );
    }
    const served = (cluster: Cluster) => async (): Promise<string> => `${await backendsOf(cluster, service)}`;
    const all = [...to.values()].flat().toSorted();
    await waitFor('west has those of all', served(west), seen => seen === `${all}`);
    const others = all.filter(one => !to.get('east')?.includes(one));
    await waitFor('north has those of the others', served(north), seen => seen === `${others}`);
    await untilCondition(east, exportReference(service), 'Ready', 'True');
    expect(await seenBy(west, 'causeway-exports-west', service)).toEqual(both);
    expect(await seenBy(north, 'causeway-exports', service)).toEqual([]);
  });
});
