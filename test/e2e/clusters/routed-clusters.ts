import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { podToken } from '../bed/accounts.ts';
import { installCauseway } from '../bed/causeway-install.ts';
import { Cluster } from '../bed/cluster.ts';
import { kubectl } from '../bed/kubectl.ts';
import { Member } from '../bed/member.ts';
import { confinedAgent } from '../kernel/container.ts';
import { type Doorway, openDoorway } from '../kernel/doorway.ts';
import { Lab, type LabNode } from '../kernel/lab.ts';
import type { LabOptions } from '../kernel/lab-options.ts';
import { type TemporaryFolder, temporaryFolder, undoAtEnd } from '../kit/leftovers.ts';
import { type Running, start } from '../kit/process.ts';

const root = join(import.meta.dirname, '../../..');
const account = { namespace: 'causeway-agent', name: 'causeway-agent' };

/**
 * Two clusters that import from one another and whose nodes are those of a lab: real API servers and controllers out
 * here, and `causeway agent` on each node, in its network, with the rights of deploy/agent. Cluster 1 of the lab is
 * `east`, cluster 2 `west`.
 */
export class RoutedClusters {
  readonly lab: Lab;
  readonly east: Member;
  readonly west: Member;
  readonly #folder: TemporaryFolder;
  readonly #confined: boolean;
  readonly #agents = new Map<LabNode, Running>();
  readonly #doorways = new Map<LabNode, Doorway>();

  private constructor(
    lab: Lab,
    folder: TemporaryFolder,
    members: readonly [Member, Member],
    confined: boolean,
  ) {
    this.#confined = confined;
    this.lab = lab;
    this.#folder = folder;
    [this.east, this.west] = members;
  }

  /**
   * With all nodes registered and all agents running.
   *
   * @param flags of all agents
   * @param confined whether they run in the containers that their DaemonSet asks for
   */
  static async form(
    options: LabOptions,
    flags: readonly string[] = [],
    confined = false,
  ): Promise<RoutedClusters> {
    const folder = await temporaryFolder('routed');
    const create = async (name: string, number: number): Promise<Member> => {
      const cluster = await Cluster.create(join(folder.path, name), name, number);
      undoAtEnd(() => cluster.killNow());
      await installCauseway(cluster);
      await kubectl(cluster, ['apply', '--server-side', '-k', join(root, 'deploy/agent')]);
      return Member.install(cluster);
    };
    const [lab, ...members] = await Promise.all([
      Lab.of([], { ...options, byHand: true }),
      create('east', 1),
      create('west', 2),
    ] as const);
    const clusters = new RoutedClusters(lab, folder, members, confined);
    const [east, west] = members;
    await east.connect(west);
    await west.connect(east);
    for (const member of members) await member.startController();
    for (const node of lab.nodes) {
      await clusters.register(node);
      await clusters.startAgent(node, flags);
    }
    return clusters;
  }

  memberOf({ cluster }: LabNode): Member {
    return cluster === 1 ? this.east : this.west;
  }

  agentOf(node: LabNode): Running {
    const agent = this.#agents.get(node);
    if (agent === undefined) throw new Error(`no agent was started on ${node.name}`);
    return agent;
  }

  /** Writes the Node as a kubelet and a controller manager would. */
  async register(node: LabNode, name = nodeNameOf(node)): Promise<void> {
    const { admin } = this.memberOf(node).cluster;
    const podCIDRs = [node.pods.IPv4, node.pods.IPv6];
    const reference = { apiVersion: 'v1', kind: 'Node', metadata: { name } };
    await admin.create({ ...reference, spec: { podCIDR: node.pods.IPv4, podCIDRs } });
    const status = {
      addresses: [{ type: 'InternalIP', address: node.address }],
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
    };
    await admin.merge(reference, { status }, 'status');
  }

  async unregister(node: LabNode, name = nodeNameOf(node)): Promise<void> {
    const { admin } = this.memberOf(node).cluster;
    await admin.delete({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
  }

  /** Resolves when the kernel is as it shall be. The API server of the cluster has to be there. */
  async startAgent(node: LabNode, flags: readonly string[] = [], name = nodeNameOf(node)): Promise<void> {
    const { cluster } = this.memberOf(node);
    if (!this.#doorways.has(node))
      this.#doorways.set(node, await openDoorway(node.node, cluster.description.ports.api));
    const kubeconfig = await cluster.kubeconfig({ token: await podToken(cluster, account, name) });
    // What a host keeps for itself; the file system is one for all hosts here.
    const own = join(this.#folder.path, node.name);
    await mkdir(own, { recursive: true });
    await copyFile(kubeconfig, join(own, 'kubeconfig'));
    const args = ['--log-format', 'json', ...flags];
    const agent = this.#confined
      ? await confinedAgent({ node: node.node, folder: own, kubeconfig, args, name })
      : freeAgent(node, own, ['--node-name', name, ...args]);
    this.#agents.set(node, agent);
    await agent.until('ready', () => agent.output().includes('"msg":"ready"'));
  }

  /** Ends the agent, and has another one clean up after it, by the same credential. */
  async clean(node: LabNode): Promise<string> {
    await this.agentOf(node).stop();
    const words = freeAgentWords(join(this.#folder.path, node.name), [
      '--node-name',
      nodeNameOf(node),
      '--clean',
    ]);
    const { code, output, errors } = await node.node.commands.run(process.execPath, words);
    if (code !== 0) throw new Error(errors);
    return output;
  }

  /** Ends the agent, if there is one, and the node with it. */
  async removeNode(node: LabNode): Promise<void> {
    await this.#agents.get(node)?.stop();
    this.#agents.delete(node);
    this.#doorways.get(node)?.close();
    this.#doorways.delete(node);
    await this.lab.removeNode(node);
  }

  /** The pairs of pods of different clusters, as `from -> to: source that was seen`. */
  async betweenClusters(family: 'IPv4' | 'IPv6'): Promise<{ wrong: string[]; asked: number }> {
    const clusterOf = new Map(this.lab.nodes.map(node => [node.podAddresses[family], node.cluster]));
    const seen = (await this.lab.ask(family)).map(line => /^(\S+) -> (\S+): (.*)$/.exec(line) ?? []);
    const pairs = seen.filter(([, from = '', to = '']) => clusterOf.get(from) !== clusterOf.get(to));
    const wrong = pairs.filter(([, from, , source]) => from !== source).map(([line = '']) => line);
    return { wrong, asked: pairs.length };
  }

  async remove(): Promise<void> {
    await Promise.all([...this.#agents.values()].map(agent => agent.stop()));
    for (const doorway of this.#doorways.values()) doorway.close();
    await Promise.all([this.east, this.west].map(member => member.leave()));
    await Promise.all([this.east, this.west].map(({ cluster }) => cluster.remove()));
    await this.lab.remove();
    await this.#folder.remove();
  }
}

function freeAgent({ node }: LabNode, own: string, settings: readonly string[]): Running {
  const [command = '', ...before] = node.inside;
  return start(command, [...before, process.execPath, ...freeAgentWords(own, settings)]);
}

/** @param own folder of the host */
function freeAgentWords(own: string, settings: readonly string[]): string[] {
  const files = { kubeconfig: 'kubeconfig', 'state-dir': 'state', 'bgp-folder': 'bird' };
  return [
    join(root, 'src/main.js'),
    'agent',
    ...settings,
    ...Object.entries(files).flatMap(([flag, path]) => [`--${flag}`, join(own, path)]),
  ];
}

/** The same in both clusters: nothing shall depend on names being unique. */
export function nodeNameOf({ number }: LabNode): string {
  return `node-${number}`;
}
