import { type AddressFamily, addressNumber, familyOf } from '../../base/ip.ts';
import { hash53 } from '../mac.ts';
import type { LocalNode, Peer, PodBlock } from '../model.ts';

/** What the BGP daemon of a node shall do: plain values, of which its configuration is written. */
export interface Speaker {
  /** Four octets that no other speaker has, written as an IPv4 address (RFC 6286). */
  readonly id: string;
  /** Octets of the largest packet that the node's network takes. */
  readonly mtu: number;
  readonly families: readonly SpeakerFamily[];
}

/** Each family has a table and sessions of its own: a next hop is of the family of the network that a session is on. */
export interface SpeakerFamily {
  readonly family: AddressFamily;
  /** Pod CIDRs of this node. Nothing else is ever announced. */
  readonly announces: readonly string[];
  /** What this node sends from to the blocks that it learns. */
  readonly source?: string;
  readonly sessions: readonly Session[];
}

/** With a router in front of the nodes, or with a node of another cluster on the same link. */
export interface Session {
  readonly kind: 'router' | 'node';
  readonly local: string;
  readonly neighbor: string;
  readonly as: { readonly own: number; readonly neighbor: number };
  /** What may be learnt from it, exactly as it is. */
  readonly accepts: readonly AcceptedBlock[];
}

export interface AcceptedBlock {
  readonly cidr: string;
  /** Octets that a packet to it may have. */
  readonly mtu: number;
}

/** A block that BGP was chosen for. */
export interface Carried {
  readonly peer: Peer;
  readonly block: PodBlock;
  readonly mtu: number;
}

type Neighbor = Omit<Session, 'accepts'>;

/**
 * Nodes speak to each other by a number of their own (private: RFC 6996) and not by those of their racks: nobody has to
 * know another cluster's number, and what was learnt from a node goes to no other one (RFC 4271 §9.2).
 */
export const MESH_AS = 4_200_007_795;

/** With whom a block of a peer's is spoken about: the routers that are set, else the peer. Or why with nobody. */
export function neighborsFor(
  peer: Peer,
  family: AddressFamily,
  local: LocalNode,
): readonly Neighbor[] | string {
  const own = local.underlay[family];
  if (local.bgp === undefined) return 'this node speaks no BGP';
  if (own === undefined) return `this node has no ${family} address to speak from`;
  const routers = routersOf(local, family);
  if (routers.length > 0) return routers;
  if (local.bgp.routers.length > 0) return `none of the routers to speak to has an ${family} address`;
  const neighbor = peer.underlay[family];
  if (neighbor === undefined) return `it has no ${family} address to speak to about ${family} pods`;
  if (!local.onLink.has(neighbor)) return `${neighbor} is behind a router, and this node speaks to none`;
  return [{ kind: 'node', local: own, neighbor, as: { own: MESH_AS, neighbor: MESH_AS } }];
}

function routersOf({ bgp, underlay }: LocalNode, family: AddressFamily): Neighbor[] {
  const local = underlay[family];
  if (bgp === undefined || local === undefined) return [];
  const routers = bgp.routers.filter(({ address }) => familyOf(address) === family);
  return routers.map(({ address, as }) => {
    return { kind: 'router', local, neighbor: address, as: { own: bgp.as, neighbor: as } };
  });
}

/** Undefined: this node speaks no BGP. */
export function speakerOf(local: LocalNode, carried: readonly Carried[]): Speaker | undefined {
  if (local.bgp === undefined) return undefined;
  const families = (['IPv4', 'IPv6'] as const).map((family): SpeakerFamily => {
    const source = local.source[family];
    return {
      family,
      announces: local.podCIDRs.filter(cidr => cidr.includes(':') === (family === 'IPv6')),
      ...(source === undefined ? {} : { source }),
      sessions: sessionsOf(
        local,
        family,
        carried.filter(({ block }) => block.family === family),
      ),
    };
  });
  return {
    id: local.underlay.IPv4 ?? identifierOf(local),
    mtu: local.underlay.mtu,
    families: families.filter(({ sessions }) => sessions.length > 0),
  };
}

/** Routers are spoken to though they have nothing to bring: they are to know where the pods of this node are. */
function sessionsOf(local: LocalNode, family: AddressFamily, carried: readonly Carried[]): Session[] {
  const sessions = routersOf(local, family).map(router => ({ ...router, accepts: [] }));
  const wanted = carried.flatMap(({ peer, block: { cidr }, mtu }) => {
    const neighbors = neighborsFor(peer, family, local);
    return typeof neighbors === 'string' ? [] : neighbors.map(one => ({ ...one, accepts: [{ cidr, mtu }] }));
  });
  return joined([...sessions, ...wanted]);
}

/** One session for each neighbor, with all that is accepted of it. The given order does not matter. */
function joined(sessions: readonly Session[]): Session[] {
  const found = new Map<string, { readonly first: Session; readonly accepts: Map<string, AcceptedBlock> }>();
  for (const session of sessions) {
    const one = found.get(session.neighbor) ?? { first: session, accepts: new Map() };
    found.set(session.neighbor, one);
    for (const block of session.accepts) if (!one.accepts.has(block.cidr)) one.accepts.set(block.cidr, block);
  }
  return Array.from(found.values(), ({ first, accepts }) => ({
    ...first,
    accepts: [...accepts.values()].sort((one, other) => (one.cidr < other.cidr ? -1 : 1)),
  })).sort((one, other) => (addressNumber(one.neighbor) < addressNumber(other.neighbor) ? -1 : 1));
}

/** Of a node that has no IPv4 address to take. Looks like one that a host may have, which some routers insist on. */
function identifierOf({ cluster, uid }: LocalNode): string {
  const hash = hash53(`${cluster}/${uid}`);
  const [first = 0, ...others] = [0, 1, 2, 3].map(index => Math.floor(hash / 256 ** index) % 256);
  return [(first % 223) + 1, ...others].join('.');
}

/**
 * What the daemon shall do while some blocks may not be taken away yet (`gates.ts`): about these it goes on as before.
 * `AsItIs`: this process does not know how that was, so whatever runs has to stay.
 *
 * @param speaker undefined: what is known by now asks for none
 * @param before what the daemon was last told by this process
 * @param held blocks
 */
export function keepingHeld(
  speaker: Speaker | undefined,
  before: Speaker | undefined,
  held: ReadonlySet<string>,
): Speaker | 'AsItIs' | undefined {
  if (held.size === 0) return speaker;
  if (before === undefined) return 'AsItIs';
  const base = speaker ?? { ...before, families: [] };
  const families = new Map(base.families.map(family => [family.family, family]));
  for (const old of before.families) {
    const staying = old.sessions
      .map(session => ({ ...session, accepts: session.accepts.filter(({ cidr }) => held.has(cidr)) }))
      .filter(({ accepts }) => accepts.length > 0);
    if (staying.length === 0) continue;
    const now = families.get(old.family) ?? { ...old, sessions: [] };
    families.set(old.family, { ...now, sessions: joined([...now.sessions, ...staying]) });
  }
  const inOrder = (['IPv4', 'IPv6'] as const).flatMap(family => families.get(family) ?? []);
  return { ...base, families: inOrder };
}
