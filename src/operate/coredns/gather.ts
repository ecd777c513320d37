import type { Known } from '../../base/known.ts';
import type { CoreDnsFacts, CoreDnsReplica } from '../../corefile/facts.ts';
import {
  type ChosenMap,
  type CorefilePlace,
  type MapPlace,
  mapName,
  mapsToRead,
  mapsToReadThen,
  placesDespite,
  placesIn,
  type TextMap,
  type UnreadMap,
} from '../../corefile/places.ts';
import { runningCoreDns } from '../../corefile/replica.ts';
import type { ApiClient, RawObject } from '../../kube/client.ts';
import { RESOURCES } from '../../kube/resource.ts';
import type { PodObject } from '../../objects/pod.ts';
import { Problems } from '../../objects/problem.ts';
import { serviceReader } from '../../objects/service.ts';
import { tried } from '../known.ts';
import { COREDNS_PODS, listPods, pageOfPod } from '../pods.ts';

/** The ConfigMaps that have to do with CoreDNS, as the API server has them, without those that are not there. */
export async function corefileMaps(
  client: ApiClient,
  signal: AbortSignal,
  chosen?: ChosenMap,
): Promise<RawObject[]> {
  return mapsBy(
    ({ namespace, name }) => client.get(RESOURCES.configMaps, { namespace, name }, signal),
    chosen,
  );
}

async function mapsBy(
  get: (place: MapPlace) => Promise<RawObject | undefined>,
  chosen: ChosenMap | undefined,
): Promise<RawObject[]> {
  const read = async (places: readonly MapPlace[]) =>
    (await Promise.all(places.map(get))).flatMap(raw => raw ?? []);
  const first = await read(mapsToRead(chosen));
  return [...first, ...(await read(mapsToReadThen(first.map(textMap), chosen)))];
}

/** The Corefiles, as far as the credential may read them. */
async function lookForPlaces(
  client: ApiClient,
  signal: AbortSignal,
  chosen: ChosenMap | undefined,
): Promise<Pick<CoreDnsFacts, 'places' | 'unread'>> {
  const unread: UnreadMap[] = [];
  const get = async ({ namespace, name }: MapPlace) => {
    const raw = await tried(() => client.get(RESOURCES.configMaps, { namespace, name }, signal));
    if ('value' in raw) return raw.value;
    unread.push({ namespace, name, reason: raw.unknown });
    return undefined;
  };
  const maps = await mapsBy(get, chosen);
  const inOrder = unread.toSorted((one, other) => (mapName(one) < mapName(other) ? -1 : 1));
  return placesDespite(placesIn(maps.map(textMap), chosen), inOrder);
}

export function textMap({ metadata, data }: RawObject): TextMap {
  return { namespace: metadata.namespace ?? '', name: metadata.name, data: Object(data) };
}

/**
 * What CoreDNS runs with, and what its ConfigMaps say.
 *
 * @param namespace that Causeway runs in
 * @param chosen look at no other Corefile than this one
 */
export async function gatherCoreDns(
  client: ApiClient,
  namespace: string,
  signal: AbortSignal,
  chosen?: ChosenMap,
): Promise<CoreDnsFacts> {
  const looked = async () => {
    const found = await lookForPlaces(client, signal, chosen);
    return { ...found, replicas: await tried(() => replicasOf(client, found.places, signal)) };
  };
  const [found, addresses, clusterDns] = await Promise.all([
    looked(),
    knownAddresses(client, { namespace, name: 'causeway-dns' }, signal),
    knownAddresses(client, { namespace: COREDNS_PODS.namespace, name: 'kube-dns' }, signal),
  ]);
  return { ...found, addresses, clusterDns: 'value' in clusterDns ? clusterDns.value : [] };
}

/** Empty: there is no such Service. One without a ClusterIP that can be used may be meant all the same. */
async function knownAddresses(
  client: ApiClient,
  place: MapPlace,
  signal: AbortSignal,
): Promise<Known<readonly string[]>> {
  const raw = await tried(() => client.get(RESOURCES.services, place, signal));
  if ('unknown' in raw) return raw;
  const addresses = addressesIn(raw.value);
  return raw.value === undefined || addresses.length > 0
    ? { value: addresses }
    : { unknown: `Service ${mapName(place)} has no ClusterIP that can be used` };
}

/**
 * What the zone is to be forwarded to: the ClusterIPs of the Service in front of the DNS daemon.
 *
 * @param namespace that Causeway runs in
 */
export async function dnsAddresses(
  client: ApiClient,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return addressesIn(await client.get(RESOURCES.services, { namespace, name: 'causeway-dns' }, signal));
}

/** ClusterIPs of a Service, each with its DNS port where that is not 53. */
function addressesIn(raw: RawObject | undefined): readonly string[] {
  const service = raw === undefined ? undefined : serviceReader.read(raw, Problems.ignored());
  const port = service?.ports.find(({ protocol }) => protocol === 'UDP')?.port ?? 53;
  return (service?.clusterIPs ?? []).map(address => {
    if (port === 53) return address;
    return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  });
}

/** The pods of these Corefiles, and what each of them has at work. Those that are being deleted are left out. */
export async function replicasOf(
  client: ApiClient,
  places: readonly CorefilePlace[],
  signal: AbortSignal,
): Promise<CoreDnsReplica[]> {
  const groups =
    places.length > 0
      ? places.map(({ main, pods, metricsPort }) => ({ corefile: mapName(main), pods, metricsPort }))
      : [{ corefile: 'kube-system/coredns', pods: COREDNS_PODS, metricsPort: 9153 }];
  const found = groups.map(async ({ corefile, pods, metricsPort }) => {
    const staying = (await listPods(client, pods, signal)).filter(({ terminating }) => !terminating);
    return Promise.all(staying.map(pod => replicaOf(client, pod, corefile, metricsPort, signal)));
  });
  return (await Promise.all(found)).flat();
}

async function replicaOf(
  client: ApiClient,
  pod: PodObject,
  corefile: string,
  port: number,
  signal: AbortSignal,
): Promise<CoreDnsReplica> {
  const page = await pageOfPod(client, pod, { port, path: '/metrics' }, signal);
  const running = !page.answered
    ? { unknown: page.reason }
    : page.status === 200
      ? { value: runningCoreDns(page.text) }
      : { unknown: `its metrics answer ${page.status}` };
  return { pod, corefile, running };
}
