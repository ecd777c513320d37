import type { Wanted } from '../kernel/keeper.ts';
import type { Unknown } from '../routes/gates.ts';
import type { Host } from '../routes/host.ts';
import { policiesOf, remoteNodesOf } from '../routes/inputs.ts';
import { devicesOf } from '../routes/links.ts';
import { localNodeOf, type Overrides } from '../routes/local.ts';
import type { BGPSettings, Marks, Mode } from '../routes/model.ts';
import type { ClusterView } from './cluster-view.ts';

/** What an operator tells the agent about routes. */
export interface RouteSettings {
  readonly nodeName: string;
  /** Of clusters whose RemoteCluster names none. */
  readonly modes: readonly Mode[];
  readonly overrides: Overrides;
  /** For clusters that are reached by BGP. */
  readonly bgp: BGPSettings;
  /** Blocks of cluster IPs besides those that the API server tells. */
  readonly serviceCIDRs: readonly string[];
  /** Addresses of its API servers besides those that they tell, as they are known now; canonical. */
  readonly apiServers: () => readonly string[];
  /** Where the private key of the node is. */
  readonly stateFolder: string;
}

/** What is known of the cluster. */
export type KnownCluster = Pick<
  ClusterView,
  | 'incomplete'
  | 'unreadable'
  | 'clusterId'
  | 'ownNode'
  | 'nodes'
  | 'remoteNodes'
  | 'remoteClusters'
  | 'serviceCIDRs'
  | 'apiServers'
>;

/**
 * What the kernel is to be kept to, or what is missing to know it. Nothing is concluded from half of what there is. A
 * cluster counts as heard when the local lists are in: its nodes stay in them while it cannot be reached, for the
 * controller takes away only what it was told is gone.
 */
export function wantedOf(
  view: KnownCluster,
  host: Host,
  { nodeName, modes, overrides, bgp, serviceCIDRs, apiServers }: RouteSettings,
  marks: Marks,
): Wanted | string {
  const { incomplete, clusterId, ownNode } = view;
  if (incomplete !== undefined) return incomplete;
  if (clusterId === undefined) return 'this cluster has no id yet: there is no ClusterProperty that says it';
  if (ownNode === undefined) return `there is no Node ${nodeName}; --node-name says which one this is`;
  const services = [...(view.serviceCIDRs ?? []), ...serviceCIDRs];
  if (services.length === 0)
    return 'which addresses the services of this cluster have is not known: its API server tells no ServiceCIDRs; give --service-cidr';
  const remotes = [...view.remoteClusters.values()];
  const local = localNodeOf({
    cluster: clusterId,
    node: ownNode,
    nodes: view.nodes.values(),
    services,
    apiServers: [...view.apiServers, ...apiServers()],
    host,
    overrides,
    ownDevices: new Set(devicesOf(marks).keys()),
  });
  if (typeof local === 'string') return local;
  const policies = policiesOf(remotes, modes);
  const released = remotes.flatMap(({ allowMassRemoval, status }) =>
    allowMassRemoval && status.clusterId !== undefined ? [status.clusterId] : [],
  );
  const speaks = policies.some(policy => policy.modes.includes('bgp'));
  return {
    local: { ...local, ...(speaks ? { bgp } : {}) },
    nodes: remoteNodesOf(view.remoteNodes.values()),
    policies,
    synced: new Set(policies.map(({ cluster }) => cluster)),
    released: new Set(released),
    unknown: unknownOf(view),
  };
}

/**
 * What could be read before is about the cluster that it was about then. Nodes and blocks of this cluster do not
 * matter: what is known of them only takes routes away.
 */
function unknownOf({ unreadable, remoteClusters, remoteNodes }: KnownCluster): Unknown[] {
  const withoutId = [...remoteClusters].filter(([, { status }]) => status.clusterId === undefined);
  return [
    ...withoutId.map(([name]) => ({ what: `RemoteCluster ${name} has not told the id of its cluster` })),
    ...[...unreadable].flatMap(({ kind, name }) => {
      if (kind !== 'RemoteNode' && kind !== 'RemoteCluster') return [];
      const clusterId = remoteClusters.get(name)?.status.clusterId;
      const cluster = kind === 'RemoteNode' ? remoteNodes.get(name)?.cluster : clusterId;
      return [{ what: `${kind} ${name} cannot be read`, ...(cluster === undefined ? {} : { cluster }) }];
    }),
  ];
}
