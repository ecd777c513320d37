import { type Reached, reachedFrom } from '../../health/reached.ts';
import { RESOURCES } from '../../kube/resource.ts';
import type { ClusterRoutes } from '../../objects/cluster-routes.ts';
import { conditionsOf } from '../../objects/conditions.ts';
import { hasKey, type NodeObject, nodeReader, remoteNodeReader } from '../../objects/node.ts';
import type { Problems } from '../../objects/problem.ts';
import type { Condition } from '../../objects/shapes.ts';
import type { GetNodes } from '../../views/get-nodes.ts';
import type { OperatedCluster } from '../cluster.ts';
import { listObjects } from '../list-objects.ts';

/** The nodes of this cluster, and those of others that are imported. */
export async function listNodes({ client }: OperatedCluster, signal: AbortSignal): Promise<GetNodes> {
  const [own, remote] = await Promise.all([
    listObjects(client, RESOURCES.nodes, {}, nodeReader.read, signal),
    listObjects(client, RESOURCES.remoteNodes, {}, readWithVerdict, signal),
  ]);
  const byName = (one: { readonly name: string }, other: { readonly name: string }) =>
    one.name < other.name ? -1 : 1;
  const reached = reachedFrom(own);
  return {
    nodes: [
      ...own.map(node => shown(node)).sort(byName),
      ...remote.map(node => ({ ...shown(node), ...shownReached(reached(node)) })).sort(byName),
    ],
  };
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
  const { name, cluster, ready, addresses, podCIDRs, zone, mtu } = node;
  const { dataPath, routes } = node;
  const { status, reason, message } = node.accepted ?? UNJUDGED;
  return {
    name: cluster === undefined ? name : `${cluster}/${name}`,
    ...(cluster === undefined ? {} : { cluster }),
    ...(ready === undefined ? {} : { ready }),
    addresses: [...addresses],
    podCIDRs: [...podCIDRs],
    ...(zone === undefined ? {} : { zone }),
    ...(mtu === undefined ? {} : { mtu }),
    key: hasKey(node),
    ...(cluster === undefined ? {} : { accepted: { status, reason, message } }),
    ...(dataPath === undefined ? {} : { dataPath: Object.fromEntries(dataPath) }),
    ...(routes === undefined ? {} : { routes: Object.fromEntries([...routes].map(shownRoutes)) }),
  };
}

function shownRoutes([cluster, { unreached, sessions, ...said }]: [string, ClusterRoutes]) {
  return [
    cluster,
    {
      ...said,
      ...(sessions === undefined ? {} : { sessions: { ...sessions, named: [...sessions.named] } }),
      ...(unreached === undefined ? {} : { unreached: { ...unreached, named: [...unreached.named] } }),
    },
  ] as const;
}

/** Where nobody says anything there is nothing to show. */
function shownReached({ by, notFrom }: Reached): Pick<GetNodes['nodes'][number], 'reached'> {
  if (by.length === 0 && notFrom.length === 0) return {};
  return {
    reached: { by: by.map(({ modes, nodes }) => ({ modes: [...modes], nodes })), notFrom: [...notFrom] },
  };
}
