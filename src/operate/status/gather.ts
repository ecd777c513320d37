import type { Known } from '../../base/known.ts';
import type { DnsReplica, StatusFacts } from '../../health/facts.ts';
import { readMeshPage } from '../../health/pages.ts';
import { RESOURCES } from '../../kube/resource.ts';
import {
  CLUSTER_ID_PROPERTY,
  CLUSTERSET_PROPERTY,
  EXPORTS_NAMESPACE,
  IMPORTS_NAMESPACE,
} from '../../objects/names.ts';
import { remoteNodeReader } from '../../objects/node.ts';
import type { PodObject } from '../../objects/pod.ts';
import type { OperatedCluster } from '../cluster.ts';
import { gatherCoreDns } from '../coredns/gather.ts';
import { tried } from '../known.ts';
import { remoteClusters } from '../list/clusters.ts';
import { listObjects } from '../list-objects.ts';
import { componentFacts, gatherLeadership, pageFacts, pagesOf } from './leadership.ts';

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
  const [leadership, id, clusterSet, lostNamespaces, dns, remotes, remoteNodes, coreDns] = await Promise.all([
    gatherLeadership(cluster, namespace, signal),
    looker.property(CLUSTER_ID_PROPERTY),
    looker.property(CLUSTERSET_PROPERTY),
    looker.lostNamespaces(),
    componentFacts(client, namespace, 'dns', pod => looker.dnsReplica(pod), signal),
    tried(() => remoteClusters(cluster, signal)),
    looker.remoteNodes(),
    gatherCoreDns(client, namespace, signal),
  ]);
  return {
    context,
    server: client.server,
    namespace,
    ...leadership,
    ...{ id, clusterSet, lostNamespaces, dns, remotes, remoteNodes, coreDns },
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

  async dnsReplica(pod: PodObject): Promise<DnsReplica> {
    const [readiness, page] = await pagesOf(this.#client, pod, ['/readyz', '/debug/mesh'], this.#signal);
    return { pod, readiness, page: pageFacts(readMeshPage, page) };
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
}
