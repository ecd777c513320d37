import type { AddressFamily } from '../../base/ip.ts';
import type { Entry } from '../entry.ts';
import { hash53 } from '../mac.ts';
import type { LocalNode, Marks, Mode, Peer, PodBlock } from '../model.ts';

/** RFC 8200 section 5. */
export const IPV6_LEAST_MTU = 1_280;

export interface Way {
  /** Of the packets in it. */
  readonly mtu?: number;
  readonly entries: readonly Entry[];
}

/** One way to get packets to the nodes of other clusters. */
export interface Encapsulation {
  readonly mode: Mode;
  /** What has to be on the node whether there are peers or not. */
  device(local: LocalNode, marks: Marks): readonly Entry[];
  /** How a block of a peer is reached, or why it cannot be this way; then the next mode is asked. */
  carry(peer: Peer, block: PodBlock, local: LocalNode, marks: Marks): Way | string;
}

/** The route to a block, in our table. */
export function routeTo(
  { cidr, family }: PodBlock,
  { source }: LocalNode,
  { protocol }: Marks,
  way: { readonly device: string; readonly via?: string; readonly onlink?: boolean; readonly mtu: number },
): Entry {
  const from = source[family];
  return {
    kind: 'route',
    destination: cidr,
    type: 'unicast',
    protocol,
    metric: metricTo(cidr, family),
    ...way,
    ...(from === undefined ? {} : { source: from }),
  };
}

/** As many metrics do routes to peers have, from 1: asked to delete one of metric 0, the kernel takes one of any. */
const METRICS = 1_000;

/**
 * The same for whoever has the block. Of IPv4 the kernel keeps like next hops once, and looks for a like one among all
 * that have device, source and metric in common (`fib_find_info`): with one metric each route would be compared with
 * the thousands before it, and to write them would take longer than all else.
 */
function metricTo(cidr: string, family: AddressFamily): number {
  return family === 'IPv4' ? 1 + (hash53(cidr) % METRICS) : metricOf(family);
}

/** What the kernel gives a route that asks for none. */
export function metricOf(family: PodBlock['family']): number {
  return family === 'IPv4' ? 0 : 1_024;
}

/** Replies may come another way than packets go; and nobody at the other end shall tell this node of routers. */
export function deviceSettings({ source }: LocalNode, device: string): Entry[] {
  const loose: Entry = { kind: 'sysctl', path: `ipv4/conf/${device}/rp_filter`, value: '2' };
  if (source.IPv6 === undefined) return [loose];
  return [loose, { kind: 'sysctl', path: `ipv6/conf/${device}/accept_ra`, value: '0' }];
}

/** A device without an IPv4 address drops what comes another way than it would be answered, loose rp_filter or not. */
export function deviceAddresses({ source }: LocalNode, device: string): Entry[] {
  return Object.values(source).map(address => ({
    kind: 'address',
    device,
    address: `${address}/${address.includes(':') ? 128 : 32}`,
  }));
}
