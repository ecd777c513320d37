/** A network namespace as values, with the kernel's habits that an agent has to live with. */
export interface Device {
  readonly name: string;
  /** As others name it by number. */
  readonly index: number;
  readonly type: string;
  mac: string;
  mtu: number;
  up: boolean;
  /** What `ip -d -j` says of a VXLAN device. */
  readonly info: Readonly<Record<string, unknown>>;
  /** With prefix lengths. */
  addresses: string[];
}

export interface Route {
  readonly family: Family;
  readonly table: number;
  readonly dst: string;
  readonly metric: number;
  readonly type: string;
  readonly protocol: string;
  readonly dev?: string;
  readonly via?: string;
  readonly onlink?: boolean;
  source?: string;
  readonly mtu?: number;
}

export type Family = '-4' | '-6';

export interface Neighbour {
  readonly dev: string;
  readonly dst: string;
  readonly mac: string;
  readonly permanent: boolean;
}

export interface Forwarding {
  readonly dev: string;
  readonly mac: string;
  readonly dst: string;
}

export interface Rule {
  readonly family: Family;
  readonly pref: number;
  readonly table: number;
}

export class Refused extends Error {}

export class FakeNetwork {
  readonly devices = new Map<string, Device>();
  readonly sysctls = new Map<string, string>();
  routes: Route[] = [];
  neighbours: Neighbour[] = [];
  forwarding: Forwarding[] = [];
  rules: Rule[] = [];
  #added = 0;

