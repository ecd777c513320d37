import { type AddressFamily, addressText } from '../../base/ip.ts';
import type { ForwardingEntry, NeighbourEntry, RouteEntry } from '../entry.ts';
import { listRequest } from './bundle.ts';
import { bodiesIn, eachAttribute, type Request, viewOf } from './message.ts';

/** Routes and neighbours as the kernel tells of them (rtnetlink(7)). */

const RTM_NEWROUTE = 24;
const RTM_GETROUTE = 26;
const RTM_NEWNEIGH = 28;
const RTM_GETNEIGH = 30;

const AF_BRIDGE = 7;
const FAMILIES = { IPv4: 2, IPv6: 10 } as const;

/** Octets of `struct rtmsg` and of `struct ndmsg`. */
const BODY = 12;

/** `RTA_...` of linux/rtnetlink.h. */
const ROUTE = {
  destination: 1,
  device: 4,
  gateway: 5,
  priority: 6,
  source: 7,
  metrics: 8,
  multipath: 9,
  table: 15,
  via: 18,
} as const;
const RTAX_MTU = 2;
const RTNH_F_ONLINK = 4;

/** `NDA_...` of linux/neighbour.h. */
const NEIGHBOUR = { destination: 1, mac: 2, times: 3, device: 8 } as const;
const NUD_PERMANENT = 0x80;

const TYPES: Readonly<Record<number, string>> = {
  1: 'unicast',
  6: 'blackhole',
  7: 'unreachable',
  8: 'prohibit',
  9: 'throw',
};

export function routesRequest(family: AddressFamily, table: number): Request {
  return listRequest('route', RTM_GETROUTE, BODY, (writer, body) => {
    writer.uint8(body, FAMILIES[family]);
    writer.number(ROUTE.table, table);
  });
}

/**
 * One by one: of tens of thousands nearly all are let go again, because they are known.
 *
 * @param devices names by their numbers
 * @param table as in the entries
 */
export function* readRoutes(
  octets: Uint8Array,
  family: AddressFamily,
  devices: ReadonlyMap<number, string>,
  table?: number,
): Iterable<RouteEntry> {
  const view = viewOf(octets);
  for (const { start, end } of bodiesIn(view, RTM_NEWROUTE))
    if (view.getUint8(start) === FAMILIES[family]) yield readRoute(view, start, end, family, devices, table);
}

function readRoute(
  view: DataView,
  start: number,
  end: number,
  family: AddressFamily,
  devices: ReadonlyMap<number, string>,
  table: number | undefined,
): RouteEntry {
  const type = TYPES[view.getUint8(start + 7)] ?? `${view.getUint8(start + 7)}`;
  const { address, index, via, metric, source, mtu } = partsOfRoute(view, start + BODY, end);
  // The kernel puts an IPv6 route that leads nowhere on the loopback device.
  const device = type === 'unicast' && index !== undefined ? (devices.get(index) ?? `${index}`) : undefined;
  return {
    kind: 'route',
    ...(table === undefined ? {} : { table }),
    destination: `${address ?? (family === 'IPv4' ? '0.0.0.0' : '::')}/${view.getUint8(start + 1)}`,
    type,
    protocol: view.getUint8(start + 5),
    metric: metric ?? 0,
    ...(device === undefined ? {} : { device }),
    ...(via === undefined ? {} : { via }),
    ...((view.getUint32(start + 8, true) & RTNH_F_ONLINK) !== 0 ? { onlink: true } : {}),
    ...(source === undefined ? {} : { source }),
    ...(mtu === undefined ? {} : { mtu }),
  };
}

function partsOfRoute(view: DataView, start: number, end: number) {
  let [metric, index, mtu]: (number | undefined)[] = [];
  let [address, via, source]: (string | undefined)[] = [];
  eachAttribute(view, start, end, (kind, from, to) => {
    if (kind === ROUTE.destination) address = addressAt(view, from, to);
    else if (kind === ROUTE.device) index = view.getUint32(from, true);
    else if (kind === ROUTE.gateway) via = addressAt(view, from, to);
    // Of another family: two octets say which.
    else if (kind === ROUTE.via) via = addressAt(view, from + 2, to);
    else if (kind === ROUTE.multipath) via = 'several';
    else if (kind === ROUTE.priority) metric = view.getUint32(from, true);
    else if (kind === ROUTE.source) source = addressAt(view, from, to);
    else if (kind === ROUTE.metrics) mtu = mtuIn(view, from, to);
  });
  return { address, index, via, metric, source, mtu };
}

