import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { MARKS } from '../../../src/routes/model.ts';
import type { Reference } from '../bed/api.ts';
import type { Cluster } from '../bed/cluster.ts';
import { nodeCount, nodeName } from '../bed/description.ts';
import { type Namespace, namespace } from '../kernel/namespace.ts';
import { undoAtEnd } from '../kit/leftovers.ts';
import { type Running, start } from '../kit/process.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** A host in a network namespace that is a node of a cluster of the bed, with its routing agent. */
interface TunnelNode {
  readonly cluster: Cluster;
  readonly object: Reference;
  readonly host: Namespace;
  readonly agent: Running;
  readonly end: () => Promise<void>;
}

/**
 * One node for each of some clusters, on networks of their own with a router in between. Their agents make tunnels
 * between them; the API servers are reached another way, which is not touched when the tunnels are cut.
 */
export class Tunnels {
  readonly nodes: readonly TunnelNode[];
  readonly #router: Namespace;

  private constructor(router: Namespace, nodes: readonly TunnelNode[]) {
    this.#router = router;
    this.nodes = nodes;
  }

  static async between(clusters: readonly Cluster[]): Promise<Tunnels> {
    const router = await namespace('router');
    await router.sysctls.write('ipv4/ip_forward', '1');
    // One agent beside nodes that say nothing would not speak for its cluster.
    await Promise.all(clusters.map(cluster => setOthersReady(cluster, false)));
    return new Tunnels(router, await Promise.all(clusters.map(cluster => nodeOf(cluster, router))));
  }

  /** What the nodes of a cluster say of the path to another, as their Nodes tell. */
  async said(by: Cluster, of: Cluster): Promise<string | undefined> {
    const node = this.nodes.find(({ cluster }) => cluster === by);
    if (node === undefined) throw new Error(`${by.name} has no node with an agent`);
    const found = await by.admin.get(node.object);
    return JSON.parse(found?.metadata.annotations?.['causeway.dev/data-path'] ?? '{}')[of.name];
  }

  /** The router loses every packet of the tunnels, and nothing else. */
  async cut(): Promise<void> {
    await this.#nft(
      'add table ip cut',
      'add chain ip cut forward { type filter hook forward priority 0; }',
      `add rule ip cut forward udp dport ${MARKS.vxlan.port} drop`,
    );
  }

  heal(): Promise<void> {
    return this.#nft('delete table ip cut');
  }

  async remove(): Promise<void> {
    await Promise.all(this.nodes.map(node => node.end()));
    await Promise.all(this.nodes.map(({ cluster }) => setOthersReady(cluster, true)));
    await this.#router.remove();
  }

  async #nft(...lines: string[]): Promise<void> {
    const { code, errors } = await this.#router.commands.run('nft', ['-f', '-'], `${lines.join('\n')}\n`);
    if (code !== 0) throw new Error(errors);
  }
}

/** The nodes of the bed, which have no agents. */
async function setOthersReady({ admin }: Cluster, ready: boolean): Promise<void> {
  const status = { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', reason: 'Lab' }] };
  const names = Array.from({ length: nodeCount }, (_, index) => nodeName(index));
  await Promise.all(
    names.map(name =>
      admin.merge({ apiVersion: 'v1', kind: 'Node', metadata: { name } }, { status }, 'status'),
    ),
  );
}

async function nodeOf(cluster: Cluster, router: Namespace): Promise<TunnelNode> {
  const { name, number, ports } = cluster.description;
  const host = await namespace(name);
  const network = `172.31.${number}`;
  await ip(router, `link add ${name} type veth peer name eth0 netns ${host.name}`);
  await ip(router, `addr add ${network}.254/24 dev ${name}`);
  await ip(router, `link set ${name} up`);
  await ip(host, `addr add ${network}.1/24 dev eth0`);
  await ip(host, 'link set eth0 up');
  await ip(host, `route add default via ${network}.254`);
  await host.sysctls.write('ipv4/ip_forward', '1');

  const object = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'tunnel' } };
  await cluster.admin.apply({
    ...object,
    spec: { podCIDR: `10.20${number}.1.0/24`, podCIDRs: [`10.20${number}.1.0/24`] },
  });
  const status = {
    addresses: [{ type: 'InternalIP', address: `${network}.1` }],
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
  };
  await cluster.admin.merge(object, { status }, 'status');

  const closePort = await serveIn(host, ports.api);
  const [command = '', ...before] = host.inside;
  const settings = ['--kubeconfig', await cluster.kubeconfig(), '--node-name', 'tunnel'];
  const main = [process.execPath, join(ROOT, 'src/main.js'), 'agent', ...settings, '--log-format', 'json'];
  const agent = start(command, [...before, ...main]);
  const end = async (): Promise<void> => {
    await agent.stop();
    closePort();
    await cluster.admin.delete(object);
    await host.remove();
  };
  return { cluster, object, host, agent, end };
}

/** Makes a port of this process's loopback one of the host's, too. */
async function serveIn(host: Namespace, port: number): Promise<() => void> {
  const [command = '', ...before] = host.inside;
  const child = spawn(
    command,
    [...before, process.execPath, join(import.meta.dirname, 'api-port.ts'), `${port}`],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  const undone = undoAtEnd(() => child.kill('SIGKILL'));
  const sockets = new Set<Socket>();
  const [, server] = (await once(child, 'message')) as [string, Server];
  server.on('connection', (client: Socket) => {
    const there = connect({ port, host: '127.0.0.1' });
    for (const [from, to] of [
      [client, there],
      [there, client],
    ] as const) {
      sockets.add(from.setNoDelay(true));
      from.pipe(to);
      from.once('error', () => to.resetAndDestroy());
      from.once('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  return () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    child.kill();
    undone();
  };
}

async function ip({ commands }: Namespace, line: string): Promise<void> {
  const { code, errors } = await commands.run('ip', line.split(' '));
  if (code !== 0) throw new Error(`ip ${line}: ${errors}`);
}
