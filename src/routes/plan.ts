import type { AddressFamily } from '../base/ip.ts';
import { type Carried, type Speaker, speakerOf } from './bgp/speaker.ts';
import { settle } from './conflicts.ts';
import { metricOf } from './encapsulation/encapsulation.ts';
import { ENCAPSULATIONS } from './encapsulation/index.ts';
import { type Entry, keyOf } from './entry.ts';
import type { ClusterPolicy, Fault, LocalNode, Marks, Mode, PodBlock, RemoteNode } from './model.ts';
import { rulesetOf } from './ruleset.ts';
import { unroutedBlocks } from './unrouted.ts';
import { checkNodes, faultOf } from './validate.ts';
import { type ChosenWay, sealing, wayTo, wayUnused } from './way.ts';

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
  const byCluster = new Map(policies.map(policy => [policy.cluster, policy]));
  const entries = new Map<string, Planned>();
  const put = (entry: Entry, cluster?: string): void => {
    entries.set(keyOf(entry), { entry, ...(cluster === undefined ? {} : { cluster }) });
  };
  for (const entry of ownEntries(local, policies, marks)) put(entry);
  const families = familiesOf(local);
  const carried: Carried[] = [];
  const peers = settled.peers.map(peer => {
    const policy = byCluster.get(peer.cluster);
    const ways = peer.blocks.flatMap(block => {
      if (policy === undefined) return [];
      const {
        fault,
        entries: needed,
        ...way
      } = families.includes(block.family)
        ? wayTo(peer, block, policy, local, marks)
        : wayUnused(block, policy);
      if (fault !== undefined) faults.push(faultOf(peer, 'NoWay', `${block.cidr}: no way to it: ${fault}`));
      for (const entry of needed) put(entry, peer.cluster);
      if (way.learnt !== undefined) carried.push({ peer, block, mtu: way.learnt });
      return plannedWay(block, way);
    });
    return { cluster: peer.cluster, uid: peer.uid, name: peer.name, ways };
  });
  const sealed = policies.filter(({ encryption }) => encryption === 'Required').map(({ cluster }) => cluster);
  const toSeal = checked.claimed.filter(({ cluster }) => sealed.includes(cluster));
  for (const { cluster, block } of unroutedBlocks(local, toSeal, settled.peers))
    for (const entry of sealing(block, families, marks)) put(entry, cluster);
  const speaker = speakerOf(local, carried);
  return { entries, peers, ...(speaker === undefined ? {} : { speaker }), faults };
}

function plannedWay(
  { cidr, nodeAddress }: PodBlock,
  { mode, mtu }: Omit<ChosenWay, 'entries'>,
): PlannedWay[] {
  if (mode === undefined) return [];
  return [
    {
      cidr,
      mode,
      ...(mtu === undefined ? {} : { mtu }),
      ...(nodeAddress === undefined ? {} : { nodeAddress }),
    },
  ];
}

/** What is there for the node itself, whatever other clusters there are. */
function ownEntries(local: LocalNode, policies: readonly ClusterPolicy[], marks: Marks): Entry[] {
  const { preference, protocol } = marks;
  // In user space it would be a process for nothing.
  const encrypts = policies.some(({ encryption = 'Off' }) => encryption !== 'Off');
  return [
    ...ENCAPSULATIONS.filter(({ mode }) => mode !== 'wireguard' || encrypts).flatMap(encapsulation =>
      encapsulation.device(local, marks),
    ),
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

/** Nobody on a node without IPv6 pods has a way back from one of another cluster. */
function familiesOf({ podCIDRs, source }: LocalNode): AddressFamily[] {
  const pods = podCIDRs.map(cidr => (cidr.includes(':') ? 'IPv6' : 'IPv4'));
  return (['IPv4', 'IPv6'] as const).filter(family => pods.includes(family) || source[family] !== undefined);
}
