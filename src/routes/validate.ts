import { hostBlock, parseBlock } from '../base/block.ts';
import { type AddressFamily, addressNumber, familyOf, parseAddress } from '../base/ip.ts';
import { isClusterId } from '../base/name.ts';
import { specialOf, wrongPodBlock } from '../base/pod-block.ts';
import { isSubdomain } from '../objects/fields.ts';
import { MOST_LISTED } from '../objects/node-limits.ts';
import { show } from '../objects/problem.ts';
import { isDeviceMAC, macOf } from './mac.ts';
import type { Fault, Peer, PodBlock, RemoteNode } from './model.ts';

/** Of one cluster: what Kubernetes itself is tested with. */
export const MOST_NODES = 5_000;
/** IPv6 wants 1280; 65535 is the largest packet there is. */
const MTU = { least: 1_280, most: 65_535 } as const;

/** What a node is said to have: all of it that can be read, whether the node can be planned with or not. */
export type Claimed = Pick<Peer, 'cluster' | 'blocks'> & {
  readonly underlay: Partial<Record<AddressFamily, string>>;
};

export interface Checked {
  /** In the order of cluster and uid. */
  readonly peers: readonly Peer[];
  /** Of every node that was told of. Blocks of peers are the same objects. */
  readonly claimed: readonly Claimed[];
  readonly faults: readonly Fault[];
}

/**
 * Takes what other clusters say of their nodes and lets through only what can be planned with. Nothing in it is
 * believed: it was written by somebody else's API server.
 *
 * @param assumedMTU of nodes that do not say theirs
 */
export function checkNodes(nodes: readonly RemoteNode[], ownCluster: string, assumedMTU: number): Checked {
  const faults: Fault[] = [];
  const peers: Peer[] = [];
  const claimed: Claimed[] = [];
  const counts = new Map<string, number>();
  for (const node of [...nodes].sort(byIdentity)) {
    const fault = identityFault(node, ownCluster) ?? countFault(node, counts);
    const read = readNode(node, assumedMTU);
    claimed.push(read.claimed);
    if (fault === undefined) {
      if (read.peer !== undefined) peers.push(read.peer);
      faults.push(...read.faults);
    } else if (fault !== 'counted') {
      faults.push(fault);
    }
  }
  return { peers, claimed, faults };
}

/** By code units: the same everywhere. */
export function byIdentity(one: Identity, other: Identity): number {
  return compareText(one.cluster, other.cluster) || compareText(one.uid, other.uid);
}

