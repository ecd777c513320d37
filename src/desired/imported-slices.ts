import type { MergedService, ServiceCluster } from '../mesh/model.ts';
import { MCS_SERVICE_NAME, MCS_SOURCE_CLUSTER, MIRROR_OF, SERVICE_NAME } from '../objects/names.ts';
import type { EndpointSliceObject } from '../objects/shapes.ts';
import { coverageOf, isCovered } from './coverage.ts';
import { desiredObject, ourSliceLabels, sliceBody } from './manifest.ts';
import type { DesiredObject, PlanTools, ServiceView } from './model.ts';
import { importedSliceName, proxySliceName, publishedSliceName } from './names.ts';
import { lacksName, nameForUnnamed, withNamedPort } from './port-names.ts';
import { withdrawn } from './withdrawn.ts';

/** A slice of one source cluster, and what it is called here and there. */
export interface ImportedSlice {
  readonly cluster: ServiceCluster;
  /** Of the slice that is written here; the same in every cluster (KEP-1645: an unexport has to be seen by name). */
  readonly name: string;
  /** In the source cluster's exports namespace. */
  readonly publishedName: string;
  /** As last known. */
  readonly slice: EndpointSliceObject;
}

/**
 * The slices that every cluster serves of a service. One's own are not published ones, and get the name that they have
 * as such.
 */
export function importedSlices(
  view: ServiceView,
  { clusters }: MergedService,
  { sha256 }: PlanTools,
): readonly ImportedSlice[] {
  return clusters.flatMap(cluster =>
    cluster.slices.map(slice => {
      const own = cluster.cluster === view.localCluster;
      const publishedName = own ? publishedSliceName(view.namespace, slice.name, sha256) : slice.name;
      const name = importedSliceName(view.name, cluster.cluster, publishedName, sha256);
      return { cluster, name, publishedName, slice };
    }),
  );
}

/**
 * The MCS EndpointSlices. Those of a cluster held for lost are taken out of service while other clusters can serve what
 * they offer, and stay as last known where none can.
 *
 * @param derivedService for kube-proxy; undefined: there is none
 */
export function planImportedSlices(
  view: ServiceView,
  merged: MergedService,
  derivedService: string | undefined,
  tools: PlanTools,
): readonly DesiredObject[] {
  const given = nameForUnnamed(merged.ports);
  const serving = merged.clusters.filter(cluster => cluster.serving);
  const alive = coverageOf(serving.flatMap(cluster => cluster.slices));
  return importedSlices(view, merged, tools).flatMap(imported => {
    const { cluster, slice } = imported;
    const shown = cluster.serving || !isCovered(slice, alive) ? slice : outOfService(slice);
    if (derivedService === undefined) return [mcsSlice(view, imported, shown, undefined, tools)];
    const forProxy = cluster.cluster === view.localCluster ? shown : withoutNodes(shown);
    if (!lacksName(slice, given)) return [mcsSlice(view, imported, forProxy, derivedService, tools)];
    const named = withNamedPort(forProxy, given);
    return [
      mcsSlice(view, imported, shown, undefined, tools),
      proxySlice(view, derivedService, imported.name, named, tools),
    ];
  });
}

/** A slice that is a derived Service's and no import: kube-proxy alone reads it. */
export function proxySlice(
  view: ServiceView,
  derivedService: string,
  importedName: string,
  slice: EndpointSliceObject,
  tools: PlanTools,
): DesiredObject {
  const name = proxySliceName(derivedService, importedName, tools.sha256);
  const labels = { ...ourSliceLabels(view, view.namespace), [SERVICE_NAME]: derivedService };
  const heading = { kind: 'EndpointSlice', namespace: view.namespace, name, labels } as const;
  return desiredObject(heading, sliceBody(slice), tools);
}

/**
 * For kube-proxy, of another cluster's slice: nodes of two clusters may bear one name, and where a Service's traffic
 * shall stay on its node it would take the other's pods for those of its own, and use no others.
 */
export function withoutNodes(slice: EndpointSliceObject): EndpointSliceObject {
  const endpoints = slice.endpoints.map(endpoint => {
    if (endpoint.topology?.nodeName === undefined) return endpoint;
    const { nodeName: _nodeName, ...topology } = endpoint.topology;
    return { ...endpoint, topology };
  });
  return { ...slice, endpoints };
}

function mcsSlice(
  view: ServiceView,
  { cluster, name, publishedName }: ImportedSlice,
  slice: EndpointSliceObject,
  derivedService: string | undefined,
  tools: PlanTools,
): DesiredObject {
  const labels = {
    ...ourSliceLabels(view, view.namespace),
    [MCS_SERVICE_NAME]: view.name,
    [MCS_SOURCE_CLUSTER]: cluster.cluster,
    ...(derivedService === undefined ? {} : { [SERVICE_NAME]: derivedService }),
  };
  const annotations = { [MIRROR_OF]: `${cluster.cluster}/${publishedName}` };
  const heading = { kind: 'EndpointSlice', namespace: view.namespace, name, labels, annotations } as const;
  return desiredObject(heading, sliceBody(slice), tools);
}

function outOfService(slice: EndpointSliceObject): EndpointSliceObject {
  return { ...slice, endpoints: slice.endpoints.map(withdrawn) };
}
