import { hostText } from '../base/block.ts';
import type { AddressFamily } from '../base/ip.ts';
import { detour, isChanging, isLeaving, keyOnDetour } from './encapsulation/detour.ts';
import { type Encapsulation, metricOf, type Way } from './encapsulation/encapsulation.ts';
import { encapsulationOf } from './encapsulation/index.ts';
import type { ElementEntry, Entry, RouteEntry, SetName } from './entry.ts';
import type { ClusterPolicy, LocalNode, Marks, Mode, Peer, PodBlock } from './model.ts';

/** How a block of a peer is reached. */
export interface ChosenWay {
  /** Absent: not at all. */
  readonly mode?: Mode;
  /** Octets of the largest packet. */
  readonly mtu?: number;
  readonly entries: readonly Entry[];
  /** Octets of the largest packet on the route that is to be learnt by BGP; absent: none is. */
  readonly learnt?: number;
  /** Why it is not reached; absent also where no way to it was asked for. */
  readonly fault?: string;
}

type Carrier = Pick<Encapsulation, 'carry'>;
type OpenWay = ChosenWay & { readonly mode: Mode };

/**
 * Added to the metric of a route that is used when the one before it has gone with its device: nobody has to notice
 * first, and nothing of it leaves through a default route meanwhile.
 */
const BACKSTOP = 10_000;

/** By the first mode that can, or encrypted, as the policy wants it. */
export function wayTo(
  peer: Peer,
  block: PodBlock,
  policy: ClusterPolicy,
  local: LocalNode,
  marks: Marks,
): ChosenWay {
  const open = (): OpenWay | string => openWay(peer, block, policy.modes, local, marks);
  switch (policy.encryption) {
    case 'Required':
      return required(block, encryptedWay(peer, block, local, marks).way, marks);
    case 'Preferred':
      return preferred(encryptedWay(peer, block, local, marks), open());
    default:
      return wayOrFault(open());
  }
}

/** Whether the tunnel answers does not matter: there is no other way. Without one nothing gets there. */
function required(block: PodBlock, tunnel: OpenWay | string, marks: Marks): ChosenWay {
  const sealed = sealing(block, [block.family], marks);
  if (typeof tunnel !== 'string') return { ...tunnel, entries: [...tunnel.entries, ...sealed] };
  return { entries: sealed, fault: `${tunnel}; its packets go nowhere, for encryption is required` };
}

/**
 * Of a block in a family in which this node has no pods: no way to it is of use, but what the host itself sends must
 * not leave in clear either.
 */
export function wayUnused(block: PodBlock, { encryption }: ClusterPolicy): ChosenWay {
  return { entries: encryption === 'Required' ? sealedElements(block) : [] };
}

/**
 * What keeps packets from a block, and to it, where they are not encrypted.
 *
 * @param families in which this node has routes; a host without IPv6 takes none of that
 */
export function sealing(block: PodBlock, families: readonly AddressFamily[], { protocol }: Marks): Entry[] {
  const { cidr, family } = block;
  if (!families.includes(family)) return sealedElements(block);
  const backstop: RouteEntry = {
    kind: 'route',
    destination: cidr,
    type: 'unreachable',
    protocol,
    metric: metricOf(family) + BACKSTOP,
  };
  return [backstop, ...sealedElements(block)];
}

function sealedElements({ cidr, family }: PodBlock): Entry[] {
  return [element('sealed', family, cidr), element('tunnelled', family, cidr)];
}

/** Who is not known to answer is asked nevertheless: its tunnel stands, and only routes lead elsewhere. */
function preferred({ way: tunnel, isAnswering }: Tunnel, open: OpenWay | string): ChosenWay {
  if (typeof tunnel === 'string')
    return wayOrFault(typeof open === 'string' && open !== '' ? `${tunnel}; ${open}` : open);
  if (typeof open === 'string') return tunnel;
  if (isAnswering)
    return { ...open, ...tunnel, entries: [...tunnel.entries, ...open.entries.map(asBackstop)] };
  return { ...open, entries: [...withoutRoute(tunnel), ...open.entries] };
}

function asBackstop(entry: Entry): Entry {
  // Another table is asked after ours anyway.
  const isOurs = entry.kind === 'route' && entry.table === undefined;
  return isOurs ? { ...entry, metric: entry.metric + BACKSTOP } : entry;
}

