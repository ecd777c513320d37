import { objectKey } from '../base/name.ts';
import { MIRROR_OF } from '../objects/names.ts';
import type { EndpointSliceObject, ServiceObject } from '../objects/shapes.ts';
import { addedSlice } from './added-slice.ts';
import { type Backing, backingsOf, mismatchRemarks, remarkOn } from './backing.ts';
import { coverageOf, isCovered } from './coverage.ts';
import type { DesiredObject, PlanTools, Remark, ServiceView } from './model.ts';

/**
 * Cilium's global services: a Service with `service.cilium.io/global` also gets the endpoints that other clusters share
 * under its name. One without is never touched, whatever the others share.
 */
export function planGlobal(
  view: ServiceView,
  tools: PlanTools,
): { readonly objects: readonly DesiredObject[]; readonly remarks: readonly Remark[] } {
  const { service, localCluster, exports } = view;
  const intent = service?.detail?.intent;
  if (!service || !intent?.global) return { objects: [], remarks: [] };
  if (service.type === 'ExternalName') return { objects: [], remarks: [externalNameRemark(service)] };
  if (service.headless && !intent.syncEndpointSlices) return { objects: [], remarks: [] };
  const shared = exports.filter(
    ({ cluster, sharedAs }) => cluster !== localCluster && sharedAs.includes('Global'),
  );
  const backings = backingsOf(service, shared);
  const isStandby = standbyRule(view, backings);
  const objects = backings.flatMap(({ cluster, slices }) =>
    slices.map(slice => {
      const standby = isStandby(cluster, slice);
      // What is shared in this way only is mirrored nowhere else: from here it is read back while the cluster is away.
      const annotations = { [MIRROR_OF]: `${cluster}/${slice.name}` };
      return addedSlice(service, { cluster, slice, standby, local: false, annotations }, tools);
    }),
  );
  return { objects, remarks: [...remarksOn(service, view, backings), ...mismatchRemarks(service, shared)] };
}

function remarksOn(
  service: ServiceObject,
  { serviceExport, publishFault }: ServiceView,
  backings: readonly Backing[],
): Remark[] {
  const { affinity, shared } = service.detail?.intent ?? {};
  const remarks: Remark[] = [];
  if (affinity === 'remote' && backings.length > 0) remarks.push(affinityRemark(service));
  // Where there is a ServiceExport, its own condition says it.
  if (shared && serviceExport === undefined && publishFault !== undefined) {
    remarks.push(remarkOn(service, 'NotShared', publishFault));
  }
  return remarks;
}

/** A slice stands by only while all that it offers is offered by an endpoint that goes before it and is ready. */
function standbyRule(
  { service, localSlices, lost }: ServiceView,
  backings: readonly Backing[],
): (cluster: string, slice: EndpointSliceObject) => boolean {
  const surviving = backings.filter(({ cluster }) => !lost.has(cluster)).flatMap(({ slices }) => slices);
  const here = coverageOf(localSlices);
  const alive = coverageOf([...localSlices, ...surviving]);
  const localFirst = service?.detail?.intent.affinity === 'local';
  return (cluster, slice) =>
    (localFirst && isCovered(slice, here)) || (lost.has(cluster) && isCovered(slice, alive));
}

/** The Service's own slices are written by Kubernetes, which would undo whatever keeps traffic away from them. */
function affinityRemark(service: ServiceObject): Remark {
  const name = `${service.name}.${service.namespace}.svc`;
  const message =
    `affinity "remote" does not hold for ${name} itself: kube-proxy spreads over all ready endpoints, the local ones ` +
    `included. For it, export ${objectKey(service.namespace, service.name)} in every cluster with a ServiceExport that has ` +
    `causeway.dev/affinity: remote, and use the name ${name}.clusterset.local`;
  return remarkOn(service, 'AffinityNotRealised', message);
}

function externalNameRemark(service: ServiceObject): Remark {
  const message =
    'service.cilium.io/global is ignored: a Service of type ExternalName has no endpoints to add others to. ' +
    'Remove the annotation, or make it a Service of another type';
  return remarkOn(service, 'GlobalIgnored', message);
}
