import { expect } from 'vitest';
import type { Cluster } from '../bed/cluster.ts';
import type { ClusterSet } from '../bed/cluster-set.ts';
import {
  type Condition,
  exportReference,
  type Named,
  untilCondition,
  untilImported,
  untilNotImported,
} from '../bed/look.ts';
import { serviceExport } from '../bed/member.ts';
import { Workload, type WorkloadOptions } from '../bed/workload.ts';

/**
 * What the conformance suite of the Multi-Cluster Services API begins each of its tests with: the Service `hello` in
 * the first of two clusters, in a namespace of its own that both have.
 */
export interface Hello extends Named {
  /** The exporter. */
  readonly east: Cluster;
  readonly west: Cluster;
  readonly both: readonly Cluster[];
  /** In the cluster set's zone. */
  readonly host: string;
}

const hello = {
  name: 'hello',
  ports: [
    { name: 'tcp', port: 42, protocol: 'TCP' },
    { name: 'udp', port: 42, protocol: 'UDP' },
  ],
  families: ['IPv4', 'IPv6'],
  spec: { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 10 } } },
} as const satisfies Omit<WorkloadOptions, 'namespace'>;

export async function prepare(set: ClusterSet): Promise<Hello> {
  const namespace = await set.namespace('mcs-conformance');
  const [east, west] = [set.cluster('east'), set.cluster('west')];
  const host = `${hello.name}.${namespace}.svc.clusterset.local`;
  return { namespace, name: hello.name, east, west, both: [east, west], host };
}

/** The Service `hello`, with what is other than usual. */
export function deploy(
  cluster: Cluster,
  { namespace }: Named,
  changes: Partial<WorkloadOptions> = {},
): Promise<Workload> {
  return Workload.deploy(cluster, { ...hello, ...changes, namespace });
}

/** A headless one: it can have no session affinity. */
export function deployHeadless(
  cluster: Cluster,
  named: Named,
  changes: Partial<WorkloadOptions> = {},
): Promise<Workload> {
  return deploy(cluster, named, { headless: true, spec: {}, ...changes });
}

/** @param spec of the ServiceExport */
export async function exportIn(
  cluster: Cluster,
  { namespace, name }: Named,
  spec: object = {},
): Promise<void> {
  await cluster.admin.apply(serviceExport(namespace, name, {}, spec));
}

/** Exports first from east and then from west: which of two is older is told by the second. */
export async function exportFromBoth(
  { east, west, ...named }: Hello,
  specs: { readonly east?: object; readonly west?: object } = {},
): Promise<void> {
  await exportIn(east, named, specs.east);
  await untilImported(east, named);
  // Creation timestamps are whole seconds.
  await new Promise(resolve => setTimeout(resolve, 1_100));
  await exportIn(west, named, specs.west);
}

export function unexport(cluster: Cluster, named: Named): Promise<void> {
  return cluster.admin.delete(exportReference(named));
}

/** The last exporter leaves: the import goes everywhere. */
export async function expectGoneAfterUnexport({ east, both, ...named }: Hello): Promise<void> {
  await unexport(east, named);
  await Promise.all(both.map(cluster => untilNotImported(cluster, named)));
}

/** Both exports say that they differ, and in what; returns what they say. */
export async function untilConflict({ both, ...named }: Hello, reason: string): Promise<Condition[]> {
  const reference = exportReference(named);
  const conditions = await Promise.all(
    both.map(cluster => untilCondition(cluster, reference, 'Conflict', `True ${reason}`)),
  );
  for (const { message } of conditions) expect(message).toContain('cluster east, the oldest');
  return conditions;
}
