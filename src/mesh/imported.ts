import type { EndpointSliceObject, ServiceImportObject } from '../objects/shapes.ts';
import { compareText, inNameOrder, policiesOf } from './export.ts';
import { ofFamilies } from './families.ts';
import type { MergedService, ServiceCluster } from './model.ts';

/** What a cluster holds of one service that was imported into it, by whichever controller. */
export interface ImportedParts {
  readonly serviceImport: ServiceImportObject;
  /** The EndpointSlices with the labels of the MCS API, of all source clusters. */
  readonly slices: Iterable<EndpointSliceObject>;
  /** Of the derived Services that stand for one source cluster each: cluster id → cluster IPs. */
  readonly derivedIPs: ReadonlyMap<string, readonly string[]>;
}

/** One for all: most services have none of these, and records need neither labels nor annotations. */
const NO_IPS: readonly string[] = [];
const NO_STRINGS: Readonly<Record<string, string>> = {};

/**
 * Reads a merge back: what the controller made of all exports, as its own API server holds it. Nothing is decided here
 * but what the objects leave open. An import of another controller's, which has only what the MCS API defines, becomes
 * a service that is answered with its clusterset IPs, or with its endpoints where it is headless.
 *
 * @param lostClusters those that are known not to serve
 */
export function importedService(parts: ImportedParts, lostClusters: ReadonlySet<string>): MergedService {
  const { serviceImport } = parts;
  const { namespace, name, type, ports, ipFamilies, traffic } = serviceImport;
  const { affinity = 'none', backends, ttl } = traffic;
  const slices = Map.groupBy(inNameOrder(parts.slices), slice => slice.sourceCluster);
  return {
    namespace,
    name,
    type,
    ports,
    ipFamilies,
    ...policiesOf(serviceImport),
    labels: NO_STRINGS,
    annotations: NO_STRINGS,
    // KEP-1645: a headless import never has any.
    ips: type === 'Headless' ? NO_IPS : serviceImport.ips,
    affinity,
    ...(backends === undefined ? {} : { backends }),
    ...(ttl === undefined ? {} : { ttl }),
    clusters: clustersOf(serviceImport, slices.keys()).map(cluster =>
      partOf(cluster, parts, slices.get(cluster) ?? [], !lostClusters.has(cluster)),
    ),
  };
}

/**
 * Whoever is listed in the status takes part, with slices or without: an exporter without endpoints is an exporter. So
 * does whoever has a slice, for the status is written after the slices, and not by every controller.
 */
function clustersOf({ clusters }: ServiceImportObject, withSlices: Iterable<string | undefined>): string[] {
  const all = new Set(clusters);
  for (const cluster of withSlices) if (cluster !== undefined) all.add(cluster);
  return [...all].sort(compareText);
}

function partOf(
  cluster: string,
  { serviceImport: { ipFamilies, traffic }, derivedIPs }: ImportedParts,
  slices: readonly EndpointSliceObject[],
  serving: boolean,
): ServiceCluster {
  const { clusters = {} } = traffic;
  const { weight, clusterIPs, loadBalancerIPs } = Object.hasOwn(clusters, cluster)
    ? (clusters[cluster] ?? {})
    : {};
  return {
    cluster,
    ...(weight === undefined ? {} : { weight }),
    serving,
    derivedIPs: derivedIPs.get(cluster) ?? NO_IPS,
    clusterIPs: ofFamilies(clusterIPs ?? NO_IPS, ipFamilies),
    loadBalancerIPs: ofFamilies(loadBalancerIPs ?? NO_IPS, ipFamilies),
    slices:
      ipFamilies.length === 0 ? slices : slices.filter(({ addressType }) => ipFamilies.includes(addressType)),
  };
}
