import { type Claim, hostBlock, overlaps } from '../base/block.ts';
import { guardedClaims, type OwnClaims } from './conflicts.ts';
import type { Peer, PodBlock } from './model.ts';
import type { Claimed } from './validate.ts';

/**
 * Blocks that nodes have and that are routed nowhere, and in which nobody else has anything: the node lost a conflict
 * (had another's public key, say), or nothing can be planned with what it says of itself. What is sent there must not
 * leave in clear where encryption is required.
 *
 * @param all whose blocks are meant
 * @param kept of all clusters, after conflicts were settled
 */
export function unroutedBlocks(
  local: OwnClaims,
  all: readonly Claimed[],
  kept: readonly Peer[],
): { readonly cluster: string; readonly block: PodBlock }[] {
  const routed = new Set(kept.flatMap(({ blocks }) => blocks));
  const lost = all
    .flatMap(({ cluster, blocks }) =>
      blocks.filter(block => !routed.has(block)).map(block => ({ cluster, block })),
    )
    // Of those that overlap the widest: the others are in it.
    .sort((one, other) => one.block.block.prefix - other.block.block.prefix);
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
