import { type Block, hostText, parseBlock } from '../base/block.ts';
import { type AddressFamily, addressNumber, familyOf, parseAddress } from '../base/ip.ts';
import type { NodeObject } from '../objects/node.ts';
import { show } from '../objects/problem.ts';
import type { Device, Host } from './host.ts';
import { guardedBy } from './inputs.ts';
import type { GuardedRange, LocalNode } from './model.ts';

const RESERVE = 'reserve one that no pod gets, and name it by --source-address';

/** What an operator says of a node because it cannot be found out. */
export interface Overrides {
  readonly underlayDevice?: string | undefined;
  /** Octets. */
  readonly underlayMTU?: number | undefined;
  /** One of a family at most counts. */
  readonly underlayAddresses: readonly string[];
  readonly sourceAddresses: readonly string[];
}

export interface LocalFacts {
  /** The id of this cluster. */
  readonly cluster: string;
  readonly node: NodeObject;
  /** Of this cluster, this one among them. */
  readonly nodes: Iterable<NodeObject>;
  /** Blocks that cluster IPs come from. */
  readonly services: readonly string[];
  /** Addresses of the cluster's API servers; canonical. */
  readonly apiServers: readonly string[];
  readonly host: Host;
  readonly overrides: Overrides;
  /** Devices that the agent makes itself. */
  readonly ownDevices: ReadonlySet<string>;
}

/** The node that the agent runs on, or what is missing to know it. */
export function localNodeOf(facts: LocalFacts): Omit<LocalNode, 'onLink'> | string {
  const { cluster, node, nodes, services, apiServers, host, overrides, ownDevices } = facts;
  if (node.uid === undefined) return `Node ${node.name} has no uid`;
  const blocks = node.podCIDRs.map(parseBlock).filter(block => block !== undefined);
  if (blocks.length === 0)
    return `Node ${node.name} has no spec.podCIDRs: the controller manager has to give it some, or, where the network plugin has blocks of its own, an operator in the annotation causeway.dev/pod-cidrs`;
  const { ours = [], devices = [] } = Object.groupBy(host.devices, ({ name }) =>
    ownDevices.has(name) ? 'ours' : 'devices',
  );
  const underlay = underlayOf(node, devices, overrides);
  if (typeof underlay === 'string') return underlay;
  const astray = overrides.sourceAddresses.find(address => !blocks.some(block => holds(block, address)));
  if (astray !== undefined)
    return `--source-address ${astray} is in no pod CIDR of Node ${node.name} (${node.podCIDRs.join(', ')}), so nothing would find back to it`;
  const found = sourcesOf(blocks, devices, overrides.sourceAddresses, node.arePodCIDRsTold !== true);
  const source = sourcesOf(blocks, ours, Object.values(found), false);
  const kept = Object.values(source).filter(address => !Object.values(found).includes(address));
  const { podCIDRs = [], sourceless } = Object.groupBy(blocks, ({ family }) =>
    source[family] === undefined ? 'sourceless' : 'podCIDRs',
  );
  if (sourceless !== undefined && podCIDRs.length === 0) return sourcelessText(sourceless.map(textOf));
  return {
    cluster,
    uid: node.uid,
    underlay,
    podCIDRs: podCIDRs.map(textOf),
    ...(sourceless === undefined ? {} : { sourceless: sourceless.map(textOf) }),
    source,
    ...(kept.length === 0 ? {} : { kept }),
    guarded: [...guardedBy(nodes, services, apiServers), ...guardedOfHost(host)],
  };
}

/** The device that has the node's own address; loopback is no way to another host, whatever addresses are on it. */
function underlayOf(
  { name, addresses: internal }: NodeObject,
  devices: readonly Device[],
  { underlayDevice, underlayAddresses, underlayMTU }: Overrides,
): LocalNode['underlay'] | string {
  const wanted = underlayAddresses.length > 0 ? underlayAddresses : internal;
  const canonical = wanted.map(parseAddress).filter(address => address !== undefined);
  const device =
    underlayDevice === undefined
      ? firstWith(canonical, devices)
      : devices.find(one => one.name === underlayDevice);
  if (device === undefined && underlayDevice !== undefined)
    return `this host has no device ${underlayDevice}, which --underlay-device names`;
  if (device === undefined)
    return `no device of this host (lo apart) has ${listed(wanted)}; name one by --underlay-device or --underlay-address`;
  const there = new Set(
    (underlayAddresses.length > 0 ? devices : [device]).flatMap(({ addresses }) => addresses),
  );
  const found = canonical.filter(address => there.has(address));
  const chosen = found.length === 0 && underlayAddresses.length === 0 ? device.addresses : found;
  const families = byFamily(chosen);
  if (families.IPv4 === undefined && families.IPv6 === undefined)
    return `Node ${name} cannot be reached at ${device.name}: it has none of the addresses ${listed(wanted)}`;
  return { ...families, mtu: Math.min(device.mtu, underlayMTU ?? device.mtu), device: device.name };
}

