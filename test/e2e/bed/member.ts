import { join } from 'node:path';
import { type CoreDns, startCoreDns } from '../kit/coredns.ts';

import { freePort } from '../kit/ports.ts';
import { type Running, start } from '../kit/process.ts';
import { onLoopback, readStanza, stock } from '../kit/stanza.ts';
import { waitFor } from '../kit/wait.ts';
import { type Account, accountToken } from './accounts.ts';
import type { Manifest } from './api.ts';
import type { Cluster } from './cluster.ts';
import { kubectl } from './kubectl.ts';
import type { Link } from './link.ts';

const root = join(import.meta.dirname, '../../..');
const system = 'causeway-system';
export const controllerAccount: Account = { namespace: system, name: 'causeway-controller' };

/** A program of Causeway that runs beside the test. */
export interface Causeway extends Running {
  /** Of /metrics, /readyz and /debug. */
  readonly http: string;
}

export interface ControllerOptions {
  /** As `--cluster-lost-after`. */
  readonly lostAfter?: string;
  readonly backAfter?: string;
  readonly identity?: string;
  /** Where its token lies; one is given to it that does not change where this is left out. */
  readonly tokenFile?: string;
  readonly untilReady?: boolean;
  /** Further flags. */
  readonly flags?: readonly string[];
}

export interface DnsOptions {
  readonly stateDir?: string;
  readonly untilReady?: boolean;
  /** Made from a new token where it is left out. */
  readonly kubeconfig?: string;
}

/**
 * A cluster of the bed as a member of the cluster set: Causeway is installed from deploy/ by the real kubectl, and its
 * programs run with the identities, and so the rights, that deploy/ gives them.
 */
export class Member {
  readonly cluster: Cluster;
  /**
   * The ways to the API servers of other members, by their names. Cut one, and this member alone loses sight of them.
   */
  readonly links = new Map<string, Link>();
  readonly #running = new Set<{ stop(): Promise<void> }>();

  private constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  get name(): string {
    return this.cluster.name;
  }

  static async install(cluster: Cluster): Promise<Member> {
    await kubectl(cluster, ['apply', '--server-side', '-k', join(root, 'deploy/base')]);
    return new Member(cluster);
  }

  /**
   * Has this member import from another, with a credential that the other gives out as deploy/remote-reader has it.
   * @param fromPods its controller is a pod, to which no link leads
   */
  async connect(
    other: Member,
    labels: Readonly<Record<string, string>> = {},
    fromPods = false,
  ): Promise<void> {
    const namespace = `causeway-exports-${this.name}`;
    const token = await other.#readerToken(this.name, namespace);
    const way = fromPods ? { fromPods } : { link: await other.cluster.link() };
    if (way.link !== undefined) this.links.set(other.name, way.link);
    await this.giveKubeconfig(other.name, other.cluster.kubeconfigText({ token, namespace, ...way }));
    await this.cluster.admin.apply({
      apiVersion: 'causeway.dev/v1alpha1',
      kind: 'RemoteCluster',
      metadata: { name: other.name, labels },
      spec: { secretRef: { name: other.name } },
    });
  }

