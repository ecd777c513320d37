import { RESOURCES } from '../kube/resource.ts';
import { type NodeObject, nodeReader, remoteNodeReader } from '../objects/node.ts';
import type { GetNodes } from '../views/get-nodes.ts';
import type { OperatedCluster } from './cluster.ts';
import { listObjects } from './list-objects.ts';

/** The nodes of this cluster, and those of others that are imported. */
export async function listNodes({ client }: OperatedCluster, signal: AbortSignal): Promise<GetNodes> {
  const [own, remote] = await Promise.all([
    listObjects(client, RESOURCES.nodes, {}, nodeReader.read, signal),
    listObjects(client, RESOURCES.remoteNodes, {}, remoteNodeReader.read, signal),
  ]);
  const byName = (one: { readonly name: string }, other: { readonly name: string }) =>
    one.name < other.name ? -1 : 1;
  return { nodes: [...own.map(shown).sort(byName), ...remote.map(shown).sort(byName)] };
}

function shown({ name, cluster, ready, addresses, podCIDRs, zone }: NodeObject): GetNodes['nodes'][number] {
  return {
    name: cluster === undefined ? name : `${cluster}/${name}`,
    ...(cluster === undefined ? {} : { cluster }),
    ...(ready === undefined ? {} : { ready }),
    addresses: [...addresses],
    podCIDRs: [...podCIDRs],
    ...(zone === undefined ? {} : { zone }),
  };
}
