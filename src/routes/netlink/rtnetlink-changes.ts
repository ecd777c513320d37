import { addressBytes } from '../../base/ip.ts';
import type { Operation } from '../diff.ts';
import type { ForwardingEntry, NeighbourEntry, RouteEntry } from '../entry.ts';
import type { Marks } from '../model.ts';
import { type BundleWriter, CHANGE } from './bundle.ts';
import { RTNETLINK } from './rtnetlink.ts';

/** Changes of routes and neighbours as the kernel is told them (rtnetlink(7)), the counterpart of `rtnetlink.ts`. */

const { ROUTE, RTAX_MTU, RTNH_F_ONLINK, NEIGHBOUR, NUD_PERMANENT, TYPES, FAMILIES, AF_BRIDGE, BODY } =
  RTNETLINK;
const ROUTES = { put: RTNETLINK.RTM_NEWROUTE, delete: 25 } as const;
const NEIGHBOURS = { put: RTNETLINK.RTM_NEWNEIGH, delete: 29 } as const;
const FLAGS = { put: CHANGE.replace, delete: CHANGE.request } as const;

/** How far away an IPv4 route leads: to a router, to who is on the link, or, of one that is to go, to whoever. */
const SCOPE = { universe: 0, link: 253, any: 255 } as const;
/** The device's own table, and not that of a bridge that it is in. */
const NTF_SELF = 2;

const NUMBERS = new Map(Object.entries(TYPES).map(([number, name]) => [name, Number(number)]));

type Verb = Operation['verb'];

/**
 * The last look at what becomes octets: what was found in the kernel may be text for what is no single address
 * (`entry.ts`), and it is put back where a device is made anew. A message that is begun cannot be taken back.
 */
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})$/;
const HARDWARE_ADDRESS = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;

function check(what: string, text: string | undefined, isGood: RegExp): void {
  if (text !== undefined && !isGood.test(text)) throw new Error(`no ${what}: ${JSON.stringify(text)}`);
}

/** @param device the number of the route's */
export function writeRoute(
  writer: BundleWriter,
  verb: Verb,
  route: RouteEntry,
  { table: own }: Marks,
  device?: number,
): void {
  const { destination, metric, table = own } = route;
  const slash = destination.indexOf('/');
  const type = NUMBERS.get(route.type);
  check('address', destination.slice(0, slash), ADDRESS);
  if (verb === 'put') {
    check('address', route.via, ADDRESS);
    check('address', route.source, ADDRESS);
    if (type === undefined) throw new Error(`no type of a route: ${JSON.stringify(route.type)}`);
  }
  const body = writer.begin(ROUTES[verb], FLAGS[verb], BODY);
  writer.uint8(body, familyOf(destination));
  writer.uint8(body + 1, Number(destination.slice(slash + 1)));
  writer.uint8(body + 6, scopeOf(verb, route));
  writer.address(ROUTE.destination, destination.slice(0, slash));
  writer.number(ROUTE.table, table);
  writer.number(ROUTE.priority, metric);
  if (verb === 'put') {
    writer.uint8(body + 7, type ?? 0);
    writeWay(writer, body, route, device);
  }
  writer.end();
}

function writeWay(
  writer: BundleWriter,
  body: number,
  { destination, protocol, via, onlink, source, mtu }: RouteEntry,
  device: number | undefined,
): void {
  writer.uint8(body + 5, protocol);
  writer.uint32(body + 8, onlink ? RTNH_F_ONLINK : 0);
  if (device !== undefined) writer.number(ROUTE.device, device);
  if (via !== undefined) writeNextHop(writer, via, destination);
  if (source !== undefined) writer.address(ROUTE.source, source);
  if (mtu === undefined) return;
  const metrics = writer.open(ROUTE.metrics);
  writer.number(RTAX_MTU, mtu);
  writer.close(metrics);
}

function scopeOf(verb: Verb, { destination, type, via }: RouteEntry): number {
  if (destination.includes(':')) return SCOPE.universe;
  if (verb === 'delete') return SCOPE.any;
  return type === 'unicast' && via === undefined ? SCOPE.link : SCOPE.universe;
}

/** An IPv4 packet may be handed to a neighbour that is known by an IPv6 address only. */
function writeNextHop(writer: BundleWriter, via: string, destination: string): void {
  const theirs = familyOf(via);
  if (theirs === familyOf(destination)) writer.address(ROUTE.gateway, via);
  else writer.bytes(ROUTE.via, Uint8Array.of(theirs, 0, ...addressBytes(via)));
}

/** @param device its number */
export function writeNeighbour(
  writer: BundleWriter,
  verb: Verb,
  { address, mac }: NeighbourEntry,
  device: number,
): void {
  check('address', address, ADDRESS);
  check('hardware address', mac, HARDWARE_ADDRESS);
  beginNeighbour(writer, verb, familyOf(address), device);
  writer.address(NEIGHBOUR.destination, address);
  if (verb === 'put') writer.hardwareAddress(NEIGHBOUR.mac, mac);
  writer.end();
}

/** Deleted is whatever the hardware address is sent to. @param device its number */
export function writeForwarding(
  writer: BundleWriter,
  verb: Verb,
  { mac, destination }: ForwardingEntry,
  device: number,
): void {
  check('hardware address', mac, HARDWARE_ADDRESS);
  if (verb === 'put') check('address', destination, ADDRESS);
  const body = beginNeighbour(writer, verb, AF_BRIDGE, device);
  writer.uint8(body + 10, NTF_SELF);
  writer.hardwareAddress(NEIGHBOUR.mac, mac);
  if (verb === 'put') writer.address(NEIGHBOUR.destination, destination);
  writer.end();
}

function beginNeighbour(writer: BundleWriter, verb: Verb, family: number, device: number): number {
  const body = writer.begin(NEIGHBOURS[verb], FLAGS[verb], BODY);
  writer.uint8(body, family);
  writer.uint32(body + 4, device);
  writer.uint8(body + 8, NUD_PERMANENT);
  return body;
}

function familyOf(address: string): number {
  return address.includes(':') ? FAMILIES.IPv6 : FAMILIES.IPv4;
}
