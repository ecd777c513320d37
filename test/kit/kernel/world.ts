import type { Commands } from '../../../src/kernel/commands.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import type { Netlink } from '../../../src/kernel/netlink.ts';
import type { Refusal } from '../../../src/kernel/refusal.ts';
import type { Sysctls } from '../../../src/kernel/sysctls.ts';
import type { KeyFileOf } from '../../../src/kernel/wireguard.ts';
import { difference, type Operation } from '../../../src/routes/diff.ts';
import type { Gates } from '../../../src/routes/gates.ts';
import { devicesOf } from '../../../src/routes/links.ts';
import { MARKS } from '../../../src/routes/model.ts';
import { type Plan, type PlanInput, plan } from '../../../src/routes/plan.ts';
import { EAST, nodesOf, WEST_AND_NORTH } from './nodes.ts';

/** A network namespace, real or not, and the programs in it. */
export interface Place {
  readonly commands: Commands;
  readonly netlink: Netlink;
  readonly sysctls: Sysctls;
  /** Ends the process that makes a WireGuard device, as a crash would. @param device absent: the first */
  killTunnel(device?: string): Promise<void>;
  remove(): Promise<void>;
}

/** What is the same in every pass of a world, unless a pass says otherwise. */
export interface Setting {
  readonly input?: Partial<Input>;
  readonly keyFileOf?: KeyFileOf;
}

export type Input = Omit<PlanInput, 'marks' | 'nodes'>;

/** What one look and its repairs came to. */
export interface Pass {
  readonly operations: readonly Operation[];
  readonly refused: readonly Refusal[];
}

/** What others have in the same namespace: a route, a rule, an address, a neighbour and a table of nftables each. */
const OTHERS = `
  link add eth0 type veth peer name eth0-far
  link set eth0 up
  link set eth0-far up
  addr replace 172.31.1.11/24 dev eth0
  addr replace fd00:31::11/64 dev eth0 nodad
  neigh replace 172.31.1.77 lladdr 02:00:00:00:00:77 dev eth0 nud permanent
  route replace 192.0.2.0/24 via 172.31.1.77 dev eth0 proto 4 table 300
  -4 rule add pref 91 lookup 300
  link add other-vx type vxlan id 42 local 172.31.1.11 dev eth0 dstport 8472 nolearning
  link set other-vx up
  addr replace 10.11.1.77/32 dev other-vx
`;
const OTHERS_NFT = {
  nftables: [
    { add: { table: { family: 'inet', name: 'others' } } },
    { add: { set: { family: 'inet', table: 'others', name: 'kept', type: 'ipv4_addr' } } },
    { add: { element: { family: 'inet', table: 'others', name: 'kept', elem: ['192.0.2.1'] } } },
  ],
};

/** One node's kernel, and the life of one agent that keeps it. */
export class World {
  readonly place: Place;
  readonly kernel: Kernel;
  owners = new Map<string, string>();

  readonly #input: Input;

  private constructor(place: Place, { input, keyFileOf }: Setting) {
    this.place = place;
    this.#input = { local: EAST, policies: WEST_AND_NORTH, ...input };
    this.kernel = new Kernel({ ...place, marks: MARKS, ...(keyFileOf && { keyFileOf }) });
  }

  static async of(place: Place, setting: Setting = {}): Promise<World> {
    const world = new World(place, setting);
    await world.ip(OTHERS);
    await world.bridge('fdb replace 02:00:00:00:00:78 dev other-vx dst 172.31.1.78 self permanent');
    await place.commands.run('nft', ['-j', '-f', '-'], JSON.stringify(OTHERS_NFT));
    return world;
  }

  /** Somebody's hand on the kernel; what is refused is refused. */
  async ip(lines: string): Promise<void> {
    for (const line of lines.trim().split('\n')) {
      await this.place.commands.run('ip', line.trim().split(' '));
    }
  }

  async bridge(line: string): Promise<void> {
    await this.place.commands.run('bridge', line.split(' '));
  }

  async nft(command: Readonly<Record<string, unknown>>): Promise<void> {
    await this.place.commands.run('nft', ['-j', '-f', '-'], JSON.stringify({ nftables: [command] }));
  }

  async wg(line: string): Promise<void> {
    await this.place.commands.run('wg', line.split(' '));
  }

  /** Looks once and does what is to do. */
  async pass(nodes: string, { input = {}, gates = {} }: Whims = {}): Promise<Pass> {
    const wanted = this.plan(nodes, input);
    const { operations } = await this.#difference(wanted, input, gates);
    const refused = await this.kernel.apply(operations);
    for (const [key, { cluster }] of wanted.entries) if (cluster !== undefined) this.owners.set(key, cluster);
    return { operations, refused };
  }

  plan(nodes: string, input: Partial<Input> = {}): Plan {
    return plan({ ...this.#input, marks: MARKS, nodes: nodesOf(nodes), ...input });
  }

  async #difference(
    wanted: Plan,
    input: Partial<Input>,
    gates: Partial<Gates>,
  ): ReturnType<World['difference']> {
    const clusters = new Set((input.policies ?? this.#input.policies).map(({ cluster }) => cluster));
    const open: Gates = { clusters, synced: clusters, owners: this.owners, released: new Set() };
    return difference(wanted, await this.kernel.observe(wanted.entries), { ...open, ...gates });
  }

  /** Without doing anything. */
  difference(nodes: string, { input = {}, gates = {} }: Whims = {}): Promise<ReturnType<typeof difference>> {
    return this.#difference(this.plan(nodes, input), input, gates);
  }

  /** The agent's process ends and another begins, which remembers nothing. */
  restart(): void {
    this.owners = new Map();
  }

  /** Everything that is not ours, as text. */
  async others(): Promise<string> {
    const ask = async (program: string, ...args: string[]): Promise<unknown[]> => {
      const { code, output } = await this.place.commands.run(program, args);
      return code === 0 ? JSON.parse(output) : [];
    };
    const ours = Array.from(devicesOf(MARKS).keys(), device => `"${device}"`);
    const tables = [MARKS.table, MARKS.bgp.table];
    const found = await Promise.all([
      ask('ip', '-N', '-j', 'address', 'show').then(links => links.map(withoutPassing)),
      ask('ip', '-N', '-j', 'neighbour', 'show', 'nud', 'permanent'),
      ask('bridge', '-j', 'fdb', 'show'),
      ...(['-4', '-6'] as const).flatMap(family => [
        ask('ip', '-N', '-j', family, 'rule', 'show').then(rules =>
          rules.filter(rule => !tables.some(table => JSON.stringify(rule).includes(`"${table}"`))),
        ),
        ...['254', '300'].map(table => ask('ip', '-N', '-j', family, 'route', 'show', 'table', table)),
      ]),
    ]);
    const nft = await this.place.commands.run('nft', ['-j', 'list', 'table', 'inet', 'others']);
    const lines = found.flat().map(one => JSON.stringify(one));
    return [...lines.filter(line => !ours.some(device => line.includes(device))), nft.output].join('\n');
  }
}

interface Whims {
  readonly input?: Partial<Input>;
  readonly gates?: Partial<Gates>;
}

/** Addresses that the kernel gives itself come when it likes. */
function withoutPassing(link: unknown): unknown {
  const { ifname, mtu, address, addr_info: all } = link as Record<string, unknown>;
  const addresses = Array.isArray(all) ? all.map(({ local, prefixlen }) => `${local}/${prefixlen}`) : [];
  return { ifname, mtu, address, addresses: addresses.filter(one => !one.startsWith('fe80')) };
}
