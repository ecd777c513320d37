import { waitFor } from '../kit/wait.ts';
import type { Manifest, Reference } from './api.ts';
import type { Cluster } from './cluster.ts';

/** A namespaced name. */
export interface Named {
  readonly namespace: string;
  readonly name: string;
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** What tests know of them: within that time an import comes, changes and goes, and conditions do. */
export const importLimit = 20_000;
/** The same for EndpointSlices. */
export const sliceLimit = 60_000;

const multicluster = 'multicluster.x-k8s.io/v1beta1';

export function importReference({ namespace, name }: Named): Reference {
  return { apiVersion: multicluster, kind: 'ServiceImport', metadata: { namespace, name } };
}

export function exportReference({ namespace, name }: Named): Reference {
  return { apiVersion: multicluster, kind: 'ServiceExport', metadata: { namespace, name } };
}

export function remoteReference(name: string): Reference {
  return { apiVersion: 'causeway.dev/v1alpha1', kind: 'RemoteCluster', metadata: { name } };
}

/** Resolves with the ServiceImport once there is one for which it holds. */
export async function untilImported(
  cluster: Cluster,
  named: Named,
  holds: (found: Manifest) => boolean = () => true,
): Promise<Manifest> {
  const look = (): Promise<Manifest | undefined> => cluster.admin.get(importReference(named));
  const what = `${cluster.name} has the ServiceImport ${named.name} as it shall be`;
  const found = await waitFor(what, look, seen => seen !== undefined && holds(seen), importLimit);
  if (found === undefined) throw new Error(what);
  return found;
}

export async function untilNotImported(cluster: Cluster, named: Named): Promise<void> {
  const look = (): Promise<Manifest | undefined> => cluster.admin.get(importReference(named));
  await waitFor(
    `${cluster.name} has no ServiceImport ${named.name}`,
    look,
    seen => seen === undefined,
    importLimit,
  );
}

/**
 * Resolves with the condition once it is what is expected.
 * @param expected `False NoService`, or only `True`
 * @param says a part of its message
 */
export async function untilCondition(
  cluster: Cluster,
  reference: Reference,
  type: string,
  expected: string,
  says = '',
): Promise<Condition> {
  const look = async (): Promise<Condition[]> =>
    (await cluster.admin.get(reference))?.['status']?.conditions ?? [];
  const isIt = (one: Condition): boolean =>
    one.type === type &&
    `${one.status} ${one.reason} `.startsWith(`${expected} `) &&
    one.message.includes(says);
  const what = `${cluster.name}: ${reference.kind} ${reference.metadata.name} is ${type} ${expected} ${says}`;
  const conditions = await waitFor(what, look, seen => seen.some(isIt), importLimit);
  const found = conditions.find(isIt);
  if (found === undefined) throw new Error(what);
  return found;
}

/** The EndpointSlices that a cluster holds of an imported service, by their names. */
export async function importedSlices(cluster: Cluster, { namespace, name }: Named): Promise<Manifest[]> {
  const label = `multicluster.kubernetes.io/service-name=${name}`;
  const slices = await cluster.admin.list('discovery.k8s.io/v1', 'EndpointSlice', namespace, label);
  return slices.toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
}

/** What kube-proxy would send a Service's connections to: `tcp/42 to 10.10.0.7:42`, sorted; only what is ready. */
export async function backendsOf(cluster: Cluster, { namespace, name }: Named): Promise<string[]> {
  const service = await cluster.admin.get({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name },
  });
  const label = `kubernetes.io/service-name=${name}`;
  const slices = await cluster.admin.list('discovery.k8s.io/v1', 'EndpointSlice', namespace, label);
  return (service?.['spec'].ports ?? [])
    .flatMap((port: Port) => slices.flatMap(slice => backendsOfPort(port, slice)))
    .toSorted();
}

/** The same behind the clusterset IP of an imported service. */
export async function backendsOfImport(cluster: Cluster, named: Named): Promise<string[]> {
  const found = await cluster.admin.get(importReference(named));
  const derived = found?.metadata.annotations?.['multicluster.kubernetes.io/derived-service'];
  if (derived === undefined) return [];
  return backendsOf(cluster, { ...named, name: derived });
}

/** Resolves once connections to the address of an imported service go just there. */
export async function untilBackends(
  cluster: Cluster,
  named: Named,
  expected: readonly string[],
): Promise<void> {
  const text = expected.toSorted().join(', ');
  const look = (): Promise<string[]> => backendsOfImport(cluster, named);
  await waitFor(
    `${cluster.name}: backends of ${named.name} are ${text}`,
    look,
    seen => seen.join(', ') === text,
    importLimit,
  );
}

/** `REASON: NOTE` of each Event about an object. */
export async function eventsAbout(
  cluster: Cluster,
  kind: string,
  { namespace, name }: Named,
): Promise<string[]> {
  const events = await cluster.admin.list('events.k8s.io/v1', 'Event', namespace);
  return events
    .filter(({ regarding }) => regarding.kind === kind && regarding.name === name)
    .map(({ reason, note }) => `${reason}: ${note}`);
}

interface Port {
  readonly name?: string;
  readonly protocol: string;
  readonly port: number;
}

interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly ready?: boolean };
}

function backendsOfPort({ name = '', protocol, port }: Port, slice: Manifest): string[] {
  const offered = ((slice['ports'] ?? []) as Port[]).filter(
    one => (one.name ?? '') === name && one.protocol === protocol,
  );
  const ready = ((slice['endpoints'] ?? []) as Endpoint[]).filter(
    ({ conditions }) => conditions?.ready !== false,
  );
  return offered.flatMap(one =>
    ready.map(({ addresses: [address = ''] }) => {
      const at = address.includes(':') ? `[${address}]` : address;
      return `${name || protocol}/${port} to ${at}:${one.port}`;
    }),
  );
}
