import type { AddressFamily } from '../base/ip.ts';

/**
 * One thing that is, or shall be, in the kernel. Fields are plain values, so that two entries are the same when their
 * fields are; what the kernel tells apart by is in `keyOf`.
 */
export type Entry =
  | LinkEntry
  | SysctlEntry
  | AddressEntry
  | RulesetEntry
  | ElementEntry
  | ForwardingEntry
  | NeighbourEntry
  | WireGuardEntry
  | PeerEntry
  | RouteEntry
  | RuleEntry;

export type EntryKind = Entry['kind'];

/** Kinds of which there is one or more for every peer. */
export const OF_PEERS: ReadonlySet<EntryKind> = new Set(['element', 'forwarding', 'neighbour', 'route']);

/** A network device; how each type is made and recognised is a row in `links.ts`. */
export type LinkEntry = VXLANLink | WireGuardLink | IPIPLink;

interface Link<Type extends string> {
  readonly kind: 'link';
  readonly type: Type;
  readonly name: string;
  readonly mtu: number;
  readonly up: boolean;
}

export interface VXLANLink extends Link<'vxlan'> {
  readonly mac: string;
  readonly vni: number;
  readonly port: number;
  /** Where its packets come from. */
  readonly local: string;
  readonly underlay: string;
  readonly learning: boolean;
}

export interface WireGuardLink extends Link<'wireguard'> {
  /** Anything but `kernel` and `userspace` is no such device. */
  readonly engine: string;
  /** False of a device whose process is gone or hangs. */
  readonly answers: boolean;
}

/** For IPv4 in IPv4, to whoever a route names as its next hop. */
export interface IPIPLink extends Link<'ipip'> {
  /** Where its packets come from. */
  readonly local: string;
  /** Of the outer header. */
  readonly ttl: number;
}

export interface SysctlEntry {
  readonly kind: 'sysctl';
  /** Below `/proc/sys/net/`: `ipv4/conf/causeway-vx/rp_filter`. */
  readonly path: string;
  readonly value: string;
}

export interface AddressEntry {
  readonly kind: 'address';
  readonly device: string;
  /** With its prefix length. */
  readonly address: string;
}

/** The chains and rules of our nftables table; the elements of its sets are entries of their own. */
export interface RulesetEntry {
  readonly kind: 'ruleset';
  /** The rules in order, each by its comment, which holds a hash of it. */
  readonly rules: string;
}

/**
 * `peers`: who may send us tunnelled packets. Blocks of other clusters: `tunnelled`, that come by a tunnel; of these
 * `sealed`, that must not come or go in clear; `direct`, that come without a tunnel. `ipip4`: where this node takes
 * IPv4 in IPv4.
 */
export type SetName = `${'peers' | 'tunnelled' | 'direct' | 'sealed'}${4 | 6}` | 'ipip4';

/** Of a set in our nftables table. */
export interface ElementEntry {
  readonly kind: 'element';
  readonly set: SetName;
  /** A block; of `peers` the block of one address. */
  readonly block: string;
}

/** To which node a VXLAN device sends what goes to a hardware address. */
export interface ForwardingEntry {
  readonly kind: 'forwarding';
  readonly device: string;
  readonly mac: string;
  /** As found there may be several, with commas between. */
  readonly destination: string;
}

/** Permanent. */
export interface NeighbourEntry {
  readonly kind: 'neighbour';
  readonly device: string;
  readonly address: string;
  readonly mac: string;
}

/** What a WireGuard device is by itself. Its private key is nowhere but in its file. */
export interface WireGuardEntry {
  readonly kind: 'wireguard';
  readonly device: string;
  readonly publicKey: string;
  readonly port: number;
}

/** Of a WireGuard device. */
export interface PeerEntry {
  readonly kind: 'peer';
  readonly device: string;
  readonly publicKey: string;
  /** Address and port; as found it may be empty. */
  readonly endpoint: string;
  /** Sorted, with commas between. A block can only be one peer's: who gets it takes it from the one that had it. */
  readonly allowedIPs: string;
  /** Seconds. */
  readonly keepalive: number;
}

/** In a table of ours. */
export interface RouteEntry {
  readonly kind: 'route';
  /** Absent: the one that is ours alone, and not the one that the BGP daemon writes into as well. */
  readonly table?: number;
  readonly destination: string;
  readonly type: string;
  readonly protocol: number;
  /** As the kernel counts it: 0 is IPv4's default, 1024 IPv6's. */
  readonly metric: number;
  readonly device?: string;
  readonly via?: string;
  readonly onlink?: boolean;
  readonly source?: string;
  readonly mtu?: number;
}

/** Leads to a table of ours. */
export interface RuleEntry {
  readonly kind: 'rule';
  /** As of a route. */
  readonly table?: number;
  readonly family: AddressFamily;
  readonly preference: number;
  /** What restricts it, as found; ours is for all packets. */
  readonly selector: string;
}

/** By what the kernel tells it apart from others: putting one with the same key replaces it. */
export function keyOf(entry: Entry): string {
  switch (entry.kind) {
    case 'link':
      return `link ${entry.name}`;
    case 'sysctl':
      return `sysctl ${entry.path}`;
    case 'address':
      return `address ${entry.device} ${entry.address}`;
    case 'ruleset':
      return 'ruleset';
    case 'element':
      return `element ${entry.set} ${entry.block}`;
    case 'forwarding':
      return `forwarding ${entry.device} ${entry.mac}`;
    case 'neighbour':
      return `neighbour ${entry.device} ${entry.address}`;
    case 'wireguard':
      return `wireguard ${entry.device}`;
    case 'peer':
      return `peer ${entry.device} ${entry.publicKey}`;
    case 'route':
      return `route ${entry.destination} ${entry.metric}${tableOf(entry)}`;
    case 'rule':
      return `rule ${entry.family} ${entry.preference} ${entry.selector}${tableOf(entry)}`;
  }
}

function tableOf({ table }: RouteEntry | RuleEntry): string {
  return table === undefined ? '' : ` table ${table}`;
}

/** Entries by their keys. */
export type KernelState = ReadonlyMap<string, Entry>;

export function stateOf(entries: Iterable<Entry>): KernelState {
  return new Map(Array.from(entries, entry => [keyOf(entry), entry]));
}

/** Whether nothing has to be done to make one the other. Absent and false or undefined say the same. */
export function sameEntry(one: Entry, other: Entry): boolean {
  if (one === other) return true;
  const left = one as unknown as Readonly<Record<string, unknown>>;
  const right = other as unknown as Readonly<Record<string, unknown>>;
  for (const field in left) if ((left[field] || undefined) !== (right[field] || undefined)) return false;
  for (const field in right) if (!(field in left) && right[field]) return false;
  return true;
}

/** The device without which the entry cannot be. */
export function deviceOf(entry: Entry): string | undefined {
  if (entry.kind === 'sysctl') return /^ipv[46]\/conf\/([^/]+)\//.exec(entry.path)?.[1];
  return 'device' in entry ? entry.device : undefined;
}
