import { ApiError } from '../../kube/api-error.ts';
import { type Kind, RESOURCES, resourceOf } from '../../kube/resource.ts';
import { remoteReaderManifests } from '../../manifests/deploy.ts';
import type { DeployFiles } from '../../manifests/manifest.ts';
import { kubeconfigSecretName } from '../../manifests/remote-cluster.ts';
import { MADE_FOR } from '../../objects/names.ts';
import { Problems } from '../../objects/problem.ts';
import { remoteClusterReader } from '../../objects/remote-cluster.ts';
import type { ConnectionObject } from '../../views/disconnect.ts';
import type { Finding } from '../../views/finding.ts';
import type { OperatedCluster } from '../cluster.ts';

/** What is to be removed, and where. */
export interface Removal {
  readonly cluster: OperatedCluster;
  /** Id of the cluster, or the operator's word for it where it did not say. */
  readonly id: string;
  /** Id of the other cluster. */
  readonly peer: string;
  /** That Causeway runs in. */
  readonly namespace: string;
  readonly dryRun: boolean;
}

type Reference = Omit<ConnectionObject, 'cluster'>;

/** What came of it. */
export interface Removed {
  readonly objects: ConnectionObject[];
  readonly findings: Finding[];
}

/** A cluster no longer reads its peer. */
export async function removeReading(removal: Removal, signal: AbortSignal): Promise<Removed> {
  const { cluster, id, peer, namespace } = removal;
  const raw = await existing(cluster, 'RemoteCluster', { name: peer }, signal);
  const used = raw && remoteClusterReader.read(raw, Problems.ignored())?.secretName;
  const names = new Set([kubeconfigSecretName(peer), ...(used === undefined ? [] : [used])]);
  // First: without it the controller takes away what it has imported, and needs no credential for that.
  const objects = await remove(removal, [{ kind: 'RemoteCluster', name: peer }], signal);
  const findings: Finding[] = [];
  for (const name of names) {
    const secret = await existing(cluster, 'Secret', { namespace, name }, signal);
    if (secret === undefined) continue;
    if (secret.metadata.labels?.[MADE_FOR] === peer) {
      objects.push(...(await remove(removal, [{ kind: 'Secret', namespace, name }], signal)));
      continue;
    }
    findings.push({
      check: 'disconnect.secret',
      about: id,
      verdict: 'warning',
      found: `Secret ${namespace}/${name} was not made by causeway connect and is left`,
      remedy: `kubectl --context ${cluster.context} -n ${namespace} delete secret ${name}`,
    });
  }
  return { objects, findings };
}

/** A cluster no longer lets its peer read. */
export async function removeAdmission(
  files: DeployFiles,
  removal: Removal,
  signal: AbortSignal,
): Promise<ConnectionObject[]> {
  return remove(removal, admission(files, removal.peer, removal.namespace), signal);
}

/** What lets a peer read: what is in its own namespace goes with that. */
export function admission(files: DeployFiles, peer: string, namespace: string): Reference[] {
  const manifests = remoteReaderManifests(files, peer, namespace);
  const own = new Set(
    manifests.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name),
  );
  return manifests
    .filter(({ metadata }) => !own.has(metadata.namespace ?? ''))
    .map(({ kind, metadata }) => ({
      kind,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      name: metadata.name,
    }))
    .reverse();
}

async function remove(
  { cluster, id, dryRun }: Removal,
  references: readonly Reference[],
  signal: AbortSignal,
): Promise<ConnectionObject[]> {
  const removed: ConnectionObject[] = [];
  for (const { kind, ...place } of references) {
    const found = await existing(cluster, kind as Kind, place, signal);
    if (found === undefined || found.metadata['deletionTimestamp'] !== undefined) continue;
    const { uid } = found.metadata;
    if (!dryRun) {
      await cluster.client.remove(resourceOf(kind as Kind), place, {
        ...(uid === undefined ? {} : { uid }),
        signal,
      });
    }
    removed.push({ cluster: id, kind, ...place });
  }
  return removed;
}

/** Undefined as well where its kind is not even defined any more. */
async function existing(
  { client }: OperatedCluster,
  kind: Kind,
  place: { readonly namespace?: string | undefined; readonly name: string },
  signal: AbortSignal,
) {
  return client.get(resourceOf(kind), place, signal);
}

/** Whether a namespace is there, being deleted included. */
export async function isThere(
  { client }: OperatedCluster,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return (await client.get(RESOURCES.namespaces, { name }, signal)) !== undefined;
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 403) return false;
    throw thrown;
  }
}
