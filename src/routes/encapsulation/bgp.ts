import { neighborsFor } from '../bgp/speaker.ts';
import type { Entry } from '../entry.ts';
import type { LocalNode, Marks, PodBlock } from '../model.ts';
import type { Encapsulation } from './encapsulation.ts';
import { metricOf } from './encapsulation.ts';

/**
 * Plain routes that neighbors tell of by BGP. The daemon puts them into a table of its own, which is asked after ours,
 * with other routes in it that say what holds while it has none. What it shall do is in `bgp/speaker.ts`.
 */
export const bgp: Encapsulation = {
  mode: 'bgp',
  device(local, marks) {
    if (local.bgp === undefined) return [];
    const { preference, table } = marks.bgp;
    const families = (['IPv4', 'IPv6'] as const).filter(family => ownBlocks(local, family).length > 0);
    return [
      ...families.map(family => ({ kind: 'rule', family, preference, selector: '', table }) as const),
      // Whatever is in the table, the pods of this node are not to be found there.
      ...families.flatMap(family =>
        ownBlocks(local, family).map(cidr => routeOf({ cidr, family }, 'throw', metricOf(family), marks)),
      ),
    ];
  },
  carry(peer, block, local, marks) {
    const neighbors = neighborsFor(peer, block.family, local);
    if (typeof neighbors === 'string') return `bgp: ${neighbors}`;
    // Until a neighbor tells the way there is none: the default route would send the packets anywhere.
    return {
      mtu: Math.min(local.underlay.mtu, peer.underlay.mtu),
      entries: [routeOf(block, 'unreachable', LAST_METRIC, marks)],
    };
  },
};

/** Above that of the daemon's routes, which is 32. */
const LAST_METRIC = 65_535;

function ownBlocks({ podCIDRs }: LocalNode, family: PodBlock['family']): string[] {
  return podCIDRs.filter(cidr => cidr.includes(':') === (family === 'IPv6'));
}

function routeOf(
  { cidr }: Pick<PodBlock, 'cidr' | 'family'>,
  type: 'throw' | 'unreachable',
  metric: number,
  { protocol, bgp: { table } }: Marks,
): Entry {
  return { kind: 'route', destination: cidr, type, protocol, metric, table };
}
