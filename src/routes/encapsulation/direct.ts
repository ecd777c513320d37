import { type Encapsulation, routeTo } from './encapsulation.ts';

/** Plain routes between nodes on one link. The kernel refuses a next hop behind a router, and so do we. */
export const direct: Encapsulation = {
  mode: 'direct',
  device: () => [],
  carry(peer, block, local, marks) {
    const via = peer.underlay[block.family];
    if (via === undefined)
      return `direct: it has no ${block.family} address to route ${block.family} pods through`;
    const device = local.onLink.get(via);
    if (device === undefined) return `direct: ${via} is behind a router`;
    const mtu = Math.min(local.underlay.mtu, peer.underlay.mtu);
    return { mtu, entries: [routeTo(block, local, marks, { device, via, onlink: false, mtu })] };
  },
};
