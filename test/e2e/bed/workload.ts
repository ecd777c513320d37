import { isDeepStrictEqual } from 'node:util';
import { waitFor } from '../kit/wait.ts';
import type { Manifest } from './api.ts';
import type { Cluster } from './cluster.ts';
import { type PodIdentity, PodWriter } from './pods.ts';

export interface ServicePort {
  /** May be left out where there is one port. */
  readonly name?: string;
  readonly port: number;
  /** Number; the same as `port` when it is left out. */
  readonly targetPort?: number;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP';
  readonly appProtocol?: string;
}

export interface WorkloadOptions {
  /** Created when it is missing. */
  readonly namespace: string;
  readonly name: string;
  /** One TCP port 80 when left out. */
  readonly ports?: readonly ServicePort[];
  /** Ready pods; 1 when left out. */
  readonly replicas?: number;
  readonly headless?: boolean;
  /** Pods have names in the DNS: `NAME-0`, `NAME-1`, … as those of a StatefulSet do. Goes with `headless`. */
  readonly stateful?: boolean;
  /** IPv4 when left out. */
  readonly families?: readonly ('IPv4' | 'IPv6')[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Any other field of the Service's spec, such as `type` or `sessionAffinity`. */
  readonly spec?: object;
}

/**
 * A Service and the pods behind it; its EndpointSlices come from the real controller. Every method resolves when the
 * slices show what it did.
 */
export class Workload {
  readonly service: Manifest;
  readonly #cluster: Cluster;
  readonly #writer: PodWriter;
  readonly #pods: PodIdentity[] = [];
  readonly #ready = new Set<string>();

  private constructor(cluster: Cluster, service: Manifest, writer: PodWriter) {
    this.#cluster = cluster;
    this.service = service;
    this.#writer = writer;
  }

  static async deploy(cluster: Cluster, options: WorkloadOptions): Promise<Workload> {
    const { namespace, name, replicas = 1, stateful = false, families = ['IPv4'] } = options;
    await cluster.ensureNamespace(namespace);
    const service = serviceOf(options);
    const writer = new PodWriter(cluster, { namespace, app: name, stateful, families });
    const workload = new Workload(cluster, await cluster.admin.apply(service), writer);
    await workload.scale(replicas);
    return workload;
  }

  /** Addresses of the pods, in the order of their numbers. */
  addresses(family: 'IPv4' | 'IPv6' = 'IPv4'): string[] {
    return this.#pods.map(pod => pod.addresses[family]);
  }

  /** The ClusterIP of the first family, or `None`. */
  get clusterIP(): string {
    return this.service['spec'].clusterIP;
  }

  /** Adds ready pods, or removes those with the highest numbers, as a StatefulSet would. */
  async scale(replicas: number): Promise<void> {
    const removed = this.#pods.splice(replicas);
    await Promise.all(removed.map(pod => this.#writer.remove(pod)));
    for (const pod of removed) this.#ready.delete(pod.name);
    const first = this.#pods.length;
    const numbers = Array.from({ length: replicas - first }, (_, index) => first + index);
    const added = await this.#writer.create(numbers);
    this.#pods.push(...added);
    for (const pod of added) this.#ready.add(pod.name);
    await this.#untilSeen();
  }

  /** Turns the condition of one pod. */
  async ready(number: number, ready: boolean): Promise<void> {
    const pod = this.#pod(number);
    await this.#writer.setReady(pod, ready);
    if (ready) this.#ready.add(pod.name);
    else this.#ready.delete(pod.name);
    await this.#untilSeen();
  }

  /** Replaces one pod by one of the same name with another address, as a StatefulSet does. */
  async replace(number: number): Promise<void> {
    const pod = this.#pod(number);
    await this.#writer.remove(pod);
    const [added] = await this.#writer.create([number]);
    if (added !== undefined) this.#pods[number] = added;
    this.#ready.add(pod.name);
    await this.#untilSeen();
  }

  /** Asks one pod to end; it stays, terminating and still serving, until it is scaled away or replaced. */
  async terminate(number: number): Promise<void> {
    const pod = this.#pod(number);
    await this.#writer.terminate(pod);
    this.#ready.delete(pod.name);
    await this.#untilSeen();
  }

  slices(): Promise<Manifest[]> {
    const { namespace, name } = this.service.metadata;
    const labels = `kubernetes.io/service-name=${name},endpointslice.kubernetes.io/managed-by=endpointslice-controller.k8s.io`;
    return this.#cluster.admin.list('discovery.k8s.io/v1', 'EndpointSlice', namespace, labels);
  }

  /** Removes the Service and the pods. */
  async remove(): Promise<void> {
    await this.#cluster.admin.delete(this.service);
    await Promise.all(this.#pods.splice(0).map(pod => this.#writer.remove(pod)));
  }

  #pod(number: number): PodIdentity {
    const pod = this.#pods[number];
    if (pod === undefined) throw new RangeError(`${this.service.metadata.name} has no pod ${number}`);
    return pod;
  }

  async #untilSeen(): Promise<void> {
    const families: ('IPv4' | 'IPv6')[] = this.service['spec'].ipFamilies;
    const expected = families.flatMap(family =>
      this.#pods.map(pod => `${pod.addresses[family]} ${this.#ready.has(pod.name) ? 'ready' : 'not ready'}`),
    );
    const look = async (): Promise<string[]> => (await this.slices()).flatMap(endpointLines).toSorted();
    const what = `EndpointSlices of ${this.service.metadata.name} with ${expected.join(', ') || 'no endpoint'}`;
    await waitFor(what, look, seen => isDeepStrictEqual(seen, expected.toSorted()), 30_000);
  }
}

function endpointLines(slice: Manifest): string[] {
  const endpoints: { addresses: string[]; conditions: { ready?: boolean } }[] = slice['endpoints'] ?? [];
  return endpoints.map(
    ({ addresses, conditions }) => `${addresses[0]} ${conditions.ready === false ? 'not ready' : 'ready'}`,
  );
}

function serviceOf(options: WorkloadOptions): Manifest {
  const { namespace, name, ports = [{ port: 80 }], families = ['IPv4'], headless = false } = options;
  const { labels = {}, annotations = {}, spec = {} } = options;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name, labels, annotations },
    spec: {
      ports: ports.map(port => ({ protocol: 'TCP', targetPort: port.port, ...port })),
      selector: { app: name },
      ipFamilies: families,
      ipFamilyPolicy: families.length > 1 ? 'RequireDualStack' : 'SingleStack',
      ...(headless && { clusterIP: 'None' }),
      ...spec,
    },
  };
}
