import type { Wanted } from '../../src/kernel/keeper.ts';
import { macOf } from '../../src/routes/mac.ts';
import type { RemoteNode } from '../../src/routes/model.ts';

export const CLUSTERS = 10;
export const PEERS = 5_000;

/** The node's own network device, which its namespace has to have. */
export const DEVICE = 'eth0';
export const OWN_ADDRESSES = { IPv4: '172.16.0.10', IPv6: 'fd00:16::10' };

/**
 * What a node of a large cluster set is told: `peers` nodes over ten other clusters, dual-stack, on networks of their
 * own, each with a block of pods of both families.
 */
export function fleetOf(peers: number): Wanted {
  const clusters = Array.from({ length: CLUSTERS }, (_, cluster) => clusterName(cluster));
  return {
    local: {
      cluster: 'here',
      uid: uidOf(0xffff),
      underlay: { ...OWN_ADDRESSES, mtu: 1500, device: DEVICE },
      podCIDRs: ['10.16.0.0/24', 'fd00:10:16::/64'],
      source: { IPv4: '10.16.0.0', IPv6: 'fd00:10:16::' },
      guarded: [
        { cidr: '10.16.0.0/14', what: 'the pods of this cluster' },
        { cidr: '10.96.0.0/16', what: 'the services of this cluster' },
        { cidr: '172.16.0.0/16', what: 'the nodes of this cluster' },
      ],
    },
    nodes: Array.from({ length: peers }, (_, index) => nodeOf(index)),
    policies: clusters.map(cluster => ({ cluster, modes: ['vxlan'] })),
    synced: new Set(clusters),
    released: new Set(),
  };
}

/** The same after a node in the middle has got other addresses. */
export function moved(wanted: Wanted, addresses: readonly string[]): Wanted {
  const index = wanted.nodes.length >> 1;
  const nodes = wanted.nodes.map((node, at) => (at === index ? { ...node, addresses } : node));
  return { ...wanted, nodes };
}

/** Where that node is after so many moves. */
export function addressesAfter(moves: number): readonly [string, string] {
  return [`172.31.${moves >> 8}.${moves & 255}`, `fd00:31::${moves.toString(16)}`];
}

function clusterName(cluster: number): string {
  return `cluster-${cluster}`;
}

function nodeOf(index: number): RemoteNode {
  const [cluster, node] = [index % CLUSTERS, Math.floor(index / CLUSTERS)];
  const [high, low] = [node >> 8, node & 255];
  const id = { cluster: clusterName(cluster), uid: uidOf(index) };
  return {
    ...id,
    name: `worker-${node}.region-${cluster}.example`,
    addresses: [`172.${20 + cluster}.${high}.${low}`, `fd00:${20 + cluster}::${node.toString(16)}`],
    podCIDRs: [
      `10.${20 + cluster * 4 + high}.${low}.0/24`,
      `fd00:10:${20 + cluster}:${node.toString(16)}::/64`,
    ],
    mtu: 1500,
    vtepMAC: macOf(id.cluster, id.uid),
  };
}

function uidOf(index: number): string {
  return `5e2b7c1a-0d4f-4a6b-9c3e-${index.toString(16).padStart(12, '0')}`;
}
