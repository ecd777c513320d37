import type { Known } from '../base/known.ts';
import { conditionsOf } from '../objects/conditions.ts';
import { type NodeObject, nodeReader, remoteNodeReader } from '../objects/node.ts';
import { Problems } from '../objects/problem.ts';
import { remoteClusterReader } from '../objects/remote-cluster.ts';
import type { Condition, Encryption } from '../objects/shapes.ts';
import type { ClusterFacts, Objects, RemoteFacts } from './facts.ts';
import { mapped } from './known.ts';

/** A cluster whose pods the routing agents are to make reachable. */
export interface RoutedCluster extends Pick<RemoteFacts, 'name'> {
  /** Its id. */
  readonly cluster: string;
  readonly encryption: Encryption;
}

/** The clusters that are routed to, as far as it is known which they are. */
export function routedClusters({ remotes }: ClusterFacts): RoutedCluster[] {
  if ('unknown' in remotes) return [];
  return remotes.value.flatMap(({ name, object }) => {
    const remote = remoteClusterReader.read(object, Problems.ignored());
    const cluster = remote?.status.clusterId;
    if (remote === undefined || cluster === undefined || remote.overlayRoutingMode === 'Disabled') return [];
    return { name, cluster, encryption: remote.encryption };
  });
}

/** Nodes with what their routing agents say. */
export function routingNodes(objects: Objects): Known<NodeObject[]> {
  return mapped(objects, list => list.flatMap(raw => nodeReader.read(raw, Problems.ignored()) ?? []));
}

/** A RemoteNode, and what the controller has said of it. */
export interface SeenRemoteNode {
  /** `west/node-1` */
  readonly title: string;
  readonly node: NodeObject;
  readonly accepted: Condition | undefined;
}

/** @param cluster only its nodes; undefined: those of all */
export function remoteNodesOf(
  { objects }: ClusterFacts,
  cluster: string | undefined,
): Known<SeenRemoteNode[]> {
  return mapped(objects.remoteNodes, list =>
    list.flatMap(raw => {
      const node = remoteNodeReader.read(raw, Problems.ignored());
      if (node === undefined || (cluster !== undefined && node.cluster !== cluster)) return [];
      const accepted = conditionsOf(raw).find(({ type }) => type === 'Accepted');
      return { title: `${node.cluster}/${node.name}`, node, accepted };
    }),
  );
}
