import { setTimeout as sleep } from 'node:timers/promises';
import { type Manifest, pathOf } from '../api.ts';
import type { Cluster } from '../cluster.ts';
import { nodeCount, nodeName } from '../description.ts';
import { imageOf } from './image.ts';
import type { NodeNetwork } from './network.ts';
import { RunningPod } from './pod.ts';

const pause = 200;
/** Milliseconds until a pod that could not be started is tried again. */
const retry = 1_000;

/** Scheduler and kubelet of all nodes of a cluster, for the pods whose images it knows. */
export class Kubelet {
  readonly #cluster: Cluster;
  readonly #network: NodeNetwork;
  readonly #folder: string;
  /** By UID. */
  readonly #pods = new Map<string, RunningPod>();
  readonly #ending = new Set<string>();
  #bound = 0;
  #ended = false;

  /** @param folder of the cluster */
  constructor(cluster: Cluster, network: NodeNetwork, folder: string) {
    this.#cluster = cluster;
    this.#network = network;
    this.#folder = folder;
  }

  /** Until `end`. What the API server refuses, or when it is away, is tried again with the next look. */
  async run(): Promise<void> {
    while (!this.#ended) {
      await this.#look().catch(error => console.log(`${error}`));
      await sleep(pause);
    }
  }

  /** The file that a container of a running pod logs to. */
  logOf(namespace: string, pod: string, container: string): string | undefined {
    const running = [...this.#pods.values()].find(one => one.isNamed(namespace, pod));
    return running?.logOf(container);
  }

  /** Ends all pods. Their objects go, or they would look as if they still ran. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.allSettled([...this.#pods.values()].map(pod => pod.stop()));
  }

  async #look(): Promise<void> {
    // Items of a list don't say what they are.
    const all = await this.#cluster.admin.list('v1', 'Pod');
    const pods: Manifest[] = all.filter(isOurs).map(pod => ({ ...pod, apiVersion: 'v1', kind: 'Pod' }));
    const uids = new Set(pods.map(uidOf));
    for (const [uid, pod] of this.#pods) if (!uids.has(uid)) this.#forget(uid, pod);
    for (const pod of pods) {
      if (this.#ended) return;
      const { deletionTimestamp } = pod.metadata;
      if (deletionTimestamp !== undefined) this.#endPod(pod);
      else if (pod['spec'].nodeName === undefined) await this.#bind(pod);
      else if (!this.#pods.has(uidOf(pod))) this.#startPod(pod);
    }
  }

  async #bind(pod: Manifest): Promise<void> {
    const { namespace, name } = pod.metadata;
    const target = { apiVersion: 'v1', kind: 'Node', name: nodeName(this.#bound++ % nodeCount) };
    const reply = await this.#cluster.admin.request('POST', pathOf(pod, 'binding'), {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { namespace, name },
      target,
    });
    if (reply.status >= 300) console.log(`${name} cannot be bound: ${JSON.stringify(reply.body)}`);
  }

  #startPod(manifest: Manifest): void {
    const uid = uidOf(manifest);
    const pod = new RunningPod(this.#cluster, manifest, this.#network, this.#folder);
    this.#pods.set(uid, pod);
    pod.run().catch(async error => {
      console.log(`${manifest.metadata.name} cannot be started: ${error}`);
      await sleep(retry);
      if (this.#pods.get(uid) === pod) this.#forget(uid, pod);
    });
  }

  #endPod(manifest: Manifest): void {
    const uid = uidOf(manifest);
    if (this.#ending.has(uid)) return;
    this.#ending.add(uid);
    // Of an earlier program, if it is not known.
    const pod = this.#pods.get(uid) ?? new RunningPod(this.#cluster, manifest, this.#network, this.#folder);
    pod
      .end()
      .catch(error => console.log(`${manifest.metadata.name} cannot be ended: ${error}`))
      .finally(() => this.#ending.delete(uid));
  }

  #forget(uid: string, pod: RunningPod): void {
    pod.clear();
    this.#pods.delete(uid);
  }
}

function uidOf(pod: Manifest): string {
  return `${pod.metadata['uid']}`;
}

/** Tests write pods of other images themselves, with their status. */
function isOurs(pod: Manifest): boolean {
  const containers: readonly { readonly image: string }[] = pod['spec'].containers;
  return containers.every(({ image }) => imageOf(image) !== undefined);
}
