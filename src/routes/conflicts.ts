import { type Block, type Claim, hostBlock, overlaps, parseBlock } from '../base/block.ts';
import { newIn } from '../base/new-in.ts';
import { perObject } from '../base/per-object.ts';
import type { Fault, LocalNode, Peer } from './model.ts';
import { faultOf } from './validate.ts';

/** What only one node of the whole cluster set may have. None of these is ever written like one of the others. */
function uniqueOf(peer: Peer): string[] {
  return addressesOf(peer.underlay).concat(peer.mac, keysOf(peer));
}

function withItsName(unique: string, { underlay, mac }: Peer): string {
  if (addressesOf(underlay).includes(unique)) return `the address ${unique}`;
  return unique === mac ? `the hardware address ${unique}` : `the public key ${unique}`;
}

/** What a node claims besides pods. */
const claimsOf = perObject(
  (peer: Peer): { readonly unique: readonly string[]; readonly hosts: readonly Block[] } => ({
    unique: uniqueOf(peer),
    hosts: addressesOf(peer.underlay).map(hostBlock),
  }),
);

/** `shared`: see GuardedRange. */
type Claimant = { readonly peer: Peer } | { readonly guarded: string; readonly shared?: boolean };

/** What of this node, and of its cluster, others may come into conflict with. */
export type OwnClaims = Pick<LocalNode, 'guarded' | 'podCIDRs'> & {
  readonly underlay: Pick<LocalNode['underlay'], 'IPv4' | 'IPv6'>;
};

/** One that has just taken the place of another is both. */
function keysOf({ wireguardPublicKey, wireguardNextPublicKey }: Peer): string[] {
  const keys = [wireguardPublicKey, wireguardNextPublicKey].filter(key => key !== undefined);
  return [...new Set(keys)];
}

export interface Settled {
  /** Without what they lost. */
  readonly peers: readonly Peer[];
  readonly faults: readonly Fault[];
}

/**
 * Where two nodes claim the same, the one whose cluster and uid come first has it: every agent of the cluster set has
 * to see it the same way, and nobody knows who was there first. What this cluster has itself nobody may claim.
 *
 * @param peers in the order of cluster and uid
 */
export function settle(local: OwnClaims, peers: readonly Peer[]): Settled {
  const last = lastSettled.get(local);
  const settled =
    last !== undefined && isHarmless(local, last, peers) ? { peers, faults: [] } : weigh(local, peers);
  lastSettled.set(local, settled);
  return settled;
}

const lastSettled = new WeakMap<OwnClaims, Settled>();

/** As many are held against each of the others; more are sooner sorted together with them. */
const FEW = 20;

/** Whether nobody was in conflict, and those that are new come into none. Says no where it is not simple. */
function isHarmless(local: OwnClaims, last: Settled, peers: readonly Peer[]): boolean {
  if (last.faults.length > 0) return false;
  const news = newIn(peers, last.peers);
  if (news.length > FEW) return false;
  const own = addressesOf(local.underlay);
  const guarded = guardedClaims(local);
  return news.every(peer => {
    const { unique, hosts } = claimsOf(peer);
    const blocks = [...hosts, ...peer.blocks.map(({ block }) => block)];
    const isTaken = (one: string): boolean => unique.includes(one);
    const isTouched = (block: Block): boolean =>
      blocks.some(({ first, last }) => first <= block.last && block.first <= last);
    const isIn = ({ block }: { readonly block: Block }): boolean => isTouched(block);
    return (
      overlaps(blocks.map(block => ({ block, by: peer }))).length === 0 &&
      !own.some(isTaken) &&
      !guarded.some(isIn) &&
      peers.every(other => {
        const theirs = claimsOf(other);
        const isApart =
          !theirs.unique.some(isTaken) && !theirs.hosts.some(isTouched) && !other.blocks.some(isIn);
        return other === peer || isApart;
      })
    );
  });
}

function weigh(local: OwnClaims, peers: readonly Peer[]): Settled {
  const faults: Fault[] = [];
  const guarded = guardedClaims(local);
  const unique = withoutGuardedAddresses(withoutDoubles(peers, local, faults), guarded, faults);
  return { peers: withoutOverlaps(unique, guarded, faults), faults };
}