interface Identity {
  readonly cluster: string;
  readonly uid: string;
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** Names the node in a fault; what is no name is shown as the text it is. */
export function faultOf(
  { cluster, name }: Pick<RemoteNode, 'cluster' | 'name'>,
  reason: Fault['reason'],
  message: string,
): Fault {
  return {
    cluster: isClusterId(cluster) ? cluster : show(cluster),
    node: isSubdomain(name) ? name : show(name),
    reason,
    message,
  };
}

function identityFault(node: RemoteNode, ownCluster: string): Fault | undefined {
  const invalid = (message: string): Fault => faultOf(node, 'Invalid', message);
  if (!isClusterId(node.cluster))
    return invalid(`cluster: found ${show(node.cluster)}: must be a cluster id`);
  if (node.cluster === ownCluster)
    return invalid('cluster: is this cluster; its own nodes are not ours to route');
  if (!/^[A-Za-z0-9-]{1,64}$/.test(node.uid)) return invalid(`uid: found ${show(node.uid)}: must be a uid`);
  if (!isSubdomain(node.name)) return invalid(`name: found ${show(node.name)}: must be the name of a node`);
  return undefined;
}

/** One fault for all that are too many, not one each. */
function countFault(node: RemoteNode, counts: Map<string, number>): Fault | 'counted' | undefined {
  const count = (counts.get(node.cluster) ?? 0) + 1;
  counts.set(node.cluster, count);
  if (count <= MOST_NODES) return undefined;
  if (count > MOST_NODES + 1) return 'counted';
  const message = `has more than ${MOST_NODES} nodes; those with the higher uids are left out`;
  return { cluster: node.cluster, reason: 'TooMany', message };
}

interface Read {
  readonly assumedMTU: number;
  readonly claimed: Claimed;
  readonly peer: Peer | undefined;
  readonly faults: readonly Fault[];
}

/** Reading addresses takes longest of all planning, and of thousands of nodes one changes at a time. */
const lastRead = new WeakMap<RemoteNode, Read>();

function readNode(node: RemoteNode, assumedMTU: number): Read {
  const last = lastRead.get(node);
  if (last?.assumedMTU === assumedMTU) return last;
  const faults: Fault[] = [];
  const underlay = readAddresses(node, faults);
  const { blocks, beyond } = readBlocks(node, faults);
  const { cluster } = node;
  const read = {
    assumedMTU,
    claimed: { cluster, underlay, blocks: [...blocks, ...beyond] },
    peer: peerOf(node, { underlay, blocks }, assumedMTU, faults),
    faults,
  };
  lastRead.set(node, read);
  return read;
}

function peerOf(
  { cluster, uid, name, vtepMAC, wireguardPublicKey, wireguardNextPublicKey, mtu: told }: RemoteNode,
  { underlay, blocks }: Omit<Claimed, 'cluster'>,
  assumedMTU: number,
  faults: Fault[],
): Peer | undefined {
  const refuse = (message: string): undefined => {
    faults.push(faultOf({ cluster, name }, 'Invalid', message));
  };
  const mtu = told ?? assumedMTU;
  const mac = vtepMAC ?? macOf(cluster, uid);
  if (!isDeviceMAC(mac)) return refuse(`vtepMAC: found ${show(vtepMAC)}: must be like 02:1b:3c:4d:5e:6f`);
  for (const [field, key] of Object.entries({ wireguardPublicKey, wireguardNextPublicKey }))
    if (key !== undefined && !isWireGuardKey(key))
      return refuse(`${field}: found ${show(key)}: must be 32 octets as base64`);
  if (!Number.isInteger(mtu) || mtu < MTU.least || mtu > MTU.most)
    return refuse(`mtu: found ${show(mtu)}: must be ${MTU.least} to ${MTU.most}`);
  if (underlay.IPv4 === undefined && underlay.IPv6 === undefined)
    return refuse('addresses: has none that it can be reached at; no way to its pods');
  return {
    ...{ cluster, uid, name, mac, blocks },
    underlay: { ...underlay, mtu },
    ...(wireguardPublicKey === undefined ? {} : { wireguardPublicKey }),
    ...(wireguardNextPublicKey === undefined ? {} : { wireguardNextPublicKey }),
  };
}

/** 32 octets: the last letter stands for four bits only. */
function isWireGuardKey(text: string): boolean {
  return /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(text);
}

/** The first usable one of each family. */
function readAddresses(node: RemoteNode, faults: Fault[]): Claimed['underlay'] {
  const found: Partial<Record<AddressFamily, string>> = {};
  const refuse = (message: string): unknown => faults.push(faultOf(node, 'Invalid', message));
  for (const text of node.addresses.slice(0, MOST_LISTED)) {
    const address = parseAddress(text);
    const special = address && specialOf(hostBlock(address));
    if (address === undefined) {
      refuse(`addresses: found ${show(text)}: must be an IP address`);
    } else if (special !== undefined) {
      refuse(`addresses: found ${address}: is ${special}, no node's address`);
    } else {
      found[familyOf(address)] ??= address;
    }
  }
  return found;
}

/** `beyond`: more than a node may have; nothing is said of those that cannot be read. */
function readBlocks(node: RemoteNode, faults: Fault[]): Record<'blocks' | 'beyond', PodBlock[]> {
  const found = new Map<string, PodBlock>();
  if (node.podCIDRs.length > MOST_LISTED) {
    const message = `podCIDRs: has ${node.podCIDRs.length}; only the first ${MOST_LISTED} are used`;
    faults.push(faultOf(node, 'TooMany', message));
  }
  for (const text of node.podCIDRs.slice(0, MOST_LISTED)) {
    const block = readBlock(text);
    if (typeof block === 'string') {
      faults.push(faultOf(node, 'Invalid', `podCIDRs: found ${show(text)}: ${block}`));
    } else {
      found.set(block.cidr, block);
    }
  }
  const beyond = node.podCIDRs.slice(MOST_LISTED).map(readBlock);
  return {
    blocks: withNodeAddresses(node, [...found.values()], faults),
    beyond: beyond.filter(block => typeof block !== 'string'),
  };
}

/** Or what is wrong with it. */
function readBlock(text: string): PodBlock | string {
  const block = parseBlock(text);
  if (block === undefined) return 'must be a block like 10.1.2.0/24, without host bits';
  return wrongPodBlock(block) ?? { cidr: block.text, family: block.family, block };
}

/** An address elsewhere is none to probe: whoever has it was not asked. */
function withNodeAddresses(node: RemoteNode, blocks: PodBlock[], faults: Fault[]): PodBlock[] {
  const found = new Map<PodBlock, string>();
  for (const text of (node.podNetworkAddresses ?? []).slice(0, MOST_LISTED)) {
    const address = parseAddress(text);
    const number = address === undefined ? -1n : addressNumber(address);
    const inside = blocks.find(({ block: { first, last } }) => first <= number && number <= last);
    if (address !== undefined && inside !== undefined) {
      if (!found.has(inside)) found.set(inside, address);
    } else {
      const message = `podNetworkAddresses: found ${show(text)}: must be an address inside its podCIDRs`;
      faults.push(faultOf(node, 'Invalid', message));
    }
  }
  return blocks.map(block => {
    const nodeAddress = found.get(block);
    return nodeAddress === undefined ? block : { ...block, nodeAddress };
  });
}
