import { objectKey } from '../../src/base/name.ts';
import type { MergedService, MeshChange, ServiceCluster } from '../../src/mesh/model.ts';
import type { EndpointSliceObject, ServicePort } from '../../src/objects/shapes.ts';
import { Zone, type ZoneOptions } from '../../src/records/zone.ts';
import { NOW_SECONDS } from './dns.ts';

export const HTTP: ServicePort = { name: 'http', protocol: 'TCP', port: 80 };

/** A merged service, dual stack with one named port unless told otherwise. */
export function serviceOf(
  namespace: string,
  name: string,
  clusters: readonly ServiceCluster[],
  parts: Partial<MergedService> = {},
): MergedService {
  return {
    namespace,
    name,
    type: 'ClusterSetIP',
    ports: [HTTP],
    ipFamilies: ['IPv4', 'IPv6'],
    sessionAffinity: 'None',
    labels: {},
    annotations: {},
    ips: [],
    affinity: 'none',
    clusters,
    ...parts,
  };
}

/** One cluster's part in a service: reached by `clusterIPs`, with the given pods ready behind it. */
export function clusterOf(
  cluster: string,
  clusterIPs: readonly string[],
  parts: Partial<ServiceCluster> & { readonly pods?: readonly string[] } = {},
): ServiceCluster {
  const { pods = clusterIPs, ...rest } = parts;
  return {
    cluster,
    serving: true,
    derivedIPs: [],
    clusterIPs,
    loadBalancerIPs: [],
    slices: sliceOf(pods),
    ...rest,
  };
}

/** One slice per family that the addresses have. */
export function sliceOf(pods: readonly string[]): EndpointSliceObject[] {
  const byFamily = Map.groupBy(pods, pod => (pod.includes(':') ? 'IPv6' : 'IPv4'));
  return [...byFamily].map(([addressType, addresses]) => ({
    kind: 'EndpointSlice',
    namespace: 'any',
    name: addressType.toLowerCase(),
    serviceName: 'any',
    addressType,
    ports: [HTTP],
    endpoints: addresses.map(address => ({ addresses: [address], ready: true })),
  }));
}

export interface TestZoneOptions extends Partial<ZoneOptions> {
  /** True if not given: everything is loaded. */
  readonly synced?: boolean;
  readonly namespaces?: ReadonlySet<string>;
  /** Serial. */
  readonly unixSeconds?: number;
}

/** A zone that holds these services. */
export function zoneOf(services: readonly MergedService[], options: TestZoneOptions = {}): Zone {
  const { synced = true, namespaces = NAMESPACES, unixSeconds = NOW_SECONDS, ...rest } = options;
  const zone = new Zone({
    origin: 'clusterset.local',
    ttl: 5,
    localCluster: undefined,
    backends: 'service',
    clusterNames: false,
    nameserverAddresses: ['192.0.2.53', '2001:db8::53'],
    ...rest,
  });
  zone.apply({ services: byKey(services), namespaces }, unixSeconds);
  if (synced) zone.markSynced();
  return zone;
}

/** Adds or replaces services. */
export function put(zone: Zone, services: readonly MergedService[], unixSeconds = NOW_SECONDS): MeshChange {
  const change = { services: byKey(services), namespaces: NAMESPACES };
  zone.apply(change, unixSeconds);
  return change;
}

/** Takes services out again, and returns what it changed. */
export function takeOut(zone: Zone, keys: readonly string[], unixSeconds = NOW_SECONDS): MeshChange {
  const change = { services: new Map(keys.map(key => [key, undefined])), namespaces: NAMESPACES };
  zone.apply(change, unixSeconds);
  return change;
}

function byKey(services: readonly MergedService[]): Map<string, MergedService> {
  return new Map(services.map(service => [objectKey(service.namespace, service.name), service]));
}

/** The namespaces that exist in a zone made here unless others are given. */
export const NAMESPACES: ReadonlySet<string> = new Set(['shop', 'platform', 'empty']);
