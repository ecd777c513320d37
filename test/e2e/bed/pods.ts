import type { Manifest } from './api.ts';
import type { Cluster } from './cluster.ts';
import { nodeAddress, nodeCount, nodeName, podAddresses } from './description.ts';
import { kubeletPort } from './node/log-server.ts';

export interface PodIdentity {
  readonly name: string;
  readonly addresses: Readonly<Record<'IPv4' | 'IPv6', string>>;
}

interface PodGroup {
  readonly namespace: string;
  readonly app: string;
  readonly stateful: boolean;
  readonly families: readonly ('IPv4' | 'IPv6')[];
}

const zones = ['a', 'b', 'c'];

/** Writes Nodes and Pods as kubelets would: the part of a cluster that runs containers isn't here. */
export class PodWriter {
  readonly #cluster: Cluster;
  readonly #group: PodGroup;

  constructor(cluster: Cluster, group: PodGroup) {
    this.#cluster = cluster;
    this.#group = group;
  }

  /** Pods `APP-NUMBER`, running and ready. */
  async create(numbers: readonly number[]): Promise<PodIdentity[]> {
    if (numbers.length === 0) return [];
    const first = await reserve(this.#cluster, numbers.length);
    return Promise.all(numbers.map((number, index) => this.#create(number, first + index)));
  }

  async setReady(pod: PodIdentity, ready: boolean): Promise<void> {
    await this.#cluster.admin.merge(
      this.#reference(pod.name),
      { status: this.#status(pod, ready) },
      'status',
    );
  }

  /** Without a kubelet nobody ends it: it stays terminating until `remove`. */
  async terminate({ name }: PodIdentity): Promise<void> {
    await this.#cluster.admin.delete(this.#reference(name), { gracePeriodSeconds: 3_600 });
  }

  async remove({ name }: PodIdentity): Promise<void> {
    await this.#cluster.admin.delete(this.#reference(name), { gracePeriodSeconds: 0 });
  }

  async #create(number: number, address: number): Promise<PodIdentity> {
    const { namespace, app, stateful } = this.#group;
    const pod = {
      name: `${app}-${number}`,
      addresses: podAddresses(this.#cluster.description, address),
    };
    await this.#cluster.admin.create({
      ...this.#reference(pod.name),
      metadata: { namespace, name: pod.name, labels: { app, [podNumber]: `${address}` } },
      spec: {
        nodeName: nodeName(number % nodeCount),
        ...(stateful && { hostname: pod.name, subdomain: app }),
        // Nobody would end it; a namespace with it in it could not be deleted.
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }],
      },
    });
    await this.setReady(pod, true);
    return pod;
  }

  #reference(name: string): Manifest {
    return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: this.#group.namespace, name } };
  }

  #status({ addresses }: PodIdentity, ready: boolean): object {
    const ips = this.#group.families.map(family => addresses[family]);
    const status = ready ? 'True' : 'False';
    return {
      phase: 'Running',
      podIP: ips[0],
      podIPs: ips.map(ip => ({ ip })),
      conditions: ['Ready', 'ContainersReady'].map(type => ({ type, status })),
    };
  }
}

/** Label that holds the number its address is made of. */
const podNumber = 'e2e.causeway.dev/pod-number';

/** The next number per cluster of this process. */
const next = new WeakMap<Cluster, Promise<number>>();

/** Takes numbers above those of all pods there are, those of earlier processes included; returns the first. */
async function reserve(cluster: Cluster, count: number): Promise<number> {
  const first = next.get(cluster) ?? lowestAbove(cluster);
  next.set(
    cluster,
    first.then(number => number + count),
  );
  return first;
}

async function lowestAbove(cluster: Cluster): Promise<number> {
  const pods = await cluster.admin.list('v1', 'Pod', undefined, podNumber);
  return Math.max(-1, ...pods.map(pod => Number(pod.metadata.labels?.[podNumber]))) + 1;
}

/**
 * The endpoint slice controller wants the node of each pod; its zone is in the slices. Harmless where they are there.
 */
export async function ensureNodes(cluster: Cluster): Promise<void> {
  await Promise.all(zones.map((zone, index) => ensureNode(cluster, zone, index)));
}

async function ensureNode(cluster: Cluster, zone: string, index: number): Promise<void> {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName(index) } };
  const labels = {
    'kubernetes.io/hostname': nodeName(index),
    'topology.kubernetes.io/region': cluster.name,
    'topology.kubernetes.io/zone': `${cluster.name}-${zone}`,
  };
  const status = {
    addresses: [{ type: 'InternalIP', address: nodeAddress(cluster.description, index) }],
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
  };
  await cluster.admin.apply({ ...node, metadata: { ...node.metadata, labels } });
  await cluster.admin.merge(node, { status }, 'status');
}
