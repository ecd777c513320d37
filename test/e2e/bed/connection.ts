import { type RemoteConnection, remoteKubeconfig } from '../../../src/kube/remote-kubeconfig.ts';
import type { Manifest } from './api.ts';
import type { Cluster } from './cluster.ts';

/** What a cluster has of another one that it reads. */
export interface Connection extends Pick<RemoteConnection, 'server' | 'namespace'> {
  readonly token: string;
  /** Of the Secret. */
  readonly resourceVersion: unknown;
}

/** The credential that `causeway connect` has put into a cluster. */
export async function connectionBetween(reader: Cluster, source: Cluster): Promise<Connection> {
  const metadata = { namespace: 'causeway-system', name: `causeway-remote-${source.name}` };
  const secret = await reader.admin.get({ apiVersion: 'v1', kind: 'Secret', metadata });
  if (secret === undefined) throw new Error(`${reader.name} has no Secret ${metadata.name}`);
  const text = Buffer.from(secret['data'].kubeconfig, 'base64').toString();
  const { server, namespace, token = '' } = remoteKubeconfig(text);
  return { server, namespace, token, resourceVersion: secret.metadata['resourceVersion'] };
}

const kinds = [
  ['v1', 'Namespace'],
  ['v1', 'Secret'],
  ['v1', 'ServiceAccount'],
  ['v1', 'Service'],
  ['discovery.k8s.io/v1', 'EndpointSlice'],
  ['rbac.authorization.k8s.io/v1', 'Role'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
  ['causeway.dev/v1alpha1', 'RemoteCluster'],
  ['causeway.dev/v1alpha1', 'ExportedService'],
  ['multicluster.x-k8s.io/v1beta1', 'ServiceImport'],
] as const;

/** Every object of these kinds in a cluster, as `Kind namespace/name`, sorted. */
export async function objectsIn(cluster: Cluster): Promise<string[]> {
  const lists = await Promise.all(kinds.map(([apiVersion, kind]) => namesOf(cluster, apiVersion, kind)));
  return lists.flat().toSorted();
}

async function namesOf(cluster: Cluster, apiVersion: string, kind: string): Promise<string[]> {
  const found: Manifest[] = await cluster.admin.list(apiVersion, kind);
  return found.map(({ metadata: { namespace = '', name } }) => `${kind} ${namespace}/${name}`);
}
