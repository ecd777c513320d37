import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Wanted } from '../../kit/certificate.ts';
import { toolPath } from '../kit/go-tools.ts';
import { freePort } from '../kit/ports.ts';
import { waitFor } from '../kit/wait.ts';
import { Api, type Identity } from './api.ts';
import {
  type Description,
  descriptionPath,
  isDescribed,
  nodeAddress,
  readDescription,
  serviceAddress,
} from './description.ts';
import { type KubeconfigOptions, kubeconfig } from './kubeconfig.ts';
import { Link } from './link.ts';
import { egressPath } from './node/folders.ts';
import { mayRunPods, Node } from './node/node.ts';
import { Pki } from './pki.ts';
import { Program } from './program.ts';
import {
  apiServerArguments,
  controllerManagerArguments,
  etcdArguments,
  writeAuthentication,
  writeEgress,
} from './programs.ts';

/** By their folders: those that this process has taken hold of and not removed. */
const held = new Map<string, Cluster>();

export function heldClusters(): readonly Cluster[] {
  return [...held.values()];
}

/** Longer than any start has taken on a machine that is busy with other things. */
const startLimit = 60_000;

/**
 * One real Kubernetes cluster on loopback: etcd, kube-apiserver (TLS, RBAC) and kube-controller-manager. There is no
 * scheduler, kubelet or kube-proxy unless `node` is started: tests write Nodes and Pods themselves (workload.ts).
 *
 * All that it is lies in one folder, so any process may take hold of it (`Cluster.at`) and stop, pause or start it.
 */
export class Cluster {
  readonly name: string;
  readonly description: Description;
  readonly pki: Pki;
  /** Asks as a member of `system:masters`, straight, past every link. */
  readonly admin: Api;
  /** Runs pods, once it is started. */
  readonly node: Node;
  readonly #folder: string;
  readonly #etcd: Program;
  readonly #apiServer: Program;
  readonly #controllerManager: Program;

  private constructor(folder: string, description: Description) {
    this.#folder = folder;
    this.description = description;
    this.name = description.name;
    this.pki = new Pki(join(folder, 'pki'));
    const run = join(folder, 'run');
    this.#etcd = new Program('etcd', run);
    this.#apiServer = new Program('kube-apiserver', run);
    this.#controllerManager = new Program('kube-controller-manager', run);
    this.node = new Node(this, folder);
    this.admin = this.api();
    held.set(folder, this);
  }

  /**
   * Makes a cluster and starts it; resolves when it takes requests.
   * @param folder where all of its state is going to lie; must not exist
   * @param number 1 to 9, another one for each cluster of a bed: address ranges are made of it
   */
  static async create(folder: string, name: string, number: number): Promise<Cluster> {
    await mkdir(folder, { recursive: true });
    const ports = { api: await freePort(), etcd: await freePort(), etcdPeer: await freePort() };
    const description: Description = { name, number, ports };
    await new Pki(join(folder, 'pki')).create(namesOf(description));
    await writeAuthentication(join(folder, 'authentication.yaml'));
    await writeEgress(join(folder, 'egress.yaml'), egressPath(folder));
    // Written last: it is what makes the folder a cluster.
    await writeFile(descriptionPath(folder), JSON.stringify(description));
    const cluster = new Cluster(folder, description);
    await cluster.start();
    return cluster;
  }

  /** The cluster of a folder, running or not. */
  static at(folder: string): Cluster {
    return new Cluster(folder, readDescription(folder));
  }

  static isAt(folder: string): boolean {
    return isDescribed(folder);
  }

  /** A client that is somebody else than the administrator, or that goes through a link. */
  api({
    token,
    link,
    as,
  }: {
    readonly token?: string;
    readonly link?: Link;
    readonly as?: Identity;
  } = {}): Api {
    const read = (file: string): Buffer => readFileSync(this.pki.path(file));
    const user = token === undefined ? { certificate: read('admin.crt'), key: read('admin.key') } : { token };
    return new Api({
      port: link?.port ?? this.description.ports.api,
      root: read('ca.crt'),
      ...user,
      ...(as && { as }),
    });
  }