  /** Writes the Secret of a RemoteCluster. */
  async giveKubeconfig(remote: string, text: string): Promise<void> {
    await this.cluster.admin.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: system, name: remote },
      data: { kubeconfig: Buffer.from(text).toString('base64') },
    });
  }

  async disconnect(remote: string): Promise<void> {
    const metadata = { name: remote };
    await this.cluster.admin.delete({ apiVersion: 'causeway.dev/v1alpha1', kind: 'RemoteCluster', metadata });
    await this.links.get(remote)?.close();
    this.links.delete(remote);
  }

  /** Starts `causeway controller`; resolves when it is ready, or at once where it shall not be waited for. */
  async startController(options: ControllerOptions = {}): Promise<Causeway> {
    const { lostAfter = '15s', backAfter = '5s', identity = this.name, flags = [] } = options;
    const { tokenFile, untilReady = true } = options;
    const user = tokenFile === undefined ? { token: await this.controllerToken() } : { tokenFile };
    const kubeconfig = await this.cluster.kubeconfig(user);
    const health = ['--cluster-lost-after', lostAfter, '--cluster-back-after', backAfter];
    const args = ['--kubeconfig', kubeconfig, '--identity', identity, ...health, ...flags];
    return this.#start('controller', args, untilReady);
  }

  /** A new token of the controller's account. */
  controllerToken(): Promise<string> {
    return accountToken(this.cluster, controllerAccount);
  }

  /** Writes the kubeconfig of the DNS daemon's account and returns its path. The API server has to be there. */
  async dnsKubeconfig(): Promise<string> {
    const token = await accountToken(this.cluster, { namespace: system, name: 'causeway-dns' });
    return this.cluster.kubeconfig({ token });
  }

  /** Starts `causeway dns` on a port; resolves when it is ready, or at once where it shall not be waited for. */
  async startDns(
    port: number,
    { stateDir, untilReady = true, ...given }: DnsOptions = {},
  ): Promise<Causeway> {
    const kubeconfig = given.kubeconfig ?? (await this.dnsKubeconfig());
    const source = ['--source', 'kubernetes', '--kubeconfig', kubeconfig];
    const state = stateDir === undefined ? [] : ['--state-dir', stateDir];
    return this.#start('dns', [...source, ...state, '--listen', `127.0.0.1:${port}`], untilReady);
  }

  /**
   * Starts a CoreDNS with the stock stanza of corefile/ in front of a daemon; returns its port.
   * @param further server blocks, on port 53
   */
  async startCoreDns(daemonPort: number, further = ''): Promise<number> {
    const port = await freePort();
    const text = `${await readStanza(stock)}\n${further}`;
    const corefile = onLoopback(text, port, `127.0.0.1:${daemonPort}`);
    const coreDns: CoreDns = await startCoreDns(corefile);
    this.#running.add(coreDns);
    return port;
  }

  /** Ends what runs. What is written in the cluster stays. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running].map(one => one.stop()));
    this.#running.clear();
  }

  /** Ends what runs and forgets the other members. */
  async leave(): Promise<void> {
    await this.stop();
    for (const remote of [...this.links.keys()]) await this.disconnect(remote);
  }

  async #start(command: 'controller' | 'dns', args: readonly string[], untilReady = true): Promise<Causeway> {
    const http = `127.0.0.1:${await freePort()}`;
    const main = join(root, 'src/main.js');
    const running = start(process.execPath, [main, command, ...args, '--http-listen', http]);
    this.#running.add(running);
    if (untilReady) await running.until('ready', () => isReady(http));
    return { ...running, http };
  }

  async #readerToken(remote: string, namespace: string): Promise<string> {
    const manifests = await kubectl(this.cluster, ['kustomize', join(root, 'deploy/remote-reader')]);
    await kubectl(this.cluster, ['apply', '--server-side', '-f', '-'], {
      input: manifests.replaceAll('REMOTE', remote),
    });
    const name = 'causeway-remote-reader';
    const look = async (): Promise<string | undefined> => {
      const secret = await this.cluster.admin.get({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { namespace, name },
      });
      return secret?.['data']?.token;
    };
    const token = await waitFor(`a token for ${remote}`, look);
    return Buffer.from(token ?? '', 'base64').toString();
  }
}

export async function isReady(http: string): Promise<boolean> {
  const response = await fetch(`http://${http}/readyz`).catch(() => undefined);
  return response?.status === 200;
}

/** Members that import from one another, each with a running controller. */
export async function joinAll(
  clusters: readonly Cluster[],
  options: ControllerOptions = {},
): Promise<Member[]> {
  const members = await Promise.all(clusters.map(cluster => Member.install(cluster)));
  for (const member of members) {
    for (const other of members) if (other !== member) await member.connect(other);
  }
  await Promise.all(members.map(member => member.startController(options)));
  return members;
}

/** The server block that every cluster's CoreDNS has for its own names. */
export function clusterLocal(kubeconfig: string): string {
  return `cluster.local:53 {\n    kubernetes cluster.local {\n        kubeconfig ${kubeconfig}\n    }\n}\n`;
}

/** Asks for one service to be exported; `annotations` share its traffic. */
export function serviceExport(
  namespace: string,
  name: string,
  annotations: Readonly<Record<string, string>> = {},
  spec: object = {},
): Manifest {
  const metadata = { namespace, name, annotations };
  return { apiVersion: 'multicluster.x-k8s.io/v1beta1', kind: 'ServiceExport', metadata, spec };
}