  addDevice(device: Omit<Device, 'index'>): void {
    if (this.devices.has(device.name)) throw new Refused('RTNETLINK answers: File exists');
    this.#added += 1;
    this.devices.set(device.name, { ...device, index: this.#added });
    this.sysctls.set(`ipv4/conf/${device.name}/rp_filter`, '0');
    this.sysctls.set(`ipv6/conf/${device.name}/accept_ra`, '1');
  }

  device(name: string): Device {
    const found = this.devices.get(name);
    if (found === undefined) throw new Refused(`Cannot find device "${name}"`);
    return found;
  }

  deleteDevice(name: string): void {
    this.device(name);
    this.#leaves(name);
    this.devices.delete(name);
    this.forwarding = this.forwarding.filter(({ dev }) => dev !== name);
    for (const path of this.sysctls.keys()) if (path.includes(`/${name}/`)) this.sysctls.delete(path);
  }

  /** A device that goes down loses its routes, its neighbours (permanent ones too) and its IPv6 addresses. */
  setUp(name: string, up: boolean): void {
    const device = this.device(name);
    if (device.up && !up) {
      this.#leaves(name);
      device.addresses = device.addresses.filter(address => !address.includes(':'));
    }
    device.up = up;
  }

  #leaves(name: string): void {
    this.routes = this.routes.filter(({ dev }) => dev !== name);
    this.neighbours = this.neighbours.filter(({ dev }) => dev !== name);
  }

  addAddress(name: string, address: string): void {
    const device = this.device(name);
    if (!device.addresses.includes(address)) device.addresses.push(address);
  }

  /**
   * With a device's last IPv4 address go its IPv4 routes and neighbours; with an address that no other device has the
   * IPv4 routes that send from it, while IPv6 routes only forget what they sent from.
   */
  deleteAddress(name: string, address: string): void {
    const device = this.device(name);
    if (!device.addresses.includes(address))
      throw new Refused('RTNETLINK answers: Cannot assign requested address');
    device.addresses = device.addresses.filter(one => one !== address);
    const bare = address.split('/')[0];
    const family = familyOf(address);
    const isElsewhere = this.#isLocal(bare ?? '');
    if (family === '-6') {
      for (const route of this.routes) if (route.source === bare && !isElsewhere) delete route.source;
      return;
    }
    if (!isElsewhere) this.routes = this.routes.filter(({ source }) => source !== bare);
    if (device.addresses.some(one => familyOf(one) === '-4')) return;
    this.routes = this.routes.filter(route => !(route.dev === name && route.family === '-4'));
    this.neighbours = this.neighbours.filter(({ dev, dst }) => !(dev === name && familyOf(dst) === '-4'));
  }

  /** Takes the place of the one with the same destination, metric and table only. */
  replaceRoute(route: Route): void {
    if (route.dev !== undefined && !this.device(route.dev).up)
      throw new Refused('RTNETLINK answers: Network is down');
    if (route.source !== undefined && !this.#isLocal(route.source))
      throw new Refused('Error: Invalid prefsrc address.');
    this.routes = this.routes.filter(one => !sameRoute(one, route));
    this.routes.push(route);
  }

  /** Of metric 0 it is the first of whatever metric. */
  deleteRoute(route: Pick<Route, 'family' | 'table' | 'dst' | 'metric'>): void {
    const [first] = this.routes
      .filter(one => sameRoute(one, { ...route, metric: route.metric || one.metric }))
      .sort((one, other) => one.metric - other.metric);
    if (first === undefined) throw new Refused('RTNETLINK answers: No such process');
    this.routes = this.routes.filter(one => one !== first);
  }

  flush(family: Family, { table, proto }: Readonly<Record<string, string>>): void {
    this.routes = this.routes.filter(
      one => one.family !== family || one.table !== Number(table) || one.protocol !== proto,
    );
  }

  #isLocal(address: string): boolean {
    return [...this.devices.values()].some(device =>
      device.addresses.some(one => one.split('/')[0] === address),
    );
  }

  replaceNeighbour(neighbour: Neighbour): void {
    this.device(neighbour.dev);
    this.neighbours = this.neighbours.filter(
      ({ dev, dst }) => dev !== neighbour.dev || dst !== neighbour.dst,
    );
    this.neighbours.push(neighbour);
  }

  deleteNeighbour(name: string, address: string): void {
    const left = this.neighbours.filter(({ dev, dst }) => dev !== name || dst !== address);
    if (left.length === this.neighbours.length)
      throw new Refused('RTNETLINK answers: No such file or directory');
    this.neighbours = left;
  }

  /** Takes the place of the first that the hardware address is sent to; others stay. */
  replaceForwarding(entry: Forwarding): void {
    this.device(entry.dev);
    const same = ({ dev, mac }: Forwarding): boolean => dev === entry.dev && mac === entry.mac;
    if (this.forwarding.some(one => same(one) && one.dst === entry.dst)) return;
    const first = this.forwarding.findIndex(same);
    if (first === -1) this.forwarding.push(entry);
    else this.forwarding[first] = entry;
  }

  appendForwarding(entry: Forwarding): void {
    this.device(entry.dev);
    this.forwarding.push(entry);
  }

  deleteForwarding(name: string, address: string): void {
    const left = this.forwarding.filter(({ dev, mac }) => dev !== name || mac !== address);
    if (left.length === this.forwarding.length)
      throw new Refused('RTNETLINK answers: No such file or directory');
    this.forwarding = left;
  }

  addRule(rule: Rule): void {
    if (this.rules.some(one => sameRule(one, rule))) throw new Refused('RTNETLINK answers: File exists');
    this.rules.push(rule);
  }

  deleteRule(rule: Rule): void {
    const left = this.rules.filter(one => !sameRule(one, rule));
    if (left.length === this.rules.length) throw new Refused('RTNETLINK answers: No such file or directory');
    this.rules = left;
  }
}

export function familyOf(address: string): Family {
  return address.includes(':') ? '-6' : '-4';
}

function sameRoute(one: Pick<Route, 'family' | 'table' | 'dst' | 'metric'>, other: typeof one): boolean {
  return (
    one.family === other.family &&
    one.table === other.table &&
    one.dst === other.dst &&
    one.metric === other.metric
  );
}

function sameRule(one: Rule, other: Rule): boolean {
  return one.family === other.family && one.pref === other.pref && one.table === other.table;
}
