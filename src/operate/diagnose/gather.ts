import type { Known } from '../../base/known.ts';
import type { ClusterFacts, ClusterObjects, Facts, RemoteFacts } from '../../diagnose/facts.ts';
import { zoneOf } from '../../diagnose/known.ts';
import { operatorRights } from '../../diagnose/rights.ts';
import type { ApiClient, Selection } from '../../kube/client.ts';
import { RESOURCES, type Resource } from '../../kube/resource.ts';
import { namespaceOf } from '../../manifests/choices.ts';
import { definitionManifests } from '../../manifests/deploy.ts';
import type { OpenedCluster } from '../cluster.ts';
import { gatherCoreDns } from '../coredns/gather.ts';
import { deployFiles } from '../deploy-files.ts';
import { apiVersion, listed, NO_ANSWER } from './ask.ts';
import { inTurns, known, limited } from './attempt.ts';
import { largestAnswer, probesOf } from './probes.ts';
import { reachFacts } from './reach.ts';
import { remoteFacts } from './remote.ts';
import { replicasIn } from './replicas.ts';
import { answersTo } from './rights.ts';

/** Milliseconds for all of it. */
const WHOLE = 30_000;
/** Remote clusters that are looked at at once: each takes some thirty requests. */
const MOST_REMOTES = 16;

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

/** Of a cluster in which nothing was looked at. */
export function nothingSeen(why: { readonly unknown: string }): Omit<Seen, 'api'> {
  const objects = Object.fromEntries(Object.keys(placesOf('')).map(name => [name, why]));
  return {
    ...{ rights: why, remotes: why, replicas: why, coreDns: why, probes: why, largest: why },
    objects: objects as Record<keyof ClusterObjects, typeof why>,
  };
}

async function seenIn(client: ApiClient, namespace: string, signal: AbortSignal): Promise<Seen> {
  const api = await apiVersion(client, signal);
  const places = Object.entries(placesOf(namespace));
  if (!('value' in api)) {
    return { ...nothingSeen(NO_ANSWER), api };
  }
  const lists = places.map(async ([name, { resource, ...selection }]) => [
    name,
    await listed(client, resource, selection, signal),
  ]);
  const [rights, remotes, replicas, coreDns, ...objects] = await Promise.all([
    known(answersTo(client, operatorRights(namespace), signal)),
    remotesIn(client, namespace, signal),
    known(replicasIn(client, namespace, signal)),
    known(gatherCoreDns(client, namespace, signal)),
    ...lists,
  ]);
  const seen = {
    api,
    rights,
    remotes,
    replicas,
    coreDns,
    objects: Object.fromEntries(objects) as ClusterObjects,
  };
  return { ...seen, ...(await askedDaemons(client, seen, signal)) };
}

/** What the DNS daemons answer to whoever asks them from here: where they are has to be known first. */
async function askedDaemons(
  client: ApiClient,
  { replicas, coreDns, objects }: Pick<Seen, 'replicas' | 'coreDns' | 'objects'>,
  signal: AbortSignal,
): Promise<Pick<Seen, 'probes' | 'largest'>> {
  const zone = zoneOf({ replicas });
  const addresses =
    'value' in coreDns && 'value' in coreDns.value.addresses ? coreDns.value.addresses.value : [];
  const [probes, largest] = await Promise.all([
    probesOf(objects.endpointSlices, addresses, zone, signal),
    largestAnswer(client, objects.endpointSlices, zone, signal),
  ]);
  return { probes, largest };
}

type Listed = Selection & { readonly resource: Resource };

/** Where everything is that is listed. */
function placesOf(namespace: string): Readonly<Record<keyof ClusterObjects, Listed>> {
  return {
    definitions: { resource: RESOURCES.customResourceDefinitions },
    clusterProperties: { resource: RESOURCES.clusterProperties },
    nodes: { resource: RESOURCES.nodes },
    serviceCidrs: { resource: RESOURCES.serviceCidrs },
    deployments: { resource: RESOURCES.deployments, namespace },
    leases: { resource: RESOURCES.leases, namespace },
    services: { resource: RESOURCES.services, namespace },
    endpointSlices: { resource: RESOURCES.endpointSlices, namespace },
    networkPolicies: { resource: RESOURCES.networkPolicies, namespace },
    daemonSets: { resource: RESOURCES.daemonSets, namespace: namespaceOf('agent', namespace) },
    remoteNodes: { resource: RESOURCES.remoteNodes },
  };
}

async function remotesIn(
  client: ApiClient,
  namespace: string,
  signal: AbortSignal,
): Promise<Known<readonly RemoteFacts[]>> {
  const remotes = await listed(client, RESOURCES.remoteClusters, {}, signal);
  if ('unknown' in remotes) return remotes;
  const look = (raw: object) => remoteFacts(client, raw, namespace, signal);
  return { value: await inTurns(remotes.value, MOST_REMOTES, look) };
}