function firstWith(addresses: readonly string[], devices: readonly Device[]): Device | undefined {
  const candidates = devices.filter(({ name }) => name !== 'lo');
  for (const address of addresses) {
    const device = candidates.find(one => one.addresses.includes(address));
    if (device !== undefined) return device;
  }
  return undefined;
}

function listed(addresses: readonly string[]): string {
  return addresses.length === 0
    ? 'an InternalIP of the Node, which has none'
    : addresses.map(show).join(', ');
}

/** The first of each family. */
function byFamily(addresses: readonly string[]): Partial<Record<AddressFamily, string>> {
  const found: Partial<Record<AddressFamily, string>> = {};
  for (const address of addresses) found[familyOf(address)] ??= address;
  return found;
}

/**
 * What is sent to pods of other clusters has to come from inside the pod CIDRs, for that is where the way back leads.
 * Network plugins give the node such an address; where there are several the lowest is the one that stays whatever pods
 * come and go. Where there is none, the first of the block is free: plugins that hand out the addresses of a node's
 * block leave it out. Those with blocks of their own may not.
 *
 * Our own devices bear what was found before. That goes on where the plugin takes its address away: it may be about to
 * give another one, and to believe it at once would cut off a whole family.
 *
 * @param chosen goes before what the devices have
 */
function sourcesOf(
  blocks: readonly Block[],
  devices: readonly Device[],
  chosen: readonly string[],
  isFirstFree: boolean,
): LocalNode['source'] {
  const addresses = devices.flatMap(device => device.addresses);
  const found = byFamily(chosen);
  for (const block of blocks) {
    const source = lowestIn(block, addresses) ?? (isFirstFree ? baseOf(block) : undefined);
    if (source !== undefined) found[block.family] ??= source;
  }
  const { IPv4, IPv6 } = found;
  // In one order, however they were found: what is published is not to change by that.
  return { ...(IPv4 === undefined ? {} : { IPv4 }), ...(IPv6 === undefined ? {} : { IPv6 }) };
}

/** What an operator said and what does not come about, as lines. */
export function notesOn(
  { underlay, sourceless, kept }: Pick<LocalNode, 'underlay' | 'sourceless' | 'kept'>,
  { underlayMTU = 0 }: Overrides,
): string[] {
  const { device, mtu } = underlay;
  return [
    ...(underlayMTU <= mtu
      ? []
      : [`--underlay-mtu ${underlayMTU} is more than ${device} takes, which is ${mtu}: that holds`]),
    ...(kept === undefined ? [] : [keptText(kept)]),
    ...(sourceless === undefined
      ? []
      : [
          `${sourcelessText(sourceless)}; until then pods in there and those of other clusters do not reach each other`,
        ]),
  ];
}

function sourcelessText(blocks: readonly string[]): string {
  return `this host has no address in ${blocks.join(', ')}, which its Node has by the annotation causeway.dev/pod-cidrs: ${RESERVE}`;
}

function keptText(addresses: readonly string[]): string {
  return `this host has lost ${addresses.join(', ')}, which only devices of causeway still have, and has no other address of the family in the blocks of the annotation causeway.dev/pod-cidrs: it goes on sending from there until it gets one, but a pod may get the same; ${RESERVE}`;
}

function textOf({ text }: Block): string {
  return text;
}

function holds({ first, last }: Block, address: string): boolean {
  const number = addressNumber(address);
  return first <= number && number <= last;
}

function lowestIn({ first, last }: Block, addresses: readonly string[]): string | undefined {
  const inside = addresses
    .map(address => ({ address, number: addressNumber(address) }))
    .filter(({ number }) => first <= number && number <= last);
  return inside.sort((one, other) => (one.number < other.number ? -1 : 1))[0]?.address;
}

function baseOf({ text }: Block): string {
  return text.slice(0, text.indexOf('/'));
}

/** Without these the node is cut off from everything. */
function guardedOfHost({ gateways, nameServers }: Host): GuardedRange[] {
  const range = (what: string) => (address: string) => ({ cidr: hostText(address), what, shared: true });
  return [
    ...gateways.map(range('a gateway of this node')),
    ...nameServers.map(range('a name server of this node')),
  ];
}
