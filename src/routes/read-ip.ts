import { type AddressFamily, parseAddress } from '../base/ip.ts';
import type { Entry, LinkEntry } from './entry.ts';
import { type Json, listOf, number, text } from './json.ts';
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

/** What the same says of all devices: their names by their numbers. */
export function readIndexes(json: unknown): Map<number, string> {
  return new Map(listOf(json).map(({ ifindex, ifname }) => [number(ifindex), text(ifname)]));
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
