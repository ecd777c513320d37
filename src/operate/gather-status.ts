import type { Known } from '../base/known.ts';
import type {
  Answer,
  ComponentFacts,
  ControllerReplica,
  DnsReplica,
  LeaseFacts,
  StatusFacts,
} from '../health/facts.ts';
import { readConflictsPage, readControllerPage, readMeshPage } from '../health/pages.ts';
import type { RawObject } from '../kube/client.ts';
import { RESOURCES } from '../kube/resource.ts';
import type { Component } from '../manifests/choices.ts';
import {
  CLUSTER_ID_PROPERTY,
  CLUSTERSET_PROPERTY,
  EXPORTS_NAMESPACE,
  IMPORTS_NAMESPACE,
} from '../objects/names.ts';
import { remoteNodeReader } from '../objects/node.ts';
import type { PodObject } from '../objects/pod.ts';
import type { OperatedCluster } from './cluster.ts';
import { gatherCoreDns } from './coredns/gather.ts';
import { tried } from './known.ts';
import { remoteClusters } from './list-clusters.ts';
import { listObjects } from './list-objects.ts';
import { listPods, PAGES_PORT, pageOfPod, podsOfComponent } from './pods.ts';

/**
 * Looks at a cluster: at everything at once, because an operator waits for it.
 *
 * @param namespace that Causeway runs in
 * @throws CausewayError API_UNREACHABLE, ApiError 401: then nothing can be said
 */
export async function gatherStatus(
  cluster: OperatedCluster,
  namespace: string,
  signal: AbortSignal,
): Promise<StatusFacts> {
  const { client, context } = cluster;
  const looker = new Looker(cluster, namespace, signal);
  const [about, id, clusterSet, lostNamespaces, controller, dns, lease, remotes, remoteNodes, coreDns] =
    await Promise.all([
      client.about(signal),
      looker.property(CLUSTER_ID_PROPERTY),
      looker.property(CLUSTERSET_PROPERTY),
      looker.lostNamespaces(),
      looker.component('controller', replica => looker.controllerReplica(replica)),
      looker.component('dns', replica => looker.dnsReplica(replica)),
      looker.lease(),
      tried(() => remoteClusters(cluster, signal)),
      looker.remoteNodes(),
      gatherCoreDns(client, namespace, signal),
    ]);
  const { version: kubernetes, time } = about;
  return {
    context,
    server: client.server,
    namespace,
    kubernetes,
    time,
    ...{ id, clusterSet, lostNamespaces, controller, dns, lease, remotes, remoteNodes, coreDns },
  };
}

class Looker {
  readonly #client: OperatedCluster['client'];
  readonly #namespace: string;
  readonly #signal: AbortSignal;

  constructor({ client }: OperatedCluster, namespace: string, signal: AbortSignal) {
    this.#client = client;
    this.#namespace = namespace;
    this.#signal = signal;
  }

  property(name: string): Promise<Known<string | undefined>> {
    return tried(async () => {
      const raw = await this.#client.get(RESOURCES.clusterProperties, { name }, this.#signal);
      const { value } = Object(raw?.['spec']);
      return typeof value === 'string' ? value : undefined;
    });
  }

  lostNamespaces(): Promise<Known<string[]>> {
    return tried(async () => {
      const names = [this.#namespace, EXPORTS_NAMESPACE, IMPORTS_NAMESPACE];
      const found = await Promise.all(
        names.map(name => this.#client.get(RESOURCES.namespaces, { name }, this.#signal)),
      );
      return names.flatMap((name, index) => {
        if (found[index] === undefined) return `${name} is missing`;
        return found[index].metadata['deletionTimestamp'] === undefined ? [] : `${name} is being removed`;
      });
    });
  }

  async component<Replica extends ControllerReplica | DnsReplica>(
    component: Component,
    look: (pod: PodObject) => Promise<Replica>,
  ): Promise<ComponentFacts<Replica>> {
    const place = { namespace: this.#namespace, name: `causeway-${component}` };
    const [wanted, replicas] = await Promise.all([
      tried(async () => replicasOf(await this.#client.get(RESOURCES.deployments, place, this.#signal))),
      tried(async () => {
        const selection = podsOfComponent(component, this.#namespace);
        const pods = await listPods(this.#client, selection, this.#signal);
        return Promise.all(pods.filter(({ terminating }) => !terminating).map(look));
      }),
    ]);
    return { wanted, replicas };
  }

  async controllerReplica(pod: PodObject): Promise<ControllerReplica> {
    const [readiness, page, conflicts] = await Promise.all(
      ['/readyz', '/debug/remotes', '/debug/conflicts'].map(path => this.#page(pod, path)),
    );
    return {
      pod,
      readiness: readiness ?? NOT_ASKED,
      page: readWith(readControllerPage, page),
      conflicts: readWith(readConflictsPage, conflicts),
    };
  }

  async dnsReplica(pod: PodObject): Promise<DnsReplica> {
    const [readiness, page] = await Promise.all(
      ['/readyz', '/debug/mesh'].map(path => this.#page(pod, path)),
    );
    return { pod, readiness: readiness ?? NOT_ASKED, page: readWith(readMeshPage, page) };
  }

  lease(): Promise<Known<LeaseFacts | undefined>> {
    return tried(async () => {
      const place = { namespace: this.#namespace, name: 'causeway-controller' };
      return leaseOf(await this.#client.get(RESOURCES.leases, place, this.#signal));
    });
  }

  remoteNodes(): Promise<Known<ReadonlyMap<string, number>>> {
    return tried(async () => {
      const { remoteNodes } = RESOURCES;
      const nodes = await listObjects(this.#client, remoteNodes, {}, remoteNodeReader.read, this.#signal);
      const counts = new Map<string, number>();
      for (const { cluster = '' } of nodes) counts.set(cluster, (counts.get(cluster) ?? 0) + 1);
      return counts;
    });
  }

  #page(pod: PodObject, path: string): Promise<Answer> {
    return pageOfPod(this.#client, pod, { port: PAGES_PORT, path }, this.#signal);
  }
}

const NOT_ASKED: Answer = { answered: false, asked: false, reason: 'it was not asked' };

function readWith<Page>(read: (text: string) => Known<Page>, answer: Answer = NOT_ASKED): Known<Page> {
  if (!answer.answered) return { unknown: answer.reason };
  if (answer.status === 200) return read(answer.text);
  return { unknown: `it says ${answer.status}: ${answer.text}` };
}

function replicasOf(deployment: RawObject | undefined): number | undefined {
  return deployment && Number(Object(deployment['spec']).replicas ?? 1);
}

function leaseOf(raw: RawObject | undefined): LeaseFacts | undefined {
  if (raw === undefined) return undefined;
  const { holderIdentity, renewTime, leaseDurationSeconds } = Object(raw['spec']);
  const renewed = Date.parse(String(renewTime));
  return {
    holder: typeof holderIdentity === 'string' ? holderIdentity : '',
    renewed: Number.isNaN(renewed) ? undefined : renewed,
    duration: Number(leaseDurationSeconds ?? 0) * 1_000,
  };
}
