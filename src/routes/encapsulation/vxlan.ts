import type { AddressFamily } from '../../base/ip.ts';
import { perObject } from '../../base/per-object.ts';
import type { Entry } from '../entry.ts';
import { linkLocalOf, macOf } from '../mac.ts';
import type { LocalNode, Peer } from '../model.ts';
import {
  deviceAddresses,
  deviceSettings,
  type Encapsulation,
  IPV6_LEAST_MTU,
  routeTo,
} from './encapsulation.ts';

const linkLocal = perObject(({ mac }: Peer) => linkLocalOf(mac));

/** Ethernet, VXLAN, UDP and the outer IP header (RFC 7348). */
const OVERHEAD = { IPv4: 50, IPv6: 70 } as const;

/**
 * Packets in UDP, whatever is between the nodes. The next hop is no address of the tunnel's, for which somebody would
 * have to hand out numbers, but the peer's node address (IPv4) or the link-local address that its device has anyway
 * (IPv6): both only pick the permanent neighbour entry.
 */
export const vxlan: Encapsulation = {
  mode: 'vxlan',
  device(local, { vxlan: { device, vni, port } }) {
    const family = outerFamily(local);
    const address = family && local.underlay[family];
    if (family === undefined || address === undefined) return [];
    return [
      {
        kind: 'link',
        type: 'vxlan',
        name: device,
        mac: macOf(local.cluster, local.uid),
        vni,
        port,
        local: address,
        underlay: local.underlay.device,
        learning: false,
        mtu: local.underlay.mtu - OVERHEAD[family],
        up: true,
      },
      ...deviceSettings(local, device),
      ...deviceAddresses(local, device),
    ];
  },
  carry(peer, block, local, marks) {
    const family = outerFamily(local);
    const destination = family && peer.underlay[family];
    if (family === undefined || destination === undefined)
      return `vxlan: it has no ${family ?? 'usable'} address, which the tunnels of this node run over`;
    const mtu = Math.min(local.underlay.mtu, peer.underlay.mtu) - OVERHEAD[family];
    if (block.family === 'IPv6' && mtu < IPV6_LEAST_MTU)
      return `vxlan: its packets may have ${mtu} octets only; IPv6 needs ${IPV6_LEAST_MTU}`;
    const { device } = marks.vxlan;
    const via = (block.family === 'IPv4' && peer.underlay.IPv4) || linkLocal(peer);
    return {
      mtu,
      entries: [
        ...towards(peer, device, destination, via),
        routeTo(block, local, marks, { device, via, onlink: block.family === 'IPv4', mtu }),
      ],
    };
  },
};

/** One device has one family outside; IPv4 where there is a choice, for it costs 20 octets less. */
function outerFamily({ underlay }: LocalNode): AddressFamily | undefined {
  if (underlay.IPv4 !== undefined) return 'IPv4';
  return underlay.IPv6 === undefined ? undefined : 'IPv6';
}

function towards({ mac }: Peer, device: string, destination: string, via: string): Entry[] {
  return [
    { kind: 'forwarding', device, mac, destination },
    { kind: 'neighbour', device, address: via, mac },
  ];
}
