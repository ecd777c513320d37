import { type Claim, hostBlock, overlaps } from '../base/block.ts';
import { guardedClaims, type OwnClaims } from './conflicts.ts';
import type { Peer, PodBlock } from './model.ts';

/**
 * Blocks of nodes that lost a conflict (had another's public key, say) and in which nobody else has anything: what is
 * sent there must not leave in clear where encryption is required, although it is routed nowhere.
 *
 * @param all whose blocks are meant, before conflicts were settled
 * @param kept of all clusters, after
 */
export function unroutedBlocks(
  local: OwnClaims,
  all: readonly Peer[],
  kept: readonly Peer[],
): { readonly cluster: string; readonly block: PodBlock }[] {
  const nameOf = ({ cluster, uid }: Peer, cidr: string): string => `${cluster}/${uid} ${cidr}`;
  const routed = new Set(kept.flatMap(peer => peer.blocks.map(({ cidr }) => nameOf(peer, cidr))));
  const lost = all.flatMap(peer =>
    peer.blocks
      .filter(({ cidr }) => !routed.has(nameOf(peer, cidr)))
      .map(block => ({ cluster: peer.cluster, block })),
  );
  if (lost.length === 0) return [];
  const fixed = [
    ...guardedClaims(local).map(({ block }) => block),
    ...kept.flatMap(({ blocks }) => blocks.map(({ block }) => block)),
    ...[...all, ...kept].flatMap(({ underlay: { IPv4, IPv6 } }) =>
      [IPv4, IPv6].filter(address => address !== undefined).map(hostBlock),
    ),
  ];
  const claims: Claim<(typeof lost)[number] | undefined>[] = [
    ...fixed.map(block => ({ block, by: undefined, fixed: true })),
    ...lost.map(one => ({ block: one.block.block, by: one })),
  ];
  const taken = new Set(overlaps(claims).map(claim => claim.lost.by));
  return lost.filter(one => !taken.has(one));
}
