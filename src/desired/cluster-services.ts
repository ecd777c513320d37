import { compareText } from '../mesh/export.ts';
import type { MergedService, ServiceCluster } from '../mesh/model.ts';
import { MCS_SOURCE_CLUSTER } from '../objects/names.ts';
import type { EndpointSliceObject } from '../objects/shapes.ts';
import { type Coverage, coverageOf, type Lane, laneOf } from './coverage.ts';
import { localFamiliesOf, planDerived } from './derived.ts';
import { type ImportedSlice, importedSlices, proxySlice, withoutNodes } from './imported-slices.ts';
import type { DesiredObject, PlanTools, ServiceView } from './model.ts';
import { clusterServiceName, shortHash } from './names.ts';
import { nameForUnnamed, withNamedPort } from './port-names.ts';

/** A source cluster: what it serves, and on which lanes it has a ready endpoint. */
interface Source {
  readonly cluster: ServiceCluster;
  readonly slices: readonly ImportedSlice[];
  readonly ready: Coverage;
}

/** Whether names lead to single clusters: only then does each need an address of its own. */
export function drawsClusters({ affinity, clusters }: MergedService): boolean {
  return affinity !== 'none' || clusters.some(cluster => cluster.weight !== undefined);
}

/**
 * A derived Service per source cluster, with slices of its own. A client may hold on to a cluster's address long after
 * that cluster stopped serving, so each lane on which it has nothing ready leads to the clusters that do.
 */
export function planClusterServices(
  view: ServiceView,
  merged: MergedService,
  tools: PlanTools,
): readonly DesiredObject[] {
  if (merged.type === 'Headless' || !drawsClusters(merged)) return [];
  const sources = sourcesOf(view, merged, tools);
  const given = nameForUnnamed(merged.ports);
  return sources.flatMap(own => {
    const id = own.cluster.cluster;
    const name = clusterServiceName(view.namespace, view.name, id, tools.sha256);
    const service = planDerived(view, merged, name, { [MCS_SOURCE_CLUSTER]: id }, tools);
    if (service.state === 'impossible') return [];
    const forProxy = ({ cluster }: ImportedSlice, slice: EndpointSliceObject) =>
      cluster.cluster === view.localCluster ? slice : withoutNodes(slice);
    const slices = servingSlices(own, sources, lanesOf(view, merged), tools).map(({ imported, slice }) =>
      proxySlice(view, name, imported.name, withNamedPort(forProxy(imported, slice), given), tools),
    );
    return service.state === 'wanted' ? [service.object, ...slices] : slices;
  });
}

function sourcesOf(view: ServiceView, merged: MergedService, tools: PlanTools): readonly Source[] {
  const byCluster = new Map<ServiceCluster, ImportedSlice[]>(merged.clusters.map(cluster => [cluster, []]));
  for (const imported of importedSlices(view, merged, tools)) byCluster.get(imported.cluster)?.push(imported);
  return [...byCluster].map(([cluster, slices]) => ({
    cluster,
    slices,
    ready: coverageOf(cluster.slices),
  }));
}

function lanesOf(view: ServiceView, merged: MergedService): readonly Lane[] {
  return localFamiliesOf(view, merged).flatMap(addressType =>
    merged.ports.map(port => laneOf(addressType, port)),
  );
}

/**
 * Clusters that stand in for a lost one behind its address. With 250 clusters of which half are lost, every survivor
 * behind every address would be 16,000 slices, to be written at the worst of moments.
 */
const MOST_STAND_INS = 8;

/** The slices behind one cluster's address, each cut down to the lanes on which it stands in. */
function servingSlices(
  own: Source,
  sources: readonly Source[],
  lanes: readonly Lane[],
  { sha256 }: PlanTools,
): { imported: ImportedSlice; slice: EndpointSliceObject }[] {
  const lanesOfSource = new Map<Source, Set<Lane>>();
  for (const lane of lanes) {
    for (const source of someFor(own, standIns(own, sources, lane), sha256)) {
      lanesOfSource.set(source, (lanesOfSource.get(source) ?? new Set()).add(lane));
    }
  }
  return [...lanesOfSource].flatMap(([{ slices }, held]) =>
    slices.flatMap(imported => {
      const { slice } = imported;
      const ports = slice.ports.filter(port => held.has(laneOf(slice.addressType, port)));
      if (ports.length === 0) return [];
      return [{ imported, slice: ports.length === slice.ports.length ? slice : { ...slice, ports } }];
    }),
  );
}

/**
 * Who serves a lane of a cluster: itself as long as it can, even drained (weight 0), for it was not lost; then whoever
 * serves, the drained ones last; then, as last known, itself and the others that are lost too.
 */
function standIns(own: Source, sources: readonly Source[], lane: Lane): readonly Source[] {
  const ready = sources.filter(source => source.ready.has(lane));
  const serving = ready.filter(({ cluster }) => cluster.serving);
  const tiers = [
    serving.filter(source => source === own),
    serving.filter(isUndrained),
    serving,
    ready.filter(source => source === own),
    ready.filter(isUndrained),
    ready,
  ];
  return tiers.find(tier => tier.length > 0) ?? [own];
}

/** A few of many, by rendezvous: each lost cluster has others, and they change only where one of them goes or comes. */
function someFor(own: Source, sources: readonly Source[], sha256: PlanTools['sha256']): readonly Source[] {
  if (sources.length <= MOST_STAND_INS) return sources;
  const ranked = sources.map(source => ({
    source,
    rank: shortHash(`stand-in/${own.cluster.cluster}/${source.cluster.cluster}`, sha256),
  }));
  ranked.sort((one, other) => compareText(one.rank, other.rank));
  return ranked.slice(0, MOST_STAND_INS).map(({ source }) => source);
}

function isUndrained({ cluster }: Source): boolean {
  return cluster.weight !== 0;
}
