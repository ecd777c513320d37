import type { CoreDnsReplica } from '../../corefile/facts.ts';
import type { ApiClient, RawObject } from '../../kube/client.ts';
import { listPages } from '../../kube/list-pages.ts';
import { RESOURCES } from '../../kube/resource.ts';

/**
 * Has the pods of CoreDNS replaced, as `kubectl rollout restart` does, by those who made them.
 *
 * @param time RFC 3339
 */
export async function restartPods(
  client: ApiClient,
  replicas: readonly CoreDnsReplica[],
  time: string,
  signal: AbortSignal,
): Promise<void> {
  const namespaces = new Set(replicas.map(({ pod }) => pod.namespace));
  for (const namespace of namespaces) {
    for (const resource of [RESOURCES.deployments, RESOURCES.daemonSets]) {
      const found: RawObject[] = [];
      await listPages(client, resource, { namespace }, object => found.push(object), signal);
      for (const { metadata } of found.filter(one => replicas.some(({ pod }) => selects(one, pod)))) {
        const { name } = metadata;
        const annotations = { 'kubectl.kubernetes.io/restartedAt': time };
        const manifest = {
          apiVersion: 'apps/v1',
          kind: resource.kind,
          metadata: { namespace, name },
          spec: { template: { metadata: { annotations } } },
        };
        await client.apply(resource, { namespace, name }, manifest, signal);
      }
    }
  }
}

function selects({ metadata, spec }: RawObject, pod: CoreDnsReplica['pod']): boolean {
  const labels = Object.entries(Object(Object(Object(spec).selector).matchLabels));
  const named = labels.every(([name, value]) => pod.labels[name] === value);
  return metadata.namespace === pod.namespace && labels.length > 0 && named;
}
