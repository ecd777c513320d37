import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../bed/cluster.ts';
import { ClusterSet } from '../bed/cluster-set.ts';
import {
  backendsOf,
  exportReference,
  importReference,
  type Named,
  untilBackends,
  untilCondition,
  untilImported,
  untilNotImported,
} from '../bed/look.ts';
import { serviceExport } from '../bed/member.ts';
import { Workload } from '../bed/workload.ts';
import { staysFor, waitFor } from '../kit/wait.ts';

/** East and west in one cluster set: what is done in one of them, as clients of the other see it. */
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

const hostOf = ({ namespace, name }: Named): string => `${name}.${namespace}.svc.clusterset.local`;

function exportIn(cluster: Cluster, { namespace, name }: Named): Promise<unknown> {
  return cluster.admin.apply(serviceExport(namespace, name));
}

async function pay(): Promise<Named> {
  return { namespace: await set.namespace('sync'), name: 'pay' };
}

const on80 = (pods: Workload): string[] => pods.addresses().map(address => `TCP/80 to ${address}:80`);

describe.concurrent('a service of east, in west', () => {
  test('has no answer before it is exported, an answer after, and none when it is unexported', async () => {
    const named = await pay();
    await Workload.deploy(east, { ...named, replicas: 2 });
    expect(await set.answer('west', hostOf(named))).toBe('NXDOMAIN');
    await exportIn(east, named);
    const { spec } = await untilImported(west, named, seen => seen['spec'].ips?.length === 1);
    await set.untilAnswer('west', hostOf(named), spec.ips);
    await east.admin.delete(exportReference(named));
    await set.untilAnswer('west', hostOf(named), 'NXDOMAIN');
    await untilNotImported(west, named);
  });

  test('has an address that leads to its pods, as many as are ready', async () => {
    const named = await pay();
    const pods = await Workload.deploy(east, { ...named, replicas: 2 });
    await exportIn(east, named);
    const { spec } = await untilImported(west, named, seen => seen['spec'].ips?.length === 1);
    await untilBackends(west, named, on80(pods));
    await pods.scale(5);
    await untilBackends(west, named, on80(pods));
    await pods.scale(2);
    await untilBackends(west, named, on80(pods));
    await pods.ready(0, false);
    await untilBackends(west, named, on80(pods).slice(1));
    await pods.ready(0, true);
    await pods.replace(1);
    await untilBackends(west, named, on80(pods));
    await pods.scale(0);
    await untilBackends(west, named, []);
    expect(await set.answer('west', hostOf(named))).toBe(spec.ips[0]);
  });

  test('waits for its Service, and goes with it', async () => {
    const named = await pay();
    await exportIn(east, named);
    const { message } = await untilCondition(east, exportReference(named), 'Valid', 'False NoService');
    expect(message).toContain('create the Service or delete the ServiceExport');
    const pods = await Workload.deploy(east, named);
    await untilCondition(east, exportReference(named), 'Valid', 'True Valid');
    await untilBackends(west, named, on80(pods));
    await pods.remove();
    await untilCondition(east, exportReference(named), 'Valid', 'False NoService');
    await untilNotImported(west, named);
  });

  test('is imported where its namespace is, and when that comes', async () => {
    const namespace = await set.namespace('late', ['east']);
    const named = { namespace, name: 'pay' };
    const pods = await Workload.deploy(east, named);
    await exportIn(east, named);
    await untilImported(east, named);
    await staysFor(
      'unknown in west',
      () => set.answer('west', hostOf(named)),
      seen => seen === 'NXDOMAIN',
      1_500,
    );
    await west.ensureNamespace(namespace);
    await untilBackends(west, named, on80(pods));
    const { spec } = await untilImported(west, named);
    await set.untilAnswer('west', hostOf(named), spec.ips);
    await west.admin.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const look = () => west.admin.get({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await waitFor('the namespace ends though we write into it', look, seen => seen === undefined, 30_000);
    await set.untilAnswer('west', hostOf(named), 'NXDOMAIN');
  });

  test('keeps its own name and address in east', async () => {
    const named = await pay();
    const pods = await Workload.deploy(east, { ...named, replicas: 2 });
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { ...named } };
    const before = await east.admin.get(service);
    await exportIn(east, named);
    await untilBackends(east, named, on80(pods));
    expect(await east.admin.get(service)).toEqual(before);
    expect(await backendsOf(east, named)).toEqual(on80(pods).toSorted());
  });
});

describe.concurrent('a service of both', () => {
  test('leads to the pods of both', async () => {
    const named = await pay();
    const pods = [await Workload.deploy(east, named), await Workload.deploy(west, { ...named, replicas: 2 })];
    await Promise.all([exportIn(east, named), exportIn(west, named)]);
    for (const cluster of [east, west]) await untilBackends(cluster, named, pods.flatMap(on80));
    await untilCondition(west, exportReference(named), 'Conflict', 'False NoConflicts');
    const { spec } = await untilImported(west, named);
    await set.untilAnswer('west', hostOf(named), spec.ips);
  });

  test('conflicts in both, and no longer when the one that decides has left', async () => {
    const named = await pay();
    await Workload.deploy(east, { ...named, ports: [{ name: 'http', port: 80 }] });
    const inWest = await Workload.deploy(west, { ...named, ports: [{ name: 'http', port: 8080 }] });
    await exportIn(east, named);
    await untilImported(east, named);
    // Creation timestamps are whole seconds.
    await new Promise(resolve => setTimeout(resolve, 1_100));
    await exportIn(west, named);
    for (const cluster of [east, west]) {
      const { message } = await untilCondition(
        cluster,
        exportReference(named),
        'Conflict',
        'True PortConflict',
      );
      expect(message).toMatch(/^spec\.ports: 1 of 2 exports \(west\) disagree with cluster east, the oldest/);
    }
    await east.admin.delete(exportReference(named));
    await untilCondition(west, exportReference(named), 'Conflict', 'False NoConflicts');
    for (const cluster of [east, west]) {
      await untilImported(
        cluster,
        named,
        ({ spec }) => spec.ports[0]?.port === 8080 && spec.ports.length === 1,
      );
      await untilBackends(
        cluster,
        named,
        inWest.addresses().map(address => `http/8080 to ${address}:8080`),
      );
    }
  });

  test('has, where it is headless, the names of the pods of each', async () => {
    const named = await pay();
    const options = { ...named, headless: true, stateful: true, ports: [{ name: 'sql', port: 5432 }] };
    const [inEast, inWest] = [
      await Workload.deploy(east, { ...options, replicas: 2 }),
      await Workload.deploy(west, options),
    ];
    await Promise.all([exportIn(east, named), exportIn(west, named)]);
    const host = hostOf(named);
    await set.untilAnswer('west', host, [...inEast.addresses(), ...inWest.addresses()]);
    await set.untilAnswer('west', `pay-1.east.${host}`, inEast.addresses().slice(1));
    await set.untilAnswer('west', `pay-0.west.${host}`, inWest.addresses());
    await set.untilAnswer('west', `pay-1.west.${host}`, 'NXDOMAIN');
    const srv = await set.answer('west', `_sql._tcp.${host} SRV`);
    expect(srv.split(', ').map(record => record.split(' ').slice(2).join(' '))).toEqual([
      `5432 pay-0.east.${host}.`,
      `5432 pay-0.west.${host}.`,
      `5432 pay-1.east.${host}.`,
    ]);
    await inEast.replace(1);
    await set.untilAnswer('west', `pay-1.east.${host}`, inEast.addresses().slice(1));
    await inEast.terminate(0);
    await set.untilAnswer('west', host, [...inEast.addresses().slice(1), ...inWest.addresses()]);
    const { spec } = await untilImported(west, named);
    expect(spec.ips).toBeUndefined();
  });

  test('has the IP families that both have', async () => {
    const named = await pay();
    const [inEast, inWest] = [
      await Workload.deploy(east, { ...named, families: ['IPv4', 'IPv6'] }),
      await Workload.deploy(west, { ...named, families: ['IPv6'] }),
    ];
    await exportIn(east, named);
    const both = await untilImported(west, named, ({ spec }) => spec.ips?.length === 2);
    expect(both['spec'].ipFamilies).toEqual(['IPv4', 'IPv6']);
    await set.untilAnswer('west', `${hostOf(named)} AAAA`, both['spec'].ips[1]);
    await exportIn(west, named);
    const { message } = await untilCondition(
      east,
      exportReference(named),
      'Conflict',
      'True IPFamilyConflict',
    );
    expect(message).toContain('IPv6 holds');
    const addresses = [inEast, inWest].flatMap(pods => pods.addresses('IPv6'));
    for (const cluster of [east, west]) {
      const { spec } = await untilImported(cluster, named, seen => `${seen['spec'].ipFamilies}` === 'IPv6');
      await untilBackends(
        cluster,
        named,
        addresses.map(address => `TCP/80 to [${address}]:80`),
      );
      await set.untilAnswer(cluster.name, `${hostOf(named)} AAAA`, spec.ips);
      await set.untilAnswer(cluster.name, `${hostOf(named)} A`, 'NOERROR');
      await untilCondition(cluster, importReference(named), 'Ready', 'True Ready');
    }
  });
});
