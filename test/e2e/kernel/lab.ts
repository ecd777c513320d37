import { randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keyIn } from '../../../src/kernel/private-key.ts';
import type { PublishedKeys } from '../../../src/kernel/tunnels.ts';
import type { Mode, RemoteNode } from '../../../src/routes/model.ts';
import { type TemporaryFolder, temporaryFolder, undoAtEnd } from '../kit/leftovers.ts';
import { type Running, run, start } from '../kit/process.ts';
import type { Told } from './agent.ts';
import { killBird } from './birds.ts';
import { feed, makeFabric, masquerade, ownAddresses } from './feed.ts';
import type { LabOptions } from './lab-options.ts';
import { type Namespace, namespace } from './namespace.ts';

/** A node of a cluster, with one pod. */
export interface LabNode {
  readonly cluster: number;
  readonly number: number;
  readonly name: string;
  readonly node: Namespace;
  readonly pod: Namespace;
  readonly address: string;
  readonly address6: string;
  readonly pods: { readonly IPv4: string; readonly IPv6: string };
  readonly podAddresses: { readonly IPv4: string; readonly IPv6: string };
  agent?: Running;
  /** What other clusters know of its WireGuard keys. */
  keys?: PublishedKeys;
  /** The next key that its Node bears. */
  announced?: string | undefined;
}

const HERE = import.meta.dirname;

