import { parseCidr } from '../../../src/base/ip.ts';
import { type FakeNetwork, type Family, familyOf, Refused, type Route } from './fake-network.ts';

/** Carries out one line of `ip -batch` or `bridge -batch`; throws what the kernel would answer. */
export function takeLine(network: FakeNetwork, line: string): void {
  const words = line.trim().split(/\s+/);
  const family: Family | undefined =
    words[0] === '-4' || words[0] === '-6' ? (words.shift() as Family) : undefined;
  const [object = '', verb = '', ...rest] = words;
  const handler = HANDLERS[object];
  if (handler === undefined) throw new Refused(`Object "${object}" is unknown, try "ip help".`);
  handler(network, verb, rest, family);
}

type Handler = (network: FakeNetwork, verb: string, words: string[], family: Family | undefined) => void;

const HANDLERS: Readonly<Record<string, Handler>> = {
  link(network, verb, words) {
    const [name = ''] = words;
    const options = optionsOf(words.slice(1));
    if (verb === 'del') return network.deleteDevice(name);
    if (verb === 'set') {
      const device = network.device(name);
      if (options['mtu'] !== undefined) device.mtu = Number(options['mtu']);
      if (words.includes('up')) network.setUp(name, true);
      if (words.includes('down')) network.setUp(name, false);
      return;
    }
    if (verb === 'show') {
      network.device(name);
      return;
    }
    if (options['type'] === 'wireguard') throw new Refused('Error: Unknown device type.');
    network.addDevice({
      name,
      type: options['type'] ?? '',
      mac: options['address'] ?? '02:00:00:00:00:01',
      mtu: 1500,
      up: false,
      info: {
        id: Number(options['id']),
        local: options['local'],
        link: options['dev'],
        port: Number(options['dstport']),
        ttl: Number(options['ttl']),
        learning: !words.includes('nolearning'),
      },
      addresses: [],
    });
  },
  addr(network, verb, [address = '', ...rest]) {
    const { dev = '' } = optionsOf(rest);
    if (verb === 'del') network.deleteAddress(dev, address);
    else network.addAddress(dev, address);
  },
  neigh(network, verb, [dst = '', ...rest]) {
    const { dev = '', lladdr = '', nud } = optionsOf(rest);
    if (verb === 'del') network.deleteNeighbour(dev, dst);
    else network.replaceNeighbour({ dev, dst, mac: lladdr, permanent: nud === 'permanent' });
  },
  route(network, verb, words, family) {
    if (verb === 'flush') return network.flush(family ?? '-4', optionsOf(words));
    const route = routeOf(words);
    if (verb === 'del') network.deleteRoute(route);
    else network.replaceRoute(route);
  },
  rule(network, verb, words, family = '-4') {
    const { pref, lookup } = optionsOf(words);
    const rule = { family, pref: Number(pref), table: Number(lookup) };
    if (verb === 'del') network.deleteRule(rule);
    else network.addRule(rule);
  },
  fdb(network, verb, [mac = '', ...rest]) {
    const { dev = '', dst = '' } = optionsOf(rest);
    if (verb === 'del') network.deleteForwarding(dev, mac);
    else if (verb === 'append') network.appendForwarding({ dev, mac, dst });
    else network.replaceForwarding({ dev, mac, dst });
  },
};

/** With the numbers that `ip -N` prints. */
const TYPES: Readonly<Record<string, string>> = {
  unicast: '1',
  throw: '9',
  unreachable: '7',
  blackhole: '6',
};

function routeOf(words: readonly string[]): Route {
  const type = Object.keys(TYPES).find(one => one === words[0]);
  const [dst = '', ...rest] = type === undefined ? words : words.slice(1);
  const family = familyOf(dst);
  const { table, metric, via, inet6, dev, src, proto, mtu } = optionsOf(rest);
  const nextHop = via === 'inet6' ? inet6 : via;
  return {
    family,
    table: Number(table ?? 254),
    dst,
    metric: Number(metric ?? 0) || (family === '-6' ? 1024 : 0),
    type: type ?? 'unicast',
    protocol: proto ?? '3',
    ...(dev === undefined ? {} : { dev }),
    ...(nextHop === undefined ? {} : { via: nextHop }),
    ...(rest.includes('onlink') ? { onlink: true } : {}),
    ...(src === undefined ? {} : { source: src }),
    ...(mtu === undefined ? {} : { mtu: Number(mtu) }),
  };
}

