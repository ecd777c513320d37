import type { Known } from '../../base/known.ts';
import type { ClusterFacts, ClusterObjects, Facts, RemoteFacts } from '../../diagnose/facts.ts';
import { operatorRights } from '../../diagnose/rights.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { definitionManifests } from '../../manifests/deploy.ts';
import type { OpenedCluster } from '../cluster.ts';
import { deployFiles } from '../deploy-files.ts';
import { apiVersion, listed, NO_ANSWER } from './ask.ts';
import { known, limited } from './attempt.ts';
import { reachFacts } from './reach.ts';
import { remoteFacts } from './remote.ts';
import { answersTo } from './rights.ts';

/** Milliseconds for all of it. */
const WHOLE = 30_000;

/**
 * Looks at everything at once. Whatever cannot be found out is a value that says why.
 *
 * @param clusters one, or the two of a pair
 * @param namespace that Causeway runs in
 * @param version of this program
 * @throws what the signal is aborted with, and nothing else
 */
export async function gatherFacts(
  clusters: readonly OpenedCluster[],
  namespace: string,
  version: string,
  signal: AbortSignal,
): Promise<Facts> {
  const within = limited(signal, WHOLE);
  const [files, ...found] = await Promise.all([
    deployFiles(),
    ...clusters.map(cluster => clusterFacts(cluster, namespace, within)),
  ]);
  signal.throwIfAborted();
  return { now: Date.now(), version, namespace, definitions: definitionManifests(files), clusters: found };
}

async function clusterFacts(
  { context, client, connection }: OpenedCluster,
  namespace: string,
  signal: AbortSignal,
): Promise<ClusterFacts> {
  const [reach, seen] = await Promise.all([
    reachFacts(connection, signal),
    seenIn(client, namespace, signal),
  ]);
  return { context, reach, ...seen };
}

type Seen = Omit<ClusterFacts, 'context' | 'reach'>;

async function seenIn(
  client: OpenedCluster['client'],
  namespace: string,
  signal: AbortSignal,
): Promise<Seen> {
  const api = await apiVersion(client, signal);
  if (!('value' in api)) {
    const objects = Object.fromEntries(Object.keys(LISTS).map(name => [name, NO_ANSWER]));
    return {
      api,
      rights: NO_ANSWER,
      objects: objects as Record<keyof ClusterObjects, typeof NO_ANSWER>,
      remotes: NO_ANSWER,
    };
  }
  const lists = Object.entries(LISTS).map(async ([name, resource]) => [
    name,
    await listed(client, resource, {}, signal),
  ]);
  const [rights, remotes, ...objects] = await Promise.all([
    known(answersTo(client, operatorRights(namespace), signal)),
    remotesIn(client, namespace, signal),
    ...lists,
  ]);
  return { api, rights, remotes, objects: Object.fromEntries(objects) };
}

const LISTS = {
  definitions: RESOURCES.customResourceDefinitions,
  clusterProperties: RESOURCES.clusterProperties,
  nodes: RESOURCES.nodes,
  serviceCidrs: RESOURCES.serviceCidrs,
} as const satisfies Record<keyof ClusterObjects, unknown>;

async function remotesIn(
  client: OpenedCluster['client'],
  namespace: string,
  signal: AbortSignal,
): Promise<Known<readonly RemoteFacts[]>> {
  const remotes = await listed(client, RESOURCES.remoteClusters, {}, signal);
  if ('unknown' in remotes) return remotes;
  return { value: await Promise.all(remotes.value.map(raw => remoteFacts(client, raw, namespace, signal))) };
}
