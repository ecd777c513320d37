import { runningZones } from '../corefile/replica.ts';
import type { CoreDnsFacts, CoreDnsReplica, CorefileFacts } from '../health/facts.ts';
import type { ApiClient } from '../kube/client.ts';
import { RESOURCES } from '../kube/resource.ts';
import { Problems } from '../objects/problem.ts';
import { serviceReader } from '../objects/service.ts';
import { tried } from './known.ts';
import { COREDNS_PODS, listPods, pageOfPod } from './pods.ts';

const { namespace: SYSTEM } = COREDNS_PODS;
const METRICS = { port: 9153, path: '/metrics' };

/**
 * What CoreDNS runs with, and what its ConfigMaps say.
 *
 * @param namespace that Causeway runs in
 */
export async function gatherCoreDns(
  client: ApiClient,
  namespace: string,
  signal: AbortSignal,
): Promise<CoreDnsFacts> {
  const addressesOf = async (place: { readonly namespace: string; readonly name: string }) => {
    const found = await tried(() => client.get(RESOURCES.services, place, signal));
    const raw = 'value' in found ? found.value : undefined;
    return raw === undefined ? [] : (serviceReader.read(raw, Problems.ignored())?.clusterIPs ?? []);
  };
  const [replicas, corefile, addresses, clusterDns] = await Promise.all([
    tried(async () => {
      const pods = await listPods(client, COREDNS_PODS, signal);
      const staying = pods.filter(({ terminating }) => !terminating);
      return Promise.all(staying.map(pod => replicaFacts(client, pod, signal)));
    }),
    tried(() => corefileFacts(client, signal)),
    addressesOf({ namespace, name: 'causeway-dns' }),
    addressesOf({ namespace: SYSTEM, name: 'kube-dns' }),
  ]);
  return { replicas, corefile, addresses, clusterDns };
}

async function replicaFacts(
  client: ApiClient,
  pod: CoreDnsReplica['pod'],
  signal: AbortSignal,
): Promise<CoreDnsReplica> {
  const page = await pageOfPod(client, pod, METRICS, signal);
  if (!page.answered) return { pod, zones: { unknown: page.reason } };
  if (page.status !== 200) return { pod, zones: { unknown: `its metrics answer ${page.status}` } };
  return { pod, zones: { value: runningZones(page.text) } };
}

async function corefileFacts(client: ApiClient, signal: AbortSignal): Promise<CorefileFacts | undefined> {
  const dataOf = async (name: string): Promise<Readonly<Record<string, string>>> =>
    Object((await client.get(RESOURCES.configMaps, { namespace: SYSTEM, name }, signal))?.['data']);
  const [own, custom] = await Promise.all([dataOf('coredns'), dataOf('coredns-custom')]);
  const text = own['Corefile'];
  return text === undefined ? undefined : { text, imported: new Map(Object.entries(custom)) };
}
