import { findConflicts } from './conflicts.ts';
import { compareText, policiesOf } from './export.ts';
import { agreeOnFamilies, ofFamilies } from './families.ts';
import type { Conflict, ExportedService, MergedService, ServiceCluster } from './model.ts';
import { servedSlices, unitePorts } from './ports.ts';

const NO_CLUSTERS: ReadonlySet<string> = new Set();

/** One for all: this merge assigns no clusterset or derived IPs (and a headless service never has any). */
const NO_IPS: readonly string[] = [];

/**
 * Merges the exports of one service: at least one, at most one per cluster. Field by field the oldest export's value
 * holds (KEP-1645); only ports are united and IP families intersected. The order of the input makes no difference.
 *
 * @param lostClusters those that are known not to serve
 */
export function mergeService(
  exports: readonly ExportedService[],
  lostClusters: ReadonlySet<string> = NO_CLUSTERS,
): { service: MergedService; conflicts: Conflict[] } {
  const ranked = [...exports].sort(byPrecedence);
  const [oldest] = ranked;
  if (oldest === undefined) throw new Error('a service cannot be merged from no export');
  const agreement = agreeOnFamilies(ranked);
  const merged = {
    namespace: oldest.namespace,
    name: oldest.name,
    type: oldest.type,
    ports: unitePorts(agreement.participants),
    ipFamilies: agreement.families,
    ...policiesOf(oldest),
    labels: oldest.labels,
    annotations: oldest.annotations,
    ips: NO_IPS,
    ...mergeTraffic(ranked),
  };
  const clusters = agreement.participants
    .map(exported => takePart(exported, merged, !lostClusters.has(exported.cluster)))
    .sort((one, other) => compareText(one.cluster, other.cluster));
  return { service: { ...merged, clusters }, conflicts: findConflicts(ranked, agreement) };
}

/** Oldest first. Timestamps have a resolution of one second, so equal ones are ordinary: the cluster id decides. */
function byPrecedence(one: ExportedService, other: ExportedService): number {
  const since = one.exportedAt ?? Number.POSITIVE_INFINITY;
  const otherSince = other.exportedAt ?? Number.POSITIVE_INFINITY;
  return since === otherSince ? compareText(one.cluster, other.cluster) : since < otherSince ? -1 : 1;
}

/** Each setting on its own: the oldest export that sets it, for most exports set none. */
function mergeTraffic(
  ranked: readonly ExportedService[],
): Pick<MergedService, 'affinity' | 'backends' | 'ttl'> {
  const settings = ranked.map(exported => exported.traffic);
  const affinity = settings.find(traffic => traffic.affinity !== undefined)?.affinity ?? 'none';
  const backends = settings.find(traffic => traffic.backends !== undefined)?.backends;
  const ttl = settings.find(traffic => traffic.ttl !== undefined)?.ttl;
  return { affinity, ...(backends === undefined ? {} : { backends }), ...(ttl === undefined ? {} : { ttl }) };
}

function takePart(
  exported: ExportedService,
  merged: Pick<MergedService, 'type' | 'ports' | 'ipFamilies'>,
  serving: boolean,
): ServiceCluster {
  const { weight } = exported.traffic;
  return {
    cluster: exported.cluster,
    ...(weight === undefined ? {} : { weight }),
    serving,
    derivedIPs: NO_IPS,
    clusterIPs: ofFamilies(exported.clusterIPs, merged.ipFamilies),
    loadBalancerIPs: ofFamilies(exported.loadBalancerIPs, merged.ipFamilies),
    slices: servedSlices(exported, merged),
  };
}