function wayOrFault(way: OpenWay | string): ChosenWay {
  if (typeof way !== 'string') return way;
  return { entries: [], ...(way === '' ? {} : { fault: way }) };
}

interface Tunnel {
  /** Or why there is none. */
  readonly way: OpenWay | string;
  readonly isAnswering: boolean;
}

/**
 * By the device on which the peer answers. While a key changes there are two, and the peer stands on both, whichever
 * it is sent to by. Where one of the keys is about to go, packets are to be on the detour before it does.
 */
function encryptedWay(peer: Peer, block: PodBlock, local: LocalNode, marks: Marks): Tunnel {
  const { answering, answeringOnDetour } = local.wireguard ?? {};
  const by = (device: Carrier, key: string | undefined, heard?: ReadonlySet<string>): Tunnel => {
    const carried = device.carry(peer, block, local, marks);
    const way = typeof carried === 'string' ? carried : withElements(carried, 'wireguard', peer, block);
    return { way, isAnswering: typeof way !== 'string' && heard?.has(key ?? '') === true };
  };
  const first = by(encapsulationOf('wireguard'), peer.wireguardPublicKey, answering);
  if (!isChanging(peer, local)) return first;
  const second = by(detour, keyOnDetour(peer), answeringOnDetour);
  const inOrder = isLeaving(peer, local) ? [second, first] : [first, second];
  const chosen =
    inOrder.find(({ isAnswering }) => isAnswering) ?? (typeof first.way === 'string' ? second : first);
  const other = chosen === first ? second : first;
  if (typeof chosen.way === 'string' || typeof other.way === 'string') return chosen;
  const entries = [...chosen.way.entries, ...withoutRoute(other.way)];
  return { ...chosen, way: { ...chosen.way, entries } };
}

function withoutRoute({ entries }: Way): Entry[] {
  return entries.filter(({ kind }) => kind !== 'route');
}

/** Or why no mode can, which is empty where none was asked for. */
function openWay(
  peer: Peer,
  block: PodBlock,
  modes: readonly Mode[],
  local: LocalNode,
  marks: Marks,
): OpenWay | string {
  const reasons: string[] = [];
  for (const mode of modes) {
    const way = encapsulationOf(mode).carry(peer, block, local, marks);
    if (typeof way !== 'string') {
      const chosen = withElements(way, mode, peer, block);
      return mode === 'bgp' ? { ...chosen, learnt: way.mtu ?? local.underlay.mtu } : chosen;
    }
    reasons.push(way);
  }
  return reasons.join('; ');
}

function withElements(way: Way, mode: Mode, peer: Peer, block: PodBlock): OpenWay {
  return { ...way, mode, entries: [...way.entries, ...elementsFor(peer, block, mode)] };
}

/** What the firewall has to know of a block. */
function elementsFor({ underlay }: Peer, { cidr, family }: PodBlock, mode: Mode): ElementEntry[] {
  const tunnelled = element('tunnelled', family, cidr);
  switch (mode) {
    case 'none':
      return [];
    case 'direct':
    case 'bgp':
      return [element('direct', family, cidr)];
    case 'wireguard':
      // Who it is, is known by the key.
      return [tunnelled];
    case 'ipip':
    case 'vxlan':
      return [
        tunnelled,
        ...(['IPv4', 'IPv6'] as const).flatMap(version => {
          const address = underlay[version];
          return address === undefined ? [] : [element('peers', version, hostText(address))];
        }),
      ];
  }
}

/** Written out: put together anew, tens of thousands of elements would each have a name of their own. */
const SETS_OF = {
  IPv4: { peers: 'peers4', tunnelled: 'tunnelled4', direct: 'direct4', sealed: 'sealed4' },
  IPv6: { peers: 'peers6', tunnelled: 'tunnelled6', direct: 'direct6', sealed: 'sealed6' },
} as const satisfies Record<AddressFamily, Record<string, SetName>>;

function element(set: keyof typeof SETS_OF.IPv4, family: AddressFamily, block: string): ElementEntry {
  return { kind: 'element', set: SETS_OF[family][set], block };
}