function withoutDoubles(peers: readonly Peer[], local: OwnClaims, faults: Fault[]): Peer[] {
  const held = new Map<string, string>();
  for (const address of addressesOf(local.underlay)) held.set(address, 'this node');
  return peers.filter(peer => {
    const keys = claimsOf(peer).unique;
    const taken = keys.find(key => held.has(key));
    if (taken !== undefined) {
      const message = `has ${withItsName(taken, peer)} of ${held.get(taken)}; no way to it until one of them changes`;
      faults.push(faultOf(peer, 'Conflict', message));
      return false;
    }
    for (const key of keys) held.set(key, nameOf(peer));
    return true;
  });
}

/** A node at an address of our pods, services or nodes is none: what is sent to it would stay here. */
function withoutGuardedAddresses(
  peers: readonly Peer[],
  guarded: readonly Claim<Claimant>[],
  faults: Fault[],
): Peer[] {
  const own = guarded.filter(({ by }) => 'guarded' in by && !by.shared);
  const claims = peers.flatMap(peer => claimsOf(peer).hosts.map(block => ({ block, by: { peer } })));
  const lost = new Set<Peer>();
  for (const { lost: claim, to } of overlaps<Claimant>([...own, ...claims])) {
    if (!('peer' in claim.by) || !('guarded' in to.by)) continue;
    lost.add(claim.by.peer);
    const message = `its address ${claim.block.text} is one of ${to.block.text}, ${to.by.guarded}`;
    faults.push(faultOf(claim.by.peer, 'Guarded', message));
  }
  return peers.filter(peer => !lost.has(peer));
}

function withoutOverlaps(
  peers: readonly Peer[],
  guarded: readonly Claim<Claimant>[],
  faults: Fault[],
): Peer[] {
  // A block around the address of a node would lead the tunnel into itself.
  const underlays = peers.flatMap(peer =>
    claimsOf(peer).hosts.map(block => ({
      block,
      by: { guarded: `the address of ${nameOf(peer)}` },
      fixed: true,
    })),
  );
  const blocks = peers.flatMap(peer => peer.blocks.map(({ block }) => ({ block, by: { peer } })));
  const lost = new Map<Peer, Set<string>>();
  for (const { lost: claim, to } of overlaps<Claimant>([...guarded, ...underlays, ...blocks])) {
    if (!('peer' in claim.by)) continue;
    const { peer } = claim.by;
    const theirs = lost.get(peer) ?? new Set();
    lost.set(peer, theirs.add(claim.block.text));
    const [reason, holder] =
      'guarded' in to.by
        ? (['Guarded', to.by.guarded] as const)
        : (['Conflict', nameOf(to.by.peer)] as const);
    const message = `${claim.block.text} overlaps ${to.block.text}, ${holder}; it is not routed`;
    faults.push(faultOf(peer, reason, message));
  }
  return peers.map(peer => {
    const theirs = lost.get(peer);
    return theirs === undefined
      ? peer
      : { ...peer, blocks: peer.blocks.filter(({ cidr }) => !theirs.has(cidr)) };
  });
}

/** What this node and its cluster have themselves. */
export function guardedClaims({ guarded, underlay, podCIDRs }: OwnClaims): Claim<Claimant>[] {
  const ranges = [
    ...guarded.map(({ cidr, what, shared = false }) => ({ block: parseBlock(cidr), what, shared })),
    ...podCIDRs.map(cidr => ({ block: parseBlock(cidr), what: 'the pods of this node', shared: false })),
    ...addressesOf(underlay).map(address => ({
      block: hostBlock(address),
      what: 'the nodes of this cluster',
      shared: false,
    })),
  ];
  return ranges.flatMap(({ block, what, shared }) =>
    block === undefined ? [] : [{ block, by: { guarded: what, shared }, fixed: true }],
  );
}

function addressesOf({ IPv4, IPv6 }: OwnClaims['underlay']): string[] {
  return [IPv4, IPv6].filter(address => address !== undefined);
}

function nameOf({ cluster, name }: Peer): string {
  return `node ${name} of ${cluster}`;
}
