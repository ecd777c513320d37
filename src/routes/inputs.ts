import { hostText } from '../base/block.ts';
import { perObject } from '../base/per-object.ts';
import type { NodeObject } from '../objects/node.ts';
import { ENCRYPTIONS, type Encryption, type RemoteClusterObject } from '../objects/shapes.ts';
import { ENCAPSULATIONS } from './encapsulation/index.ts';
import type { ClusterPolicy, GuardedRange, Mode, RemoteNode } from './model.ts';

/**
 * RemoteNodes as the plan takes them. One that does not say its uid is known by its name, which no other node of its
 * cluster has at the same time.
 */
export function remoteNodesOf(nodes: Iterable<NodeObject>): RemoteNode[] {
  return Array.from(nodes, remoteNodeOf).filter(node => node !== undefined);
}

const remoteNodeOf = perObject((node: NodeObject): RemoteNode | undefined => {
  const { cluster, name, uid, addresses, podCIDRs } = node;
  const { mtu, vtepMAC, wireguardPublicKey, wireguardNextPublicKey, podNetworkAddresses } = node;
  if (cluster === undefined) return undefined;
  return {
    cluster,
    uid: uid ?? name,
    name,
    addresses,
    podCIDRs,
    ...(mtu === undefined ? {} : { mtu }),
    ...(vtepMAC === undefined ? {} : { vtepMAC }),
    ...(wireguardPublicKey === undefined ? {} : { wireguardPublicKey }),
    ...(wireguardNextPublicKey === undefined ? {} : { wireguardNextPublicKey }),
    ...(podNetworkAddresses === undefined ? {} : { podNetworkAddresses }),
  };
});

/**
 * Which clusters are routed to. Of one that has not told its id yet nobody knows which nodes are its; where two
 * RemoteClusters lead to the same cluster, one that wants no routes has its way, and the stricter one about encryption.
 *
 * @param modes of those that want routes and do not say which
 */
export function policiesOf(clusters: Iterable<RemoteClusterObject>, modes: readonly Mode[]): ClusterPolicy[] {
  const found = new Map<string, ClusterPolicy>();
  for (const { overlayRoutingMode, routingModes, encryption, status } of clusters) {
    const { clusterId: cluster } = status;
    if (cluster === undefined) continue;
    const before = found.get(cluster);
    if (overlayRoutingMode === 'Disabled') found.set(cluster, { cluster, modes: ['none'] });
    else if (before === undefined)
      found.set(cluster, {
        cluster,
        modes: routingModes === undefined ? modes : modesOf(routingModes),
        encryption,
      });
    else if (before.encryption !== undefined)
      found.set(cluster, { ...before, encryption: stricter(before.encryption, encryption) });
  }
  return [...found.values()].sort((one, other) => (one.cluster < other.cluster ? -1 : 1));
}

/** Whether packets to the cluster are to be encrypted, if they can be. */
export function encrypts(policy: Pick<ClusterPolicy, 'encryption'> | undefined): boolean {
  return (policy?.encryption ?? 'Off') !== 'Off';
}

/** They are written as Kubernetes writes choices. */
function modesOf(routingModes: NonNullable<RemoteClusterObject['routingModes']>): Mode[] {
  const written = routingModes.map(mode => mode.toLowerCase());
  return written.flatMap(name => ENCAPSULATIONS.find(({ mode }) => mode === name)?.mode ?? []);
}

function stricter(one: Encryption, other: Encryption): Encryption {
  return ENCRYPTIONS.indexOf(one) < ENCRYPTIONS.indexOf(other) ? one : other;
}

/**
 * What no other cluster may take. Of the addresses of a node those count that its Node has by the kubelet. Where else
 * it is reached is its own word: one node that cannot be trusted would take nodes and pods of other clusters off all
 * of them. A node itself guards its own underlay addresses besides.
 *
 * @param services blocks that cluster IPs come from
 * @param apiServers addresses of this cluster's. A node of another cluster may have the same: it may run them
 */
export function guardedBy(
  ownNodes: Iterable<Pick<NodeObject, 'podCIDRs' | 'addresses'>>,
  services: readonly string[],
  apiServers: readonly string[],
): GuardedRange[] {
  const nodes = [...ownNodes];
  return [
    ...services.map(cidr => ({ cidr, what: 'the services of this cluster' })),
    ...nodes.flatMap(({ podCIDRs }) => podCIDRs).map(cidr => ({ cidr, what: 'the pods of this cluster' })),
    ...nodes
      .flatMap(({ addresses }) => addresses)
      .map(address => ({ cidr: hostText(address), what: 'the nodes of this cluster' })),
    ...apiServers.map(address => ({
      cidr: hostText(address),
      what: 'an API server of this cluster',
      shared: true,
    })),
  ];
}
