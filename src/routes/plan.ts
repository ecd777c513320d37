import { hostText } from '../base/block.ts';
import type { AddressFamily } from '../base/ip.ts';
import { type Carried, type Speaker, speakerOf } from './bgp/speaker.ts';
import { settle } from './conflicts.ts';
import { metricOf } from './encapsulation/encapsulation.ts';
import { ENCAPSULATIONS, encapsulationOf } from './encapsulation/index.ts';
import { type ElementEntry, type Entry, keyOf, type SetName } from './entry.ts';
import type { ClusterPolicy, Fault, LocalNode, Marks, Mode, Peer, PodBlock, RemoteNode } from './model.ts';
import { rulesetOf } from './ruleset.ts';
import { checkNodes, faultOf } from './validate.ts';

export interface PlanInput {
  readonly local: LocalNode;
  readonly nodes: readonly RemoteNode[];
  /** Nodes of clusters without one are not routed to. */
  readonly policies: readonly ClusterPolicy[];
  readonly marks: Marks;
}

export interface Planned {
  readonly entry: Entry;
  /** For which other cluster it is there. Absent: for this node itself. */
  readonly cluster?: string;
}

export interface Plan {
  /** By the keys of the entries. */
  readonly entries: ReadonlyMap<string, Planned>;
  readonly peers: readonly PlannedPeer[];
  /** What the BGP daemon shall do. Absent: there shall be none. */
  readonly speaker?: Speaker;
  /** What was left out, in a fixed order. */
  readonly faults: readonly Fault[];
}

export interface PlannedPeer {
  readonly cluster: string;
  readonly uid: string;
  readonly name: string;
  readonly ways: readonly PlannedWay[];
}

/** How one block of a peer is reached. */
export interface PlannedWay {
  readonly cidr: string;
  readonly mode: Mode;
  /** Octets of the largest packet. */
  readonly mtu?: number;
  /** The peer's own address in the block. */
  readonly nodeAddress?: string;
}

/** What shall be in the kernel. A function of the values alone: their order does not matter. */
export function plan({ local, nodes, policies, marks }: PlanInput): Plan {
  const checked = checkNodes(nodes, local.cluster, local.underlay.mtu);
  const settled = settle(local, checked.peers);
  const faults = [...checked.faults, ...settled.faults];
  const modes = new Map(policies.map(policy => [policy.cluster, policy.modes]));
  const entries = new Map<string, Planned>();
  const put = (entry: Entry, cluster?: string): void => {
    entries.set(keyOf(entry), { entry, ...(cluster === undefined ? {} : { cluster }) });
  };
  for (const entry of ownEntries(local, marks)) put(entry);
  const families = familiesOf(local);
  const carried: Carried[] = [];
  const peers = settled.peers.map(peer => {
    const ways = peer.blocks.flatMap(block => {
      if (!families.includes(block.family)) return [];
      const found = wayTo(peer, block, modes.get(peer.cluster) ?? [], local, marks);
      if (typeof found === 'string') {
        if (found !== '') faults.push(faultOf(peer, 'NoWay', `${block.cidr}: no way to it: ${found}`));
        return [];
      }
      for (const entry of found.entries) put(entry, peer.cluster);
      if (found.mode === 'bgp') carried.push({ peer, block, mtu: found.mtu ?? local.underlay.mtu });
      return [plannedWay(block, found)];
    });
    return { cluster: peer.cluster, uid: peer.uid, name: peer.name, ways };
  });
  const speaker = speakerOf(local, carried);
  return { entries, peers, ...(speaker === undefined ? {} : { speaker }), faults };
}

interface ChosenWay {
  readonly mode: Mode;
  readonly mtu?: number;
  readonly entries: readonly Entry[];
}

function plannedWay({ cidr, nodeAddress }: PodBlock, { mode, mtu }: ChosenWay): PlannedWay {
  return {
    cidr,
    mode,
    ...(mtu === undefined ? {} : { mtu }),
    ...(nodeAddress === undefined ? {} : { nodeAddress }),
  };
}

/** By the first mode that can; or why none can, which is empty where none was asked for. */
function wayTo(
  peer: Peer,
  block: PodBlock,
  modes: readonly Mode[],
  local: LocalNode,
  marks: Marks,
): ChosenWay | string {
  const reasons: string[] = [];
  for (const mode of modes) {
    const way = encapsulationOf(mode).carry(peer, block, local, marks);
    if (typeof way !== 'string') {
      return { ...way, mode, entries: [...way.entries, ...elementsFor(peer, block, mode)] };
    }
    reasons.push(way);
  }
  return reasons.join('; ');
}

/** What the firewall has to know of a block. */
function elementsFor(peer: Peer, { cidr, family }: PodBlock, mode: Mode): ElementEntry[] {
  if (mode === 'none') return [];
  const version = family === 'IPv4' ? '4' : '6';
  const elements: ElementEntry[] = [element(`remote${version}`, cidr)];
  if (mode === 'direct' || mode === 'bgp') return [...elements, element(`direct${version}`, cidr)];
  const { IPv4, IPv6 } = peer.underlay;
  if (IPv4 !== undefined) elements.push(element('peers4', hostText(IPv4)));
  if (IPv6 !== undefined) elements.push(element('peers6', hostText(IPv6)));
  return elements;
}

function element(set: SetName, block: string): ElementEntry {
  return { kind: 'element', set, block };
}

/** What is there for the node itself, whatever other clusters there are. */
function ownEntries(local: LocalNode, marks: Marks): Entry[] {
  const { preference, protocol } = marks;
  return [
    ...ENCAPSULATIONS.flatMap(encapsulation => encapsulation.device(local, marks)),
    rulesetOf(marks),
    ...familiesOf(local).map(family => ({ kind: 'rule', family, preference, selector: '' }) as const),
    // Our table is asked before the main one: whatever is in it, the pods of this node are not to be found there.
    ...local.podCIDRs.map(
      cidr =>
        ({
          kind: 'route',
          destination: cidr,
          type: 'throw',
          protocol,
          metric: metricOf(cidr.includes(':') ? 'IPv6' : 'IPv4'),
        }) as const,
    ),
  ];
}

/** Nobody on a node without IPv6 pods asks for one of another cluster. */
function familiesOf({ podCIDRs, source }: LocalNode): AddressFamily[] {
  const pods = podCIDRs.map(cidr => (cidr.includes(':') ? 'IPv6' : 'IPv4'));
  return (['IPv4', 'IPv6'] as const).filter(family => pods.includes(family) || source[family] !== undefined);
}
