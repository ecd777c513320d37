import type { AddressFamily } from '../../base/ip.ts';
import type { Entry, PeerEntry } from '../entry.ts';
import type { LocalNode, Marks, Peer, PodBlock, Underlay, WireGuardMarks } from '../model.ts';
import {
  deviceAddresses,
  deviceSettings,
  type Encapsulation,
  IPV6_LEAST_MTU,
  routeTo,
  type Way,
} from './encapsulation.ts';

/** A data message has 32 octets of header and tag (the WireGuard paper, section 5.4.6), around it are UDP and IP. */
const OVERHEAD = { IPv4: 60, IPv6: 80 } as const;
/** What is encrypted is padded to a multiple of this, but to no more than the device's MTU. */
const PADDING = 16;
/** Seconds. Also a tunnel that nobody uses has to be seen to die within 15. */
const KEEPALIVE = 5;

/** Encrypted, in UDP. The device picks the peer by the block that the destination is in; there is no next hop. */
export const wireguard: Encapsulation = {
  mode: 'wireguard',
  device: (local, { wireguard: on }) => deviceOn(on, local.wireguard?.publicKey, local),
  carry: (peer, block, local, marks) =>
    carryOn(
      { ...marks.wireguard, own: local.wireguard?.publicKey, theirs: peer.wireguardPublicKey },
      ...([peer, block, local, marks] as const),
    ),
};

/** A WireGuard device of ours. @param publicKey of this node on it */
export function deviceOn(
  { device: name, port }: WireGuardMarks,
  publicKey: string | undefined,
  local: LocalNode,
): Entry[] {
  if (local.wireguard === undefined || publicKey === undefined) return [];
  const { engine } = local.wireguard;
  const mtu = deviceMTU(local.underlay);
  return [
    { kind: 'link', type: 'wireguard', name, engine, answers: true, mtu, up: true },
    ...deviceSettings(local, name),
    ...deviceAddresses(local, name),
    { kind: 'wireguard', device: name, publicKey, port },
  ];
}

/** Where two nodes meet, and by which keys. */
interface Meeting extends WireGuardMarks {
  readonly own: string | undefined;
  readonly theirs: string | undefined;
}

/** How a block of a peer is reached by one of our devices. */
export function carryOn(
  { device, port, own, theirs }: Meeting,
  peer: Peer,
  block: PodBlock,
  local: LocalNode,
  marks: Marks,
): Way | string {
  if (own === undefined) return 'wireguard: this node has none';
  if (theirs === undefined) return 'wireguard: it has published no public key';
  if (theirs === own) return 'wireguard: it has published the public key of this node';
  const family = outerFamily(local.underlay, peer.underlay);
  const address = family && peer.underlay[family];
  if (family === undefined || address === undefined)
    return 'wireguard: it has no address of a family that this node has one of';
  const mtu = routeMTU(local.underlay, peer.underlay, family);
  if (block.family === 'IPv6' && mtu < IPV6_LEAST_MTU)
    return `wireguard: its packets may have ${mtu} octets only; IPv6 needs ${IPV6_LEAST_MTU}`;
  return {
    mtu,
    entries: [
      peerEntry(peer, theirs, device, endpointOf(address, port)),
      routeTo(block, local, marks, { device, mtu }),
    ],
  };
}

/** A peer may be reached by either family; IPv4 costs 20 octets less. */
function outerFamily(local: Underlay, peer: Underlay): AddressFamily | undefined {
  return (['IPv4', 'IPv6'] as const).find(
    family => local[family] !== undefined && peer[family] !== undefined,
  );
}

function deviceMTU({ IPv4, mtu }: Underlay): number {
  return mtu - OVERHEAD[IPv4 === undefined ? 'IPv6' : 'IPv4'];
}

/** One that the device's MTU does not cap must leave room for the padding. */
function routeMTU(local: Underlay, peer: Underlay, family: AddressFamily): number {
  const mtu = Math.min(local.mtu, peer.mtu) - OVERHEAD[family];
  return mtu >= deviceMTU(local) ? mtu : mtu - (mtu % PADDING);
}

function peerEntry({ blocks }: Peer, publicKey: string, device: string, endpoint: string): PeerEntry {
  return {
    kind: 'peer',
    device,
    publicKey,
    endpoint,
    allowedIPs: blocks
      .map(({ cidr }) => cidr)
      .sort()
      .join(','),
    keepalive: KEEPALIVE,
  };
}

/** As `wg` prints it. */
export function endpointOf(address: string, port: number | string): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
