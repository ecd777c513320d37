import { hostText } from '../base/block.ts';
import { type AddressFamily, parseAddress } from '../base/ip.ts';
import type { Entry, LinkEntry, RouteEntry } from './entry.ts';
import { type Json, listOf, listOfText, mapping, number, text } from './json.ts';
import { devicesOf, readLink } from './links.ts';
import type { Marks } from './model.ts';

/** What `ip -N -d -j address show` says of our devices. */
export function readLinks(json: unknown, marks: Marks): LinkEntry[] {
  return ourDevices(json, marks).map(({ link, type }) => readLink(type, link));
}

/** What the same says of their addresses. Link-local ones are the kernel's own. */
export function readAddresses(json: unknown, marks: Marks): Entry[] {
  return ourDevices(json, marks).flatMap(({ link }) =>
    listOf(link['addr_info'])
      .filter(({ local }) => typeof local === 'string' && !local.startsWith('fe80:'))
      .map(({ local, prefixlen }) => ({
        kind: 'address',
        device: text(link['ifname']),
        address: `${parseAddress(text(local))}/${number(prefixlen)}`,
      })),
  );
}

function ourDevices(
  json: unknown,
  marks: Marks,
): { readonly link: Json; readonly type: LinkEntry['type'] }[] {
  const ours = devicesOf(marks);
  return listOf(json).flatMap(link => {
    const type = ours.get(text(link['ifname']));
    return type === undefined ? [] : { link, type };
  });
}

/**
 * What `ip -N -d -j route show table ...` says of one family.
 * @param table as in the entries
 */
export function readRoutes(json: unknown, family: AddressFamily, table?: number): Entry[] {
  return listOf(json).map(route => ({
    ...readRoute(route, family),
    ...(table === undefined ? {} : { table }),
  }));
}

/** `proto` of the BGP daemon's routes. They are its own to put and to take away. */
const BIRD = 12;

/** What the same says of the table that the BGP daemon writes into: what is not its own there. */
export function readBGPRoutes(json: unknown, family: AddressFamily, { bgp }: Marks): Entry[] {
  const others = listOf(json).filter(({ protocol }) => Number(protocol) !== BIRD);
  return readRoutes(others, family, bgp.table);
}

/** `ip -N` prints protocols by their numbers whatever names a host has for them, and the types of routes as well. */
const ROUTE_TYPES: Readonly<Record<string, string>> = {
  '1': 'unicast',
  '6': 'blackhole',
  '7': 'unreachable',
  '8': 'prohibit',
  '9': 'throw',
};

function readRoute(route: Json, family: AddressFamily): RouteEntry {
  const printed = text(route['type']);
  const type = ROUTE_TYPES[printed] ?? printed;
  const nextHops = route['nexthops'] === undefined ? '' : JSON.stringify(route['nexthops']);
  const via = text(route['gateway'] ?? mapping(route['via'])['host'] ?? nextHops);
  const mtu = listOf(route['metrics']).find(metric => 'mtu' in metric)?.['mtu'];
  const source = route['prefsrc'];
  // The kernel puts an IPv6 route that leads nowhere on the loopback device.
  const device = type === 'unicast' ? text(route['dev']) : '';
  return {
    kind: 'route',
    destination: destinationOf(text(route['dst']), family),
    type,
    protocol: Number(route['protocol']),
    metric: number(route['metric']),
    ...(device === '' ? {} : { device }),
    ...(via === '' ? {} : { via }),
    ...(listOfText(route['flags']).includes('onlink') ? { onlink: true } : {}),
    ...(source === undefined ? {} : { source: text(source) }),
    ...(mtu === undefined ? {} : { mtu: number(mtu) }),
  };
}

/** `ip` prints the block of one address without its length, and that of all by a name. */
function destinationOf(printed: string, family: AddressFamily): string {
  if (printed === 'default') return family === 'IPv4' ? '0.0.0.0/0' : '::/0';
  const address = parseAddress(printed);
  return address === undefined ? printed : hostText(address);
}

/** What `ip -N -j neighbour show` says. What the kernel learnt itself comes and goes by itself. */
export function readNeighbours(json: unknown, { vxlan }: Marks): Entry[] {
  return listOf(json)
    .filter(({ dev, state }) => dev === vxlan.device && listOfText(state).includes('PERMANENT'))
    .map(({ dst, lladdr }) => ({
      kind: 'neighbour',
      device: vxlan.device,
      address: text(dst),
      mac: text(lladdr),
    }));
}

/** What `bridge -j fdb show` says. */
export function readForwarding(json: unknown, { vxlan }: Marks): Entry[] {
  const destinations = new Map<string, string[]>();
  for (const { mac, dst, ifname } of listOf(json)) {
    if (ifname !== vxlan.device || typeof dst !== 'string') continue;
    const known = destinations.get(text(mac));
    if (known) known.push(dst);
    else destinations.set(text(mac), [dst]);
  }
  return Array.from(destinations, ([mac, all]) => ({
    kind: 'forwarding',
    device: vxlan.device,
    mac,
    destination: all.join(','),
  }));
}

/** What `ip -N -j rule show` says of one family. Rules that lead to other tables are not ours, wherever they stand. */
export function readRules(json: unknown, family: AddressFamily, { table, bgp }: Marks): Entry[] {
  return listOf(json)
    .filter(rule => [table, bgp.table].includes(Number(rule['table'])))
    .map(({ priority, src, table: to, protocol: _protocol, ...selector }) => {
      const restricted = { ...(src === 'all' ? {} : { src }), ...selector };
      return {
        kind: 'rule',
        family,
        preference: number(priority),
        selector: Object.keys(restricted).length === 0 ? '' : JSON.stringify(restricted),
        ...(Number(to) === table ? {} : { table: Number(to) }),
      };
    });
}

/**
 * What `ip -force -o -batch -` answered to lines of `route get ADDRESS`: the addresses that are reached without a
 * router, with the device.
 */
export function readOnLink(printed: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of printed.split('\n')) {
    // Of an IPv6 address it says where from as well.
    const [address = '', word, device = ''] = line.trim().replace(' from :: ', ' ').split(/\s+/);
    if (word === 'dev' && parseAddress(address) === address) found.set(address, device);
  }
  return found;
}
