import { RESOURCES } from '../kube/resource.ts';
import { conditionsOf } from '../objects/conditions.ts';
import { type NodeObject, nodeReader, remoteNodeReader } from '../objects/node.ts';
import type { Problems } from '../objects/problem.ts';
import type { Condition } from '../objects/shapes.ts';
import type { GetNodes } from '../views/get-nodes.ts';
import type { OperatedCluster } from './cluster.ts';
import { listObjects } from './list-objects.ts';

/** The nodes of this cluster, and those of others that are imported. */
export async function listNodes({ client }: OperatedCluster, signal: AbortSignal): Promise<GetNodes> {
  const [own, remote] = await Promise.all([
    listObjects(client, RESOURCES.nodes, {}, nodeReader.read, signal),
    listObjects(client, RESOURCES.remoteNodes, {}, readWithVerdict, signal),
  ]);
  const byName = (one: { readonly name: string }, other: { readonly name: string }) =>
    one.name < other.name ? -1 : 1;
  return { nodes: [...own.map(shown).sort(byName), ...remote.map(shown).sort(byName)] };
}

const UNJUDGED = {
  status: 'Unknown',
  reason: 'NotTold',
  message: 'The controller has said nothing of it.',
} as const;

type Judged = NodeObject & { readonly accepted?: Condition };

function readWithVerdict(raw: unknown, problems: Problems): Judged | undefined {
  const node = remoteNodeReader.read(raw, problems);
  const accepted = conditionsOf(raw).find(({ type }) => type === 'Accepted');
  return node && { ...node, ...(accepted === undefined ? {} : { accepted }) };
}

function shown(node: Judged): GetNodes['nodes'][number] {
  const { name, cluster, ready, addresses, podCIDRs, zone, mtu, wireguardPublicKey, dataPath } = node;
  const { status, reason, message } = node.accepted ?? UNJUDGED;
  return {
    name: cluster === undefined ? name : `${cluster}/${name}`,
    ...(cluster === undefined ? {} : { cluster }),
    ...(ready === undefined ? {} : { ready }),
    addresses: [...addresses],
    podCIDRs: [...podCIDRs],
    ...(zone === undefined ? {} : { zone }),
    ...(mtu === undefined ? {} : { mtu }),
    key: wireguardPublicKey !== undefined,
    ...(cluster === undefined ? {} : { accepted: { status, reason, message } }),
    ...(dataPath === undefined ? {} : { dataPath: Object.fromEntries(dataPath) }),
  };
}
