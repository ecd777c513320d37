import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isInstalled, run } from '../../kit/process.ts';
import { waitFor } from '../../kit/wait.ts';
import type { Manifest } from '../api.ts';
import type { Cluster } from '../cluster.ts';
import { isDescribed, readDescription } from '../description.ts';
import type { Named } from '../look.ts';
import { ensureNodes } from '../pods.ts';
import { Program } from '../program.ts';
import { type NodeState, nodeStatePath, sandboxPath } from './folders.ts';
import { insidePod } from './inside-pod.ts';
import { joinNodes } from './join.ts';
import { processOf } from './status.ts';

/**
 * What runs pods in a cluster, as seen from outside. All is done by a program of its own (outside.ts) in network
 * namespaces that have no names: they end with the processes in them, and those with the program, killed or not.
 */
export class Node {
  readonly program: Program;
  readonly #cluster: Cluster;
  readonly #folder: string;

  /** @param folder of the cluster */
  constructor(cluster: Cluster, folder: string) {
    this.#cluster = cluster;
    this.#folder = folder;
    this.program = new Program('node', join(folder, 'run'));
  }

  /** Starts it unless it runs; resolves when it takes pods and is joined with the other nodes of the bed that run. */
  async start(): Promise<void> {
    if (!mayRunPods()) throw new Error('pods need namespaces of their own: run the tests as root');
    if (!isInstalled('nft')) throw new Error('kube-proxy needs nft: install the Debian package nftables');
    // kube-proxy waits for its Node, and pods are bound to them.
    await ensureNodes(this.#cluster);
    this.program.start(process.execPath, [join(import.meta.dirname, 'outside.ts'), this.#folder]);
    const look = (): NodeState | undefined => {
      if (this.program.runs()) return stateOf(this.#folder);
      throw new Error(`the node of ${this.#cluster.name} has ended:\n${this.program.log()}`);
    };
    const state = await waitFor(`the node of ${this.#cluster.name} takes pods`, look, Boolean, 30_000);
    if (state !== undefined) await this.#joinOthers(state);
  }

  /** Ends it and the pods on it, which makes them pending again. Harmless when it does not run. */
  async stop(): Promise<void> {
    await this.program.stop();
  }

  /** Runs a command in the network and the file system of a pod and returns what it prints. */
  async exec(named: Named, command: readonly string[]): Promise<string> {
    const { metadata } = await this.#pod(named);
    const path = sandboxPath(this.#folder, `${metadata['uid']}`);
    if (!existsSync(path)) throw new Error(`${this.#cluster.name} does not run the pod ${named.name}`);
    return run('nsenter', [...insidePod(Number(readFileSync(path, 'utf8'))), '--', ...command]);
  }

  /** What to put in front of a command so that it runs in the network of the nodes, where pods and ClusterIPs are. */
  inNetwork(): string[] {
    const state = stateOf(this.#folder);
    if (state === undefined) throw new Error(`${this.#cluster.name} runs no pods`);
    return ['nsenter', `--net=/proc/${state.inside}/ns/net`, '--'];
  }

  /** Ends the processes of a pod's containers as a crash would. */
  async crash(named: Named): Promise<void> {
    const { containerStatuses } = (await this.#pod(named))['status'];
    for (const { containerID } of containerStatuses) process.kill(processOf(containerID), 'SIGKILL');
  }

  async #pod({ namespace, name }: Named): Promise<Manifest> {
    const pod = await this.#cluster.admin.get({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name },
    });
    if (pod === undefined) throw new Error(`${this.#cluster.name} has no pod ${namespace}/${name}`);
    return pod;
  }

  /** Two that start at once may both see each other and none sees nobody: each looks when it is in place itself. */
  async #joinOthers(state: NodeState): Promise<void> {
    const bed = dirname(this.#folder);
    const folders = readdirSync(bed).map(name => join(bed, name));
    for (const folder of folders.filter(isDescribed)) {
      const other = folder === this.#folder ? undefined : stateOf(folder);
      if (other === undefined) continue;
      await joinNodes(
        { ...this.#cluster.description, process: state.inside },
        { ...readDescription(folder), process: other.inside },
      );
    }
  }
}

let allowed: boolean | undefined;

/** Root in a container may lack what it takes. */
export function mayRunPods(): boolean {
  allowed ??=
    process.getuid?.() === 0 &&
    spawnSync('unshare', ['--net', '--mount', '--uts', 'true'], { stdio: 'ignore' }).status === 0;
  return allowed;
}

/** Undefined unless the program that wrote it runs. */
function stateOf(folder: string): NodeState | undefined {
  const path = nodeStatePath(folder);
  if (!existsSync(path)) return undefined;
  const state: NodeState = JSON.parse(readFileSync(path, 'utf8'));
  return new Program('node', join(folder, 'run')).pid() === state.program ? state : undefined;
}
