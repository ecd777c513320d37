import type { AskedPod, ReplicaFacts } from '../../diagnose/facts.ts';
import type { ApiClient } from '../../kube/client.ts';
import {
  COMPONENTS,
  COREDNS_PODS,
  listPods,
  PAGES_PORT,
  type PageAddress,
  type PodSelection,
  pagesOfPods,
  podsOfComponent,
} from '../pods.ts';

const DEBUG_PAGES = { controller: '/debug/remotes', dns: '/debug/mesh' } as const;
const COREDNS_METRICS: PageAddress = { port: 9153, path: '/metrics' };

/** The pods of Causeway, each with what it says of itself. Those that are being deleted are left out. */
export async function replicasIn(
  client: ApiClient,
  namespace: string,
  signal: AbortSignal,
): Promise<ReplicaFacts[]> {
  const found = COMPONENTS.map(async component => {
    const address = { port: PAGES_PORT, path: DEBUG_PAGES[component] };
    const pods = await askedPods(client, podsOfComponent(component, namespace), address, signal);
    return pods.map(pod => ({ component, ...pod }));
  });
  return (await Promise.all(found)).flat();
}

/** The pods of CoreDNS, each with its metrics. */
export function coreDnsPods(client: ApiClient, signal: AbortSignal): Promise<AskedPod[]> {
  return askedPods(client, COREDNS_PODS, COREDNS_METRICS, signal);
}

async function askedPods(
  client: ApiClient,
  selection: PodSelection,
  address: PageAddress,
  signal: AbortSignal,
): Promise<AskedPod[]> {
  const pods = (await listPods(client, selection, signal)).filter(({ terminating }) => !terminating);
  const pages = await pagesOfPods(client, pods, address, signal);
  return pods.map((pod, index) => {
    const page = pages[index];
    if (page?.answered !== true) return { pod, page: { unknown: page?.reason ?? 'it was not asked' } };
    if (page.status === 200) return { pod, page: { value: page.text } };
    return { pod, page: { unknown: `it answers ${page.status}: ${page.text.slice(0, 200)}` } };
  });
}