/** Two clusters of two nodes with a pod each, and what is between them: namespaces on one machine. */
export class Lab {
  readonly nodes: LabNode[] = [];
  readonly fabric: Namespace;
  readonly #folder: TemporaryFolder;
  readonly #modes: readonly Mode[];
  readonly #options: LabOptions;
  readonly #processes: Running[] = [];
  /** Of the network of each cluster. */
  readonly #mtu = new Map([
    [1, 1500],
    [2, 1500],
  ]);

  private constructor(
    fabric: Namespace,
    folder: TemporaryFolder,
    modes: readonly Mode[],
    options: LabOptions,
  ) {
    this.fabric = fabric;
    this.#folder = folder;
    this.#modes = modes;
    this.#options = options;
  }

  static async of(modes: readonly Mode[], options: LabOptions): Promise<Lab> {
    const lab = new Lab(await namespace('fabric'), await temporaryFolder('lab'), modes, options);
    try {
      await makeFabric(lab.fabric, options.routed);
      for (const cluster of [1, 2]) for (const number of [1, 2]) await lab.addNode(cluster, number);
      if (options.encryption !== undefined)
        for (const node of lab.nodes)
          node.keys = { wireguardPublicKey: (await keyIn(lab.folderOf(node))).publicKey };
      if (!options.byHand) for (const node of lab.nodes) await lab.startAgent(node);
    } catch (error) {
      await lab.remove();
      throw error;
    }
    return lab;
  }

  /** The pod addresses of all nodes, and what each answered to each: `from` → `to` → the source that was seen. */
  async ask(family: 'IPv4' | 'IPv6'): Promise<string[]> {
    const targets = this.nodes.map(({ podAddresses }) => podAddresses[family]);
    const asked = this.nodes.map(async ({ pod, podAddresses }) => {
      const seen = JSON.parse(await this.inside(pod, 'pod.ts', 'ask', ...targets)) as string[];
      return seen.map((source, index) => `${podAddresses[family]} -> ${targets[index]}: ${source}`);
    });
    return (await Promise.all(asked)).flat();
  }

  /** What `ask` shall come to: every pod is seen as itself by every other. */
  everyPair(family: 'IPv4' | 'IPv6'): string[] {
    const all = this.nodes.map(({ podAddresses }) => podAddresses[family]);
    return all.flatMap(from => all.map(to => `${from} -> ${to}: ${from}`));
  }

  /** Node 1 of cluster 1, and of cluster 2. */
  get here(): LabNode {
    return this.#at(0);
  }

  get there(): LabNode {
    return this.#at(2);
  }

  #at(index: number): LabNode {
    const node = this.nodes[index];
    if (node === undefined) throw new Error('the lab has no such node');
    return node;
  }

  /** Runs one of the programs beside this file. */
  inside({ inside: [command = '', ...before] }: Namespace, file: string, ...args: string[]): Promise<string> {
    return run(command, [...before, process.execPath, join(HERE, file), ...args]);
  }

  /** Starts one of them that says when it is ready, and stays. */
  async startInside(place: Namespace, file: string, ...args: string[]): Promise<void> {
    const started = this.start(place, file, ...args);
    await started.until('ready', () => started.output().includes('ready'));
  }

  /** Gives the network of a cluster packets of another size, and tells all agents. */
  async resize(cluster: number, mtu: number): Promise<void> {
    this.#mtu.set(cluster, mtu);
    for (const node of this.nodes) {
      await node.agent?.kill();
      if (node.cluster === cluster) {
        await feed(this.fabric, [`link set ${node.name} mtu ${mtu}`]);
        await feed(node.node, [`link set eth0 mtu ${mtu}`]);
      }
    }
    for (const node of this.nodes) await this.startAgent(node);
  }

  #mtuOf({ cluster }: Pick<LabNode, 'cluster'>): number {
    return this.#mtu.get(cluster) ?? 1500;
  }

  /** Makes all agents know what is known of the nodes now, as controllers do. */
  async tell(): Promise<void> {
    for (const node of this.nodes) {
      await this.#write(node);
      await node.agent?.until('listening', () => node.agent?.output().includes('listens to SIGHUP') === true);
      node.agent?.signal('SIGHUP');
    }
  }

  async startAgent(node: LabNode): Promise<void> {
    const file = await this.#write(node);
    undoAtEnd(() => killBird(this.folderOf(node)));
    node.agent = this.start(node.node, 'agent.ts', file, this.folderOf(node));
    await node.agent.until('at rest', () => node.agent?.output().includes('"operations":0') === true);
  }

  get folder(): string {
    return this.#folder.path;
  }

  /** Puts another host on a network. @param addresses with prefix lengths */
  async plug(
    host: Namespace,
    port: string,
    network: 'one' | 'two',
    addresses: readonly string[],
  ): Promise<void> {
    await feed(this.fabric, [
      `link add ${port} type veth peer name eth0 netns ${host.name}`,
      `link set ${port} master ${network} up`,
    ]);
    const lines = addresses.map(one => `addr add ${one} dev eth0${one.includes(':') ? ' nodad' : ''}`);
    await feed(host, [...lines, 'link set eth0 up']);
  }

  /** Where the agent of the node keeps what it needs. */
  folderOf({ name }: LabNode): string {
    return join(this.#folder.path, name);
  }

  async remove(): Promise<void> {
    await Promise.all(this.#processes.map(process => process.stop()));
    // They outlive the agents that started them.
    for (const node of this.nodes) killBird(this.folderOf(node));
    for (const { node, pod } of this.nodes) {
      await pod.remove();
      await node.remove();
    }
    await this.fabric.remove();
    await this.#folder.remove();
  }

  /** At once: an agent may read it just now. Returns the file. */
  async #write(node: LabNode): Promise<string> {
    const file = join(this.#folder.path, `${node.name}.json`);
    const draft = `${file}.${randomUUID()}`;
    await writeFile(draft, JSON.stringify(this.#told(node)));
    await rename(draft, file);
    return file;
  }

  /** Starts one of them that is ended by whoever did, or with the lab. */
  start({ inside: [command = '', ...before] }: Namespace, file: string, ...args: string[]): Running {
    const process_ = start(command, [...before, process.execPath, join(HERE, file), ...args]);
    this.#processes.push(process_);
    return process_;
  }

  #told({ cluster, number, address, address6, pods, announced }: LabNode): Told {
    const others = this.nodes.filter(other => other.cluster !== cluster);
    const { dual, bgp, routed, probePort, encryption = 'Off' } = this.#options;
    return {
      local: {
        cluster: `c${cluster}`,
        uid: `n${number}`,
        underlay: {
          IPv4: address,
          ...(dual ? { IPv6: address6 } : {}),
          mtu: this.#mtuOf({ cluster }),
          device: 'eth0',
        },
        podCIDRs: [pods.IPv4, pods.IPv6],
        source: ownAddresses({ pods }),
        guarded: [{ cidr: `10.1${cluster}.0.0/16`, what: 'the pods of this cluster' }],
        ...(bgp === undefined ? {} : { bgp: bgp(routed ? cluster : 1) }),
      },
      nodes: others.map(
        (other): RemoteNode => ({
          cluster: `c${other.cluster}`,
          uid: `n${other.number}`,
          name: 'same-name-everywhere',
          addresses: dual ? [other.address, other.address6] : [other.address],
          podCIDRs: [other.pods.IPv4, other.pods.IPv6],
          mtu: this.#mtuOf(other),
          podNetworkAddresses: Object.values(ownAddresses(other)),
          ...other.keys,
        }),
      ),
      policies: [{ cluster: `c${3 - cluster}`, modes: this.#modes, encryption }],
      ...(probePort === undefined ? {} : { probePort }),
      ...(announced === undefined ? {} : { announced }),
    };
  }

  /** A node that was not there before. @param number 3 to 9; of all its addresses */
  async addNode(cluster: number, number: number): Promise<LabNode> {
    const { routed } = this.#options;
    const name = `c${cluster}n${number}`;
    const [node, pod] = [await namespace(name), await namespace(`${name}p`)];
    const network = routed ? cluster : 1;
    const address = `172.31.${network}.${cluster}${number}`;
    const address6 = `fd00:31:${network}::${cluster}${number}`;
    const pods = { IPv4: `10.1${cluster}.${number}.0/24`, IPv6: `fd00:1${cluster}:${number}::/64` };
    const podAddresses = { IPv4: `10.1${cluster}.${number}.10`, IPv6: `fd00:1${cluster}:${number}::10` };
    const made = { cluster, number, name, node, pod, address, address6, pods, podAddresses };
    this.nodes.push(made);
    const siblings = [1, 2].filter(other => other !== number);
    await feed(this.fabric, [
      `link add ${name} type veth peer name eth0 netns ${node.name}`,
      `link set ${name} master ${network === 1 ? 'one' : 'two'} up`,
    ]);
    await feed(node, [
      'link set lo up',
      `addr add ${address}/24 dev eth0`,
      `addr add ${address6}/64 dev eth0 nodad`,
      'link set eth0 up',
      `route add default via 172.31.${network}.254`,
      `link add pod type veth peer name eth0 netns ${pod.name}`,
      'addr add 169.254.1.1/32 dev pod',
      'addr add fe80::1/64 dev pod nodad',
      'link set pod up',
      `route add ${podAddresses.IPv4}/32 dev pod`,
      `route add ${podAddresses.IPv6}/128 dev pod`,
      ...siblings.flatMap(sibling => [
        `route add 10.1${cluster}.${sibling}.0/24 via 172.31.${network}.${cluster}${sibling}`,
        `route add fd00:1${cluster}:${sibling}::/64 via fd00:31:${network}::${cluster}${sibling}`,
      ]),
    ]);
    for (const path of ['ipv4/ip_forward', 'ipv6/conf/all/forwarding']) await node.sysctls.write(path, '1');
    await masquerade(node, cluster);
    await feed(pod, [
      `addr add ${podAddresses.IPv4}/32 dev eth0`,
      `addr add ${podAddresses.IPv6}/128 dev eth0 nodad`,
      'link set eth0 up',
      'route add 169.254.1.1 dev eth0',
      'route add default via 169.254.1.1',
      'route add default via fe80::1 dev eth0',
    ]);
    await this.startInside(pod, 'pod.ts', 'echo');
    return made;
  }

  /** As if it were switched off for good. Its agent must have ended. */
  async removeNode(node: LabNode): Promise<void> {
    this.nodes.splice(this.nodes.indexOf(node), 1);
    await node.pod.remove();
    await node.node.remove();
  }
}
