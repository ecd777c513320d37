import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../bed/cluster.ts';
import { ClusterSet } from '../bed/cluster-set.ts';
import {
  eventsAbout,
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
import { waitFor } from '../kit/wait.ts';

/** East and west in one cluster set, and people who write what is in the way or makes no sense. */
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
const on80 = (pods: Workload): string[] => pods.addresses().map(address => `TCP/80 to ${address}:80`);

function exportIn(cluster: Cluster, { namespace, name }: Named): Promise<unknown> {
  return cluster.admin.apply(serviceExport(namespace, name));
}

async function pay(): Promise<Named> {
  return { namespace: await set.namespace('obstacles'), name: 'pay' };
}

describe.concurrent('what stands in the way', () => {
  test('a Service that has the name of the one for the address stays, and the owner is told', async () => {
    const service = await pay();
    const pods = await Workload.deploy(east, service);
    await exportIn(east, service);
    const { metadata } = await untilImported(west, service);
    const name = metadata.annotations?.['multicluster.kubernetes.io/derived-service'] ?? '';
    await east.admin.delete(exportReference(service));
    const reference = { apiVersion: 'v1', kind: 'Service', metadata: { namespace: service.namespace, name } };
    await waitFor(
      'it is gone',
      () => west.admin.get(reference),
      seen => seen === undefined,
    );

    const spec = { ports: [{ port: 1 }], selector: { app: 'mine' } };
    const mine = await west.admin.create({ ...reference, spec });
    await exportIn(east, service);
    const says = `it needs Service ${service.namespace}/${name} for its address, which is not Causeway's; delete or rename`;
    await untilCondition(west, importReference(service), 'Ready', 'False Pending', says);
    await untilCondition(east, importReference(service), 'Ready', 'True Ready');
    expect((await west.admin.get(reference))?.metadata['resourceVersion']).toBe(
      mine.metadata['resourceVersion'],
    );
    await west.admin.delete(reference);
    await untilCondition(west, importReference(service), 'Ready', 'True Ready');
    await untilBackends(west, service, on80(pods));
  });

  test('a ServiceImport that somebody else wrote stays, and the owner is told', async () => {
    const service = await pay();
    await Workload.deploy(west, service);
    const spec = { type: 'ClusterSetIP', ports: [{ port: 1 }] };
    const theirs = await west.admin.create({ ...importReference(service), spec });
    await exportIn(west, service);
    await untilImported(east, service);
    const events = () => eventsAbout(west, 'ServiceExport', service);
    const says = `ServiceImport ${service.namespace}/pay would be written`;
    await waitFor('an Event says so', events, seen => seen.some(one => one.startsWith(`NameTaken: ${says}`)));
    expect((await west.admin.get(importReference(service)))?.metadata['resourceVersion']).toBe(
      theirs.metadata['resourceVersion'],
    );
    await west.admin.delete(importReference(service));
    await untilImported(west, service, seen => seen['spec'].ips?.length === 1);
  });

  test('names as long as they may be do not', async () => {
    const service = { namespace: await set.namespace('obstacles'), name: `pay-${'x'.repeat(59)}` };
    const pods = await Workload.deploy(east, service);
    await exportIn(east, service);
    await untilBackends(west, service, on80(pods));
    const { spec } = await untilImported(west, service);
    await set.untilAnswer('west', hostOf(service), spec.ips);
    await east.admin.delete(exportReference(service));
    await untilNotImported(west, service);
  });

  test('annotations of nonsense are told, and the service is shared as if they were not there', async () => {
    const service = await pay();
    const annotations = { 'service.cilium.io/affinity': 'nowhere', 'service.cilium.io/global': 'perhaps' };
    const pods = await Workload.deploy(east, { ...service, annotations });
    const nonsense = { 'causeway.dev/ttl': '-1', 'causeway.dev/wieght': '3', 'causeway.dev/backends': '{}' };
    await east.admin.apply(serviceExport(service.namespace, service.name, nonsense));
    await untilBackends(west, service, on80(pods));
    for (const [kind, says] of [
      ['Service', 'found "nowhere": must be one of "local", "remote", "none"'],
      [
        'Service',
        'found "perhaps": must be one of "true", "false"; it is ignored, and the Service stays a local one',
      ],
      ['ServiceExport', 'found "-1": must be a quoted whole number "0"–"3600"'],
      ['ServiceExport', 'causeway.dev/wieght"]: is not known: must be one of causeway.dev/weight'],
      ['ServiceExport', 'found "{}": must be one of "service", "loadbalancer", "endpoints"'],
    ] as const) {
      const events = () => eventsAbout(east, kind, service);
      await waitFor(`an Event says ${says}`, events, seen => seen.some(one => one.includes(says)));
    }
  });
});
