import { familyOf } from '../base/ip.ts';
import type { MergedService, ServiceCluster } from '../mesh/model.ts';
import type { Backends } from '../objects/shapes.ts';

/** What the daemon knows about itself when it chooses between clusters. */
export interface PolicyOptions {
  /** The cluster that asks; undefined: no cluster is local, so affinity means nothing. */
  readonly localCluster: string | undefined;
  /** Which addresses stand for a cluster where the service does not say. */
  readonly backends: Backends;
}

/** A cluster that may be drawn. */
export interface Candidate {
  readonly cluster: string;
  readonly weight: number;
  readonly addresses: readonly string[];
}

/**
 * What a cluster is to a service. `drained`: its weight is 0. `unaddressed`: no address stands for it. `serving`: it
 * serves and has a ready endpoint. `lost`: it is held for lost, but had a ready endpoint when last heard of. `idle`: it
 * serves and has no ready endpoint. `gone`: neither.
 */
export type Standing = 'drained' | 'unaddressed' | (typeof TIERS)[number];

/** Those that may be drawn, best first. */
const TIERS = ['serving', 'lost', 'idle', 'gone'] as const;

export interface Choice {
  /** What those that are drawn have in common; undefined: there are none. */
  readonly tier: Standing | undefined;
  /** Clusters of the tier that affinity keeps. */
  readonly kept: readonly ServiceCluster[];
  readonly candidates: readonly Candidate[];
  /** The candidates are held for lost; they are given because nobody else is left. */
  readonly stale: boolean;
}

/**
 * Pod addresses given in one answer where `backends: endpoints` lets them stand for their cluster: enough for a client
 * to try another, few enough to stay below 512 octets in either family.
 */
const ENDPOINTS_PER_ANSWER = 12;

/** False: the clusterset IP is the answer, and the balancing is done beneath it. */
export function isDrawn(service: MergedService): boolean {
  return !isVirtual(service) || hasWeight(service) || service.affinity !== 'none';
}

/**
 * Whether addresses of the cluster set stand for the clusters. They need a network in which every cluster reaches the
 * pods of all others; exports that say which `backends` to use say that there is none.
 */
function isVirtual(service: MergedService): boolean {
  return service.ips.length > 0 && service.backends === undefined;
}

/**
 * The clusters between which a query chooses.
 *
 * A cluster of weight 0 is never among them. Of the rest, those that serve and have a ready endpoint count; affinity
 * keeps one tier of them if that tier has any. Where none counts, clusters held for lost whose endpoints were ready
 * when last heard of are given and marked stale: an old address beats none. Where not even those exist the service is
 * still a service, and the addresses of clusters without endpoints are given, as a clusterset IP would be (it outlives
 * its endpoints too); clusters that serve come first here as well.
 */
export function chooseClusters(service: MergedService, options: PolicyOptions): Choice {
  const byStanding = Map.groupBy(service.clusters, cluster => standingOf(service, cluster, options));
  const tier = TIERS.find(each => byStanding.has(each));
  const kept = tier === undefined ? [] : preferred(service, byStanding.get(tier) ?? [], options);
  return {
    tier,
    kept,
    candidates: kept.flatMap(cluster => candidatesOf(service, cluster, options)),
    stale: tier === 'lost' || tier === 'gone',
  };
}

export function standingOf(
  service: MergedService,
  cluster: ServiceCluster,
  options: PolicyOptions,
): Standing {
  if (cluster.weight === 0) return 'drained';
  if (addressesOf(service, cluster, options).length === 0) return 'unaddressed';
  if (readyEndpoints(cluster) > 0) return cluster.serving ? 'serving' : 'lost';
  return cluster.serving ? 'idle' : 'gone';
}

/** The addresses that stand for one cluster, of the families that the service has. */
export function addressesOf(
  service: MergedService,
  cluster: ServiceCluster,
  options: PolicyOptions,
): readonly string[] {
  const addresses = clusterAddresses(service, cluster, service.backends ?? options.backends);
  if (service.ipFamilies.length === 0) return addresses;
  return addresses.filter(address => service.ipFamilies.includes(familyOf(address)));
}

