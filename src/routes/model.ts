import type { Block } from '../base/block.ts';
import type { AddressFamily } from '../base/ip.ts';
import type { Encryption } from '../objects/shapes.ts';

/** How packets get to the node of another cluster; `none`: not by us. */
export type Mode = 'vxlan' | 'wireguard' | 'ipip' | 'direct' | 'bgp' | 'none';

/** Where a node is reached by the nodes of other clusters. */
export interface Underlay {
  readonly IPv4?: string;
  readonly IPv6?: string;
  /** Octets of the largest packet that its device sends. */
  readonly mtu: number;
}

/** The node that the agent runs on. What is in here comes from its own cluster and its own kernel. */
export interface LocalNode {
  readonly cluster: string;
  readonly uid: string;
  /** `device`: the network device that the addresses are on. */
  readonly underlay: Underlay & { readonly device: string };
  /** Of this node; canonical. */
  readonly podCIDRs: readonly string[];
  /** More of them, in a family in which it has no address of its own: nothing is done for those. Absent: none. */
  readonly sourceless?: readonly string[];
  /** What it sends from to pods of other clusters: addresses inside its own pod CIDRs, so that the way back exists. */
  readonly source: Readonly<Partial<Record<AddressFamily, string>>>;
  /** Of these, those that nothing but our own devices has any more. Absent: none. */
  readonly kept?: readonly string[];
  /** What no other cluster may take: pods, services and nodes of this cluster, its gateways and name servers. */
  readonly guarded: readonly GuardedRange[];
  /** Whether it can have an IPIP device, or why not. Absent: no cluster is to be reached that way. */
  readonly ipip?: true | string;
  /** Absent: no cluster is to be reached by BGP. */
  readonly bgp?: BGPSettings;
  /** Addresses that are reached without a router in between, with the device that leads there. */
  readonly onLink: ReadonlyMap<string, string>;
  /** Absent: this node cannot encrypt. */
  readonly wireguard?: LocalWireGuard;
}

export interface LocalWireGuard {
  /** `userspace`: a process of wireguard-go. */
  readonly engine: 'kernel' | 'userspace';
  readonly publicKey: string;
  /** The public key that comes after that one, or has just become it. Absent: this node's key does not change. */
  readonly nextPublicKey?: string;
  /** The public keys of those whose tunnels are alive. */
  readonly answering: ReadonlySet<string>;
  /** The same of those that are heard by the detour. Absent: nobody's. */
  readonly answeringOnDetour?: ReadonlySet<string>;
}

/** With whom this node speaks BGP, by whose number. */
export interface BGPSettings {
  /** Of this node, for the routers. */
  readonly as: number;
  /** Routers in front of the nodes, by canonical addresses. None: the nodes on the same link speak to each other. */
  readonly routers: readonly { readonly address: string; readonly as: number }[];
}

export interface GuardedRange {
  readonly cidr: string;
  /** Completes "overlaps 10.0.0.0/16, ...": `the pods of this cluster`. */
  readonly what: string;
  /** Whether a node of another cluster may be at an address in it, as a router of both clusters is. */
  readonly shared?: boolean;
}

/** A node of another cluster as it was published there. Nothing in it has been checked. */
export interface RemoteNode {
  readonly cluster: string;
  readonly uid: string;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly podCIDRs: readonly string[];
  readonly mtu?: number;
  readonly vtepMAC?: string;
  readonly wireguardPublicKey?: string;
  readonly wireguardNextPublicKey?: string;
  readonly podNetworkAddresses?: readonly string[];
}

/** A node of another cluster after every check: what is in here may be planned with. */
export interface Peer {
  readonly cluster: string;
  readonly uid: string;
  readonly name: string;
  readonly underlay: Underlay;
  readonly blocks: readonly PodBlock[];
  readonly mac: string;
  readonly wireguardPublicKey?: string;
  /** By which it is known on the detour while its key changes. */
  readonly wireguardNextPublicKey?: string;
}

export interface PodBlock {
  /** Canonical. */
  readonly cidr: string;
  readonly family: AddressFamily;
  readonly block: Block;
  /** The node's own address in it, where it answers probes. */
  readonly nodeAddress?: string;
}

/** What the operator wants of the way to one cluster. */
export interface ClusterPolicy {
  readonly cluster: string;
  /** The first that can carry a block carries it. */
  readonly modes: readonly Mode[];
  /** Absent: off. */
  readonly encryption?: Encryption;
}

/** What marks kernel state as ours. Two agents with the same marks on one node would take each other's for stale. */
/** How the names of all our devices begin, whatever settings call them. */
export const DEVICE_PREFIX = 'causeway-';

export interface Marks {
  /** Everything in this routing table is ours. */
  readonly table: number;
  /** `proto` of our routes. */
  readonly protocol: number;
  /** Preference of the rule that leads to the table; below main's 32766. */
  readonly preference: number;
  /** Name of the nftables table (family inet). */
  readonly nftTable: string;
  /** `table`: the one that the BGP daemon writes into; `preference`: of the rule that leads there. */
  readonly bgp: { readonly table: number; readonly preference: number; readonly port: number };
  readonly ipip: { readonly device: string };
  readonly vxlan: { readonly device: string; readonly vni: number; readonly port: number };
  readonly wireguard: WireGuardMarks & {
    /** The second device, on which packets go around the first while somebody's key changes. */
    readonly detour: WireGuardMarks;
  };
}

export interface WireGuardMarks {
  readonly device: string;
  readonly port: number;
}

/**
 * Of 4789, 8472, 4790 and 4800 each belongs to somebody whose packets may pass the same node, and so do 51820, 51821
 * and 51871 among the ports of WireGuard.
 */
export const MARKS: Marks = {
  table: 7795,
  protocol: 205,
  preference: 90,
  nftTable: 'causeway',
  ipip: { device: 'causeway-ipip' },
  bgp: { table: 7796, preference: 91, port: 4796 },
  vxlan: { device: 'causeway-vx', vni: 7_795, port: 4795 },
  wireguard: {
    device: 'causeway-wg',
    port: 51_895,
    detour: { device: 'causeway-detour', port: 51_896 },
  },
};

/** Why something of another cluster is not planned. */
export interface Fault {
  readonly cluster: string;
  /** The node's name, shortened and cleaned: it may be anything. Absent: the whole cluster. */
  readonly node?: string;
  readonly reason: FaultReason;
  /** What was found and what must be instead. */
  readonly message: string;
}

export type FaultReason = 'Invalid' | 'TooMany' | 'Guarded' | 'Conflict' | 'NoWay';
