import { leadershipOf } from '../../health/leadership.ts';
import { writtenFindings } from '../../health/remotes.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { remoteClusterReader } from '../../objects/remote-cluster.ts';
import type { RemoteClusterObject } from '../../objects/shapes.ts';
import type { GetClusters } from '../../views/get-clusters.ts';
import type { OperatedCluster } from '../cluster.ts';
import { listObjects } from '../list-objects.ts';
import { gatherLeadership } from '../status/leadership.ts';

/**
 * The RemoteClusters of a cluster, by name, as its controller last wrote them.
 *
 * @param namespace that Causeway runs in
 */
export async function listClusters(
  cluster: OperatedCluster,
  namespace: string,
  signal: AbortSignal,
): Promise<GetClusters> {
  const [found, leadership] = await Promise.all([
    remoteClusters(cluster, signal),
    gatherLeadership(cluster, namespace, signal),
  ]);
  const remotes = found.sort((one, other) => (one.name < other.name ? -1 : 1));
  return {
    clusters: remotes.map(clusterOf),
    findings: remotes.length === 0 ? [] : writtenFindings(remotes, leadershipOf(leadership)),
  };
}

export function remoteClusters(
  { client }: OperatedCluster,
  signal: AbortSignal,
): Promise<RemoteClusterObject[]> {
  return listObjects(client, RESOURCES.remoteClusters, {}, remoteClusterReader.read, signal);
}

function clusterOf(remote: RemoteClusterObject): GetClusters['clusters'][number] {
  const { name, labels, weight, status, overlayRoutingMode, encryption } = remote;
  const dataPath = status.conditions.find(held => held.type === 'DataPathReachable')?.status;
  const statusOf = (type: string) => status.conditions.find(held => held.type === type)?.status ?? 'Unknown';
  return {
    name,
    ...(status.clusterId === undefined ? {} : { clusterId: status.clusterId }),
    reachable: statusOf('ControlPlaneReachable'),
    synced: statusOf('Synced'),
    serving: statusOf('Serving'),
    ...(dataPath === undefined ? {} : { dataPath }),
    routing: overlayRoutingMode,
    encryption,
    services: status.services ?? 0,
    ...(weight === undefined ? {} : { weight }),
    labels: { ...labels },
  };
}
