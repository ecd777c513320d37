import { parseAddress } from '../base/ip.ts';
import { listOf, number, text } from './json.ts';

/** What has to be known of the host besides what bears our marks. Addresses are canonical. */
export interface Host {
  readonly devices: readonly Device[];
  /** Next hops of its default routes. */
  readonly gateways: readonly string[];
  readonly nameServers: readonly string[];
}

export interface Device {
  readonly name: string;
  /** Octets. */
  readonly mtu: number;
  /** Link-local ones are left out: they lead nowhere. */
  readonly addresses: readonly string[];
}

/** What `ip -N -j address show` says. */
export function readDevices(json: unknown): Device[] {
  return listOf(json).map(link => ({
    name: text(link['ifname']),
    mtu: number(link['mtu']),
    addresses: listOf(link['addr_info'])
      .map(({ local }) => parseAddress(text(local)))
      .filter(address => address !== undefined && !/^(169\.254\.|fe80:)/.test(address)) as string[],
  }));
}

/** What `ip -N -j route show default` says of one family. */
export function readGateways(json: unknown): string[] {
  const routes = listOf(json).filter(({ dst }) => dst === 'default');
  const hops = [...routes, ...routes.flatMap(({ nexthops }) => listOf(nexthops))];
  return hops.flatMap(({ gateway, via }) => parseAddress(text(gateway ?? Object(via).host)) ?? []);
}

/** What `/etc/resolv.conf` says (resolv.conf(5)). A name server on the host itself is nobody else's to take. */
export function readNameServers(file: string): string[] {
  return file.split('\n').flatMap(line => {
    const address = parseAddress(/^nameserver\s+([^\s%]+)/.exec(line)?.[1] ?? '');
    return address === undefined || /^(127\.|::1$)/.test(address) ? [] : address;
  });
}
