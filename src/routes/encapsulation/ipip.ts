import { deviceAddresses, deviceSettings, type Encapsulation, routeTo } from './encapsulation.ts';

/** The outer IP header (RFC 2003). */
const OVERHEAD = 20;
/** Of the outer header. With one of its own the kernel lets no packet be cut on the way. */
const TTL = 64;

/**
 * IPv4 in IPv4, and nothing between them: 30 octets less than VXLAN, where the network lets protocol 4 through, which
 * many clouds do not. One device for all peers: the next hop of a route is the far end.
 */
export const ipip: Encapsulation = {
  mode: 'ipip',
  device(local, { ipip: { device: name } }) {
    const { IPv4, mtu } = local.underlay;
    if (local.ipip !== true || IPv4 === undefined) return [];
    return [
      { kind: 'link', type: 'ipip', name, local: IPv4, ttl: TTL, mtu: mtu - OVERHEAD, up: true },
      ...deviceSettings({ ...local, source: withoutIPv6(local.source) }, name),
      ...deviceAddresses({ ...local, source: withoutIPv6(local.source) }, name),
      { kind: 'element', set: 'ipip4', block: `${IPv4}/32` },
    ];
  },
  carry(peer, block, local, marks) {
    if (local.ipip !== true) return `ipip: ${local.ipip ?? 'this node has none'}`;
    if (block.family === 'IPv6') return 'ipip: it carries IPv4 only';
    if (local.underlay.IPv4 === undefined) return 'ipip: this node has no IPv4 address to send from';
    const via = peer.underlay.IPv4;
    if (via === undefined) return 'ipip: it has no IPv4 address to send to';
    const mtu = Math.min(local.underlay.mtu, peer.underlay.mtu) - OVERHEAD;
    const { device } = marks.ipip;
    return { mtu, entries: [routeTo(block, local, marks, { device, via, onlink: true, mtu })] };
  },
};

function withoutIPv6({ IPv4 }: Readonly<Partial<Record<'IPv4' | 'IPv6', string>>>): { IPv4?: string } {
  return IPv4 === undefined ? {} : { IPv4 };
}