  /** Writes a kubeconfig and returns its path. Without options it is the administrator's. */
  async kubeconfig(options: KubeconfigOptions = {}): Promise<string> {
    const text = this.kubeconfigText(options);
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
    const path = join(this.#folder, `${hash}.kubeconfig`);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  }

  /** What `kubeconfig` writes, for the Secret of a RemoteCluster. */
  kubeconfigText(options: KubeconfigOptions = {}): string {
    return kubeconfig(this.description, this.pki, options);
  }

  /** A way to this cluster that a test can cut; give it to consumers with `kubeconfig({link})`. */
  link(): Promise<Link> {
    return Link.open(this.description.ports.api);
  }

  /**
   * Starts what does not run, on the same ports and data, and wakes what is paused; resolves when requests are taken.
   */
  async start(): Promise<void> {
    await this.resume();
    this.#etcd.start(toolPath('etcd'), etcdArguments(this.description, this.#folder));
    const files = {
      authentication: join(this.#folder, 'authentication.yaml'),
      egress: join(this.#folder, 'egress.yaml'),
    };
    this.#apiServer.start(toolPath('kube-apiserver'), apiServerArguments(this.description, this.pki, files));
    await this.#untilReady();
    this.#controllerManager.start(
      toolPath('kube-controller-manager'),
      controllerManagerArguments(this.pki, await this.kubeconfig()),
    );
  }

  /** Ends all its programs; resolves when they are gone. */
  async stop(): Promise<void> {
    await this.node.stop();
    await this.#controllerManager.stop();
    // The API server takes a minute to end when its etcd ended first.
    await this.#apiServer.stop();
    await this.#etcd.stop();
  }

  /** The API server crashes; everything else stays. */
  kill(): Promise<void> {
    return this.#apiServer.kill();
  }

  /** The API server no longer does anything (SIGSTOP): connections stay open, new ones are taken and get no answer. */
  async pause(): Promise<void> {
    this.#apiServer.signal('SIGSTOP');
  }

  async resume(): Promise<void> {
    this.#apiServer.signal('SIGCONT');
  }

  /** All objects are lost, and resource versions begin anew, as when etcd is set up again without a backup. */
  async wipeEtcd(): Promise<void> {
    await this.stop();
    await rm(join(this.#folder, 'etcd'), { recursive: true, force: true });
    await this.start();
  }

  /** Ends its programs and removes its folder. */
  async remove(): Promise<void> {
    held.delete(this.#folder);
    this.admin.close();
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** For the end of a run, where nothing can be waited for. */
  killNow(): void {
    for (const program of this.programs()) program.killNow();
  }

  get apiServer(): Pick<Program, 'pid'> {
    return this.#apiServer;
  }

  programs(): readonly Program[] {
    const nodes = mayRunPods() ? [this.node.program] : [];
    return [this.#etcd, this.#apiServer, this.#controllerManager, ...nodes];
  }

  /** The last lines of every program, by its name; those that the node starts itself included. */
  lastWords(lines: number): ReadonlyMap<string, string> {
    const run = join(this.#folder, 'run');
    if (!existsSync(run)) return new Map();
    const names = readdirSync(run).flatMap(file => /^(.+)\.log$/.exec(file)?.[1] ?? []);
    return new Map(names.map(name => [name, new Program(name, run).log(lines)]));
  }

  async ensureNamespace(name: string): Promise<void> {
    await this.admin.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  async #untilReady(): Promise<void> {
    const look = async (): Promise<string> => {
      for (const program of [this.#etcd, this.#apiServer]) {
        if (!program.runs()) return `${program.name} has ended:\n${program.log()}`;
      }
      const { status, body } = await this.admin.request('GET', '/readyz');
      return status === 200 ? 'ready' : JSON.stringify(body);
    };
    await waitFor(`the API server of ${this.name} is ready`, look, seen => seen === 'ready', startLimit);
  }
}

/** How the API server is called from the machine, from pods and from other clusters' pods. */
function namesOf(description: Description): Pick<Wanted, 'addresses' | 'names'> {
  const addresses = ['127.0.0.1', serviceAddress(description, 1), nodeAddress(description)];
  const names = ['localhost', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];
  return { addresses, names };
}