function mtuIn(view: DataView, start: number, end: number): number | undefined {
  let mtu: number | undefined;
  eachAttribute(view, start, end, (kind, from) => {
    if (kind === RTAX_MTU) mtu = view.getUint32(from, true);
  });
  return mtu;
}

/** `proto` of the BGP daemon's routes. They are its own to put and to take away. */
const BIRD = 12;

/** What is not the BGP daemon's own in the table that it writes into. */
export function* readBGPRoutes(
  octets: Uint8Array,
  family: AddressFamily,
  devices: ReadonlyMap<number, string>,
  table: number,
): Iterable<RouteEntry> {
  for (const route of readRoutes(octets, family, devices, table)) if (route.protocol !== BIRD) yield route;
}

/** @param index of the device */
export function neighboursRequest(index: number): Request {
  return listRequest('route', RTM_GETNEIGH, BODY, writer => writer.number(NEIGHBOUR.device, index));
}

/** Those that somebody put there. What the kernel learnt itself comes and goes by itself. */
export function* readNeighbours(octets: Uint8Array, device: string): Iterable<NeighbourEntry> {
  for (const { state, address, mac } of neighboursIn(octets))
    if ((state & NUD_PERMANENT) !== 0 && address !== undefined)
      yield { kind: 'neighbour', device, address, mac };
}

/** @param index of the device */
export function forwardingRequest(index: number): Request {
  return listRequest('route', RTM_GETNEIGH, BODY, (writer, body) => {
    writer.uint8(body, AF_BRIDGE);
    writer.uint32(body + 4, index);
  });
}

export function readForwarding(octets: Uint8Array, device: string): ForwardingEntry[] {
  const destinations = new Map<string, string>();
  for (const { address, mac } of neighboursIn(octets)) {
    if (address === undefined) continue;
    const known = destinations.get(mac);
    destinations.set(mac, known === undefined ? address : `${known},${address}`);
  }
  return Array.from(destinations, ([mac, destination]) => ({ kind: 'forwarding', device, mac, destination }));
}

interface Neighbour {
  readonly state: number;
  readonly address: string | undefined;
  readonly mac: string;
}

function* neighboursIn(octets: Uint8Array): Iterable<Neighbour> {
  const view = viewOf(octets);
  let address: string | undefined;
  let mac = '';
  const read = (kind: number, from: number, to: number): void => {
    if (kind === NEIGHBOUR.destination) address = addressAt(view, from, to);
    else if (kind === NEIGHBOUR.mac) mac = macAt(view, from, to);
  };
  for (const { start, end } of bodiesIn(view, RTM_NEWNEIGH)) {
    address = undefined;
    mac = '';
    eachAttribute(view, start + BODY, end, read);
    yield { state: view.getUint16(start + 8, true), address, mac };
  }
}

/** Takes out how long ago a neighbour was used: that changes while nothing is done to it. */
export function blankTimes(octets: Uint8Array): void {
  const view = viewOf(octets);
  const blank = (kind: number, from: number, to: number): void => {
    if (kind === NEIGHBOUR.times) octets.fill(0, from, to);
  };
  for (const { start, end } of bodiesIn(view, RTM_NEWNEIGH)) eachAttribute(view, start + BODY, end, blank);
}

function addressAt(view: DataView, start: number, end: number): string {
  return addressText(new Uint8Array(view.buffer, view.byteOffset + start, end - start));
}

function macAt(view: DataView, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += (at === start ? HEX : FURTHER_HEX)[view.getUint8(at)];
  return text;
}

const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));
const FURTHER_HEX = HEX.map(text => `:${text}`);

/** For those who write what is read here. */
export const RTNETLINK = {
  ...{ RTM_NEWROUTE, RTM_GETROUTE, RTM_NEWNEIGH, RTM_GETNEIGH, AF_BRIDGE, FAMILIES, BODY },
  ...{ ROUTE, RTAX_MTU, RTNH_F_ONLINK, NEIGHBOUR, NUD_PERMANENT, TYPES },
} as const;
