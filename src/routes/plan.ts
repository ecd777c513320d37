import type { AddressFamily } from '../base/ip.ts';
import { perObject } from '../base/per-object.ts';
import { type Carried, type Speaker, speakerOf } from './bgp/speaker.ts';
import { settle } from './conflicts.ts';
import { detour, isChanging } from './encapsulation/detour.ts';
import { type Encapsulation, metricOf } from './encapsulation/encapsulation.ts';
import { ENCAPSULATIONS } from './encapsulation/index.ts';
import { type Entry, keyOf } from './entry.ts';
import { encrypts } from './inputs.ts';
import type { Keyed } from './keyed.ts';
import type { ClusterPolicy, Fault, LocalNode, Marks, Mode, Peer, PodBlock, RemoteNode } from './model.ts';
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

export interface Planned extends Keyed {
  /** For which other cluster it is there. Absent: for this node itself. */
  readonly cluster?: string;
}

/** What shall be in the kernel. */
export interface PlannedEntries {
  /** By the keys of the entries. */
  readonly entries: ReadonlyMap<string, Planned>;
}

export interface Plan extends PlannedEntries {
  /** The same entries: those of each peer together, and those of nobody. What has not changed is the same object. */
  readonly parts: readonly (readonly Planned[])[];
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
  /** For want of what it has no ways, where nothing of it was left out. */
  readonly wants?: Want;
}

/** Of a node that has no pods yet nothing is wrong, so neither is a fault. */
export type Want = 'Blocks' | 'Policy';

/** How one block of a peer is reached. */
export interface PlannedWay {
  readonly cidr: string;
  readonly mode: Mode;
  /** Octets of the largest packet. */
  readonly mtu?: number;
  /** The peer's own address in the block. */
  readonly nodeAddress?: string;
}

/**
 * What shall be in the kernel. A function of the values alone: their order does not matter. What was worked out for a
 * node is not worked out again while the objects are the same that it follows from.
 */
export function plan({ local, nodes, policies, marks }: PlanInput): Plan {
  const checked = checkNodes(nodes, local.cluster, local.underlay.mtu);
  const settled = settle(local, checked.peers);
  const faults = [...checked.faults, ...settled.faults];
  const byCluster = new Map(policies.map(policy => [policy.cluster, policy]));
  const isEncrypted = ({ cluster }: Peer): boolean => encrypts(byCluster.get(cluster));
  const isOnDetour = settled.peers.some(peer => isEncrypted(peer) && isChanging(peer, local));
  const own = [...ownEntries(local, policies, marks), ...(isOnDetour ? detour.device(local, marks) : [])].map(
    entry => plannedOf(entry),
  );
  const all = settled.peers.map(peer => partFor(peer, byCluster.get(peer.cluster), local, marks));
  for (const part of all) faults.push(...part.faults);
  const sealed = policies.filter(({ encryption }) => encryption === 'Required').map(({ cluster }) => cluster);
  const toSeal = checked.claimed.filter(({ cluster }) => sealed.includes(cluster));
  const unrouted = unroutedBlocks(local, toSeal, settled.peers).flatMap(({ cluster, block }) =>
    sealing(block, familiesOf(local), marks).map(entry => plannedOf(entry, cluster)),
  );
  const speaker = speakerOf(
    local,
    all.flatMap(({ carried }) => carried),
  );
  const parts = [own, ...all.map(({ entries }) => entries), unrouted];
  return {
    ...{ parts, peers: all.map(({ peer }) => peer), faults },
    ...(speaker === undefined ? {} : { speaker }),
    // Not before it is asked for: what a single peer's change comes to is done first.
    get entries() {
      return entriesOf(parts);
    },
  };
}

const entriesOf = perObject((parts: Plan['parts']): Plan['entries'] => {
  const entries = new Map<string, Planned>();
  for (const part of parts) for (const planned of part) entries.set(planned.key, planned);
  return entries;
});

function plannedOf(entry: Entry, cluster?: string): Planned {
  return { key: keyOf(entry), entry, ...(cluster === undefined ? {} : { cluster }) };
}

/** What the plan has for one peer. */
interface Part {
  readonly peer: PlannedPeer;
  readonly entries: readonly Planned[];
  readonly carried: readonly Carried[];
  readonly faults: readonly Fault[];
}

interface KnownPart extends Part {
  readonly follows: readonly unknown[];
}

const lastParts = new WeakMap<Peer, KnownPart>();

function partFor(peer: Peer, policy: ClusterPolicy | undefined, local: LocalNode, marks: Marks): Part {
  const follows = [policy, local, marks];
  const last = lastParts.get(peer);
  if (last?.follows.every((one, index) => one === follows[index])) return last;
  const part = { ...makePart(peer, policy, local, marks), follows };
  lastParts.set(peer, part);
  return part;
}

function makePart(peer: Peer, policy: ClusterPolicy | undefined, local: LocalNode, marks: Marks): Part {
  const { cluster, uid, name } = peer;
  const families = familiesOf(local);
  const entries = new Map<string, Planned>();
  const carried: Carried[] = [];
  const faults: Fault[] = [];
  const ways = peer.blocks.flatMap(block => {
    if (policy === undefined) return [];
    const {
      fault,
      entries: needed,
      ...way
    } = families.includes(block.family) ? wayTo(peer, block, policy, local, marks) : wayUnused(block, policy);
    if (fault !== undefined) faults.push(faultOf(peer, 'NoWay', `${block.cidr}: no way to it: ${fault}`));
    for (const planned of needed.map(entry => plannedOf(entry, cluster))) entries.set(planned.key, planned);
    if (way.learnt !== undefined) carried.push({ peer, block, mtu: way.learnt });
    return plannedWay(block, way);
  });
  const wants = wantOf(peer, policy);
  const planned = { cluster, uid, name, ways, ...(wants === undefined ? {} : { wants }) };
  return { peer: planned, entries: [...entries.values()], carried, faults };
}

function wantOf({ blocks }: Peer, policy: ClusterPolicy | undefined): Want | undefined {
  if (policy === undefined) return 'Policy';
  return blocks.length === 0 ? 'Blocks' : undefined;
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
  const isOf = ({ mode }: Encapsulation): boolean => mode !== 'wireguard' || policies.some(encrypts);
  return [
    ...ENCAPSULATIONS.filter(isOf).flatMap(encapsulation => encapsulation.device(local, marks)),
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
