import { type AddressFamily, familyOf } from '../base/ip.ts';
import type { Plan, PlannedPeer } from '../routes/plan.ts';

/** A node of another cluster that may be asked, at its own address in its pod network. */
export interface Target {
  readonly cluster: string;
  readonly uid: string;
  readonly name: string;
  readonly family: AddressFamily;
  readonly address: string;
  /** Octets of the largest packet that the route to it takes. */
  readonly mtu: number;
}

/**
 * Whom this node could ask. Nobody where the way is not ours (mode `none`): the address is one that an agent chose out
 * of the Node's pod CIDR, and whether a network that it does not make leads there says nothing about the pods.
 *
 * @param families that this node has an address to ask from
 */
export function targetsOf(peers: readonly PlannedPeer[], families: readonly AddressFamily[]): Target[] {
  return peers.flatMap(({ cluster, uid, name, ways }) => {
    const found = new Map<AddressFamily, Target>();
    for (const { mode, mtu, nodeAddress } of ways) {
      if (mode === 'none' || mtu === undefined || nodeAddress === undefined) continue;
      const family = familyOf(nodeAddress);
      if (!families.includes(family) || found.has(family)) continue;
      found.set(family, { cluster, uid, name, family, address: nodeAddress, mtu });
    }
    return [...found.values()];
  });
}

/** Clusters that a way was asked for to and of which no node can be reached by any. */
export function clustersWithoutWay({ peers, faults }: Pick<Plan, 'peers' | 'faults'>): Set<string> {
  const without = new Set(faults.filter(({ reason }) => reason === 'NoWay').map(({ cluster }) => cluster));
  if (without.size > 0) for (const { cluster, ways } of peers) if (ways.length > 0) without.delete(cluster);
  return without;
}