/** Each word with the one after it: an option with its value, where the option is asked for. */
function optionsOf(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.slice(0, -1).map((word, index) => [word, words[index + 1] ?? '']));
}

/** What `ip -o route get` prints: whether an address is on the link of a device, or a router stands before it. */
export function wayTo({ devices }: FakeNetwork, address: string): string {
  const from = familyOf(address) === '-6' ? ' from ::' : '';
  for (const { name, addresses } of devices.values()) {
    if (addresses.some(one => parseCidr(one)?.contains(address)))
      return `${address}${from} dev ${name} src x uid 0`;
  }
  return `${address}${from} via 172.31.1.1 dev eth0 src x uid 0`;
}

/** What `ip -N -d -j` prints. @param words of its command line, without options */
export function listed(network: FakeNetwork, family: Family | undefined, words: readonly string[]): unknown {
  const [object = ''] = words;
  if (object === 'link') {
    const { type } = optionsOf(words);
    return Array.from(network.devices.values())
      .filter(one => one.type === type)
      .map(listedDevice);
  }
  if (object === 'address') return Array.from(network.devices.values(), listedDevice);
  if (object === 'neighbour') {
    return network.neighbours
      .filter(({ permanent }) => permanent)
      .map(({ dst, dev, mac }) => ({ dst, dev, lladdr: mac, state: ['PERMANENT'] }));
  }
  if (object === 'fdb') {
    return network.forwarding.map(({ mac, dev, dst }) => ({
      mac,
      ifname: dev,
      dst,
      flags: ['self'],
      state: 'permanent',
    }));
  }
  if (object === 'rule') {
    return network.rules
      .filter(rule => rule.family === family)
      .map(({ pref, table }) => ({ priority: pref, src: 'all', table: `${table}`, protocol: '2' }));
  }
  const { table, proto } = optionsOf(words);
  const routes = network.routes
    .filter(one => one.family === family && one.table === Number(table))
    .filter(({ protocol }) => proto === undefined || protocol === proto);
  if (routes.length === 0) throw new Refused('Error: ipv4: FIB table does not exist.\nDump terminated');
  return routes.map(listedRoute);
}

function listedDevice(device: ReturnType<FakeNetwork['device']>): unknown {
  return {
    ifindex: device.index,
    ifname: device.name,
    flags: ['BROADCAST', 'MULTICAST', ...(device.up ? ['UP', 'LOWER_UP'] : [])],
    mtu: device.mtu,
    address: device.mac,
    linkinfo: { info_kind: device.type, info_data: device.info },
    addr_info: device.addresses.map(address => {
      const [local, prefixlen] = address.split('/');
      return { local, prefixlen: Number(prefixlen) };
    }),
  };
}

function listedRoute(route: Route): unknown {
  const { type, dst, protocol, metric, dev, via, source, onlink, mtu } = route;
  const host = dst.endsWith(route.family === '-4' ? '/32' : '/128');
  const otherFamily = via !== undefined && familyOf(via) !== route.family;
  return {
    type: TYPES[type],
    dst: host ? dst.split('/')[0] : dst,
    ...(via === undefined ? {} : otherFamily ? { via: { family: 'inet6', host: via } } : { gateway: via }),
    ...(dev === undefined ? {} : { dev }),
    protocol,
    ...(source === undefined ? {} : { prefsrc: source }),
    ...(metric === 0 ? {} : { metric }),
    flags: onlink ? ['onlink'] : [],
    ...(mtu === undefined ? {} : { metrics: [{ mtu }] }),
  };
}