function clusterAddresses(
  service: MergedService,
  cluster: ServiceCluster,
  backends: Backends,
): readonly string[] {
  if (isVirtual(service)) return cluster.derivedIPs.length > 0 ? cluster.derivedIPs : service.ips;
  if (backends === 'loadbalancer') return cluster.loadBalancerIPs;
  if (backends === 'endpoints') return readyAddresses(cluster);
  return cluster.clusterIPs;
}

/** Affinity is decided before the family asked for is looked at, so that A and AAAA point to the same clusters. */
function preferred(
  service: MergedService,
  clusters: readonly ServiceCluster[],
  options: PolicyOptions,
): readonly ServiceCluster[] {
  if (service.affinity === 'none' || options.localCluster === undefined) return clusters;
  const wantsLocal = service.affinity === 'local';
  const tier = clusters.filter(cluster => (cluster.cluster === options.localCluster) === wantsLocal);
  return tier.length > 0 ? tier : clusters;
}

function candidatesOf(service: MergedService, cluster: ServiceCluster, options: PolicyOptions): Candidate[] {
  const weight = weightOf(service, cluster);
  const addresses = addressesOf(service, cluster, options);
  const arePods = !isVirtual(service) && (service.backends ?? options.backends) === 'endpoints';
  if (!arePods) return [{ cluster: cluster.cluster, weight, addresses }];
  return groupsOf(addresses).map(group => ({
    cluster: cluster.cluster,
    weight: weight * group.share,
    addresses: group.addresses,
  }));
}

/** Unset is 1 where any cluster has a weight; where none has, the clusters share by their ready endpoints. */
function weightOf(service: MergedService, cluster: ServiceCluster): number {
  if (hasWeight(service)) return cluster.weight ?? 1;
  return Math.max(1, readyEndpoints(cluster));
}

/**
 * Splits pod addresses into answers of a bearable size, so that every pod is given out in proportion. Parts of the
 * shorter family are repeated: an answer without any would take from the cluster's share of that family.
 */
function groupsOf(addresses: readonly string[]): { addresses: readonly string[]; share: number }[] {
  const v4 = addresses.filter(address => familyOf(address) === 'IPv4');
  const v6 = addresses.filter(address => familyOf(address) === 'IPv6');
  const [longer, shorter] = v4.length < v6.length ? [v6, v4] : [v4, v6];
  const others = partsOf(shorter);
  return partsOf(longer).map((part, index) => ({
    addresses: [...part, ...(others[index % others.length] ?? [])],
    share: part.length / longer.length,
  }));
}

function partsOf(addresses: readonly string[]): (readonly string[])[] {
  const count = Math.ceil(addresses.length / ENDPOINTS_PER_ANSWER);
  return Array.from({ length: count }, (_, index) =>
    addresses.slice(index * ENDPOINTS_PER_ANSWER, (index + 1) * ENDPOINTS_PER_ANSWER),
  );
}

/** Whether the clusters share by weight; where not, by their ready endpoints. */
export function hasWeight(service: MergedService): boolean {
  return service.clusters.some(cluster => cluster.weight !== undefined);
}

/** Ready endpoints of the family that has most: a dual-stack pod stands in two slices and is one endpoint. */
export function readyEndpoints(cluster: ServiceCluster): number {
  let v4 = 0;
  let v6 = 0;
  for (const slice of cluster.slices) {
    const ready = slice.endpoints.reduce((sum, endpoint) => sum + (endpoint.ready ? 1 : 0), 0);
    if (slice.addressType === 'IPv4') v4 += ready;
    else v6 += ready;
  }
  return Math.max(v4, v6);
}

function readyAddresses(cluster: ServiceCluster): string[] {
  return cluster.slices.flatMap(slice =>
    slice.endpoints.flatMap(endpoint => (endpoint.ready ? endpoint.addresses : [])),
  );
}
