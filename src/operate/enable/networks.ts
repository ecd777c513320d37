import type { FoundBlocks } from '../../health/networks.ts';
import type { ApiClient, Selection, StoredObject } from '../../kube/client.ts';
import { listPages } from '../../kube/list-pages.ts';
import { RESOURCES, type Resource } from '../../kube/resource.ts';
import { readable } from './readable.ts';

/** What a cluster shows of its address blocks, in the order of trust. */
export interface FoundNetworks {
  readonly service: readonly FoundBlocks[];
  readonly pod: readonly FoundBlocks[];
}

/** Flags of the control plane, as kubeadm and kind run it, and what they are about. */
const FLAGS = [
  { kind: 'service', component: 'kube-apiserver', flag: '--service-cluster-ip-range' },
  { kind: 'pod', component: 'kube-controller-manager', flag: '--cluster-cidr' },
] as const;

/**
 * Looks for the address blocks of services and pods: ServiceCIDRs (Kubernetes 1.33 on) and the flags of a control plane
 * that runs in pods. Managed clusters often show neither.
 */
export async function findNetworks(client: ApiClient, signal: AbortSignal): Promise<FoundNetworks> {
  const [serviceCidrs, pods] = await Promise.all([
    visible(client, RESOURCES.serviceCidrs, {}, signal),
    visible(
      client,
      RESOURCES.pods,
      { namespace: 'kube-system', labelSelector: 'tier=control-plane' },
      signal,
    ),
  ]);
  const declared = serviceCidrs.flatMap(({ spec }) => textsOf(Object(spec).cidrs));
  const flagged = (kind: 'service' | 'pod') =>
    FLAGS.filter(one => one.kind === kind).map(({ component, flag }) => ({
      where: `${flag} of ${component}`,
      cidrs: pods
        .filter(pod => pod.metadata.labels?.['component'] === component)
        .slice(0, 1)
        .flatMap(blocksIn(flag)),
    }));
  return {
    service: [{ where: 'ServiceCIDRs', cidrs: declared }, ...flagged('service')],
    pod: flagged('pod'),
  };
}

function blocksIn(flag: string): (pod: StoredObject) => string[] {
  return ({ spec }) => {
    const words = containersOf(spec).flatMap(({ command, args }) => [...textsOf(command), ...textsOf(args)]);
    const value = words.find(word => word.startsWith(`${flag}=`));
    return value === undefined ? [] : value.slice(flag.length + 1).split(',');
  };
}

function containersOf(spec: unknown): { readonly command?: unknown; readonly args?: unknown }[] {
  const { containers } = Object(spec);
  return Array.isArray(containers) ? containers : [];
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(one => typeof one === 'string') : [];
}

async function visible(
  client: ApiClient,
  resource: Resource,
  selection: Selection,
  signal: AbortSignal,
): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  await readable(listPages(client, resource, selection, object => found.push(object), signal));
  return found;
}
