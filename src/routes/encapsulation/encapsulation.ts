import type { Entry } from '../entry.ts';
import type { LocalNode, Marks, Mode, Peer, PodBlock } from '../model.ts';

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
  way: { readonly device: string; readonly via: string; readonly onlink: boolean; readonly mtu: number },
): Entry {
  const from = source[family];
  return {
    kind: 'route',
    destination: cidr,
    type: 'unicast',
    protocol,
    metric: metricOf(family),
    ...way,
    ...(from === undefined ? {} : { source: from }),
  };
}

/** What the kernel gives a route that asks for none. */
export function metricOf(family: PodBlock['family']): number {
  return family === 'IPv4' ? 0 : 1_024;
}
