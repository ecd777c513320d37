import { parseCalicoSelector } from '../base/selector/calico.ts';
import { matches } from '../base/selector/selector.ts';
import { exportService, isInvalid, type OwnParts } from '../mesh/export.ts';
import type { ExportedService } from '../mesh/model.ts';
import type { ServiceExportObject, ServiceObject } from '../objects/shapes.ts';
import { addedSlice } from './added-slice.ts';
import { backingsOf, mismatchRemarks, remarkOn } from './backing.ts';
import { coverageOf, isCovered } from './coverage.ts';
import type { DesiredObject, FederatedView, PlanTools, Remark, ServiceView } from './model.ts';

const ANNOTATION = 'federation.tigera.io/serviceSelector';
/** Calico gives it to Services of other clusters only, beside their own labels. */
const REMOTE_CLUSTER_LABEL = 'federation.tigera.io/remoteClusterName';

/** What a selector chooses from: the Services of one namespace, with their own endpoints and none that were added. */
export interface BackingCandidates {
  readonly remote: readonly ExportedService[];
  /** Those of this cluster, exported or not, but for federated ones: these are never chained. */
  readonly local: readonly ExportedService[];
}

/** Which Services back a federated one. A selector that cannot be read chooses none. */
export function selectBacking(selectorText: string, candidates: BackingCandidates): FederatedView {
  const reading = parseCalicoSelector(selectorText);
  if ('fault' in reading) return { fault: reading.fault, exports: [], local: [] };
  const { selector } = reading;
  return {
    fault: undefined,
    exports: candidates.remote.filter(({ cluster, serviceLabels }) =>
      matches(selector, { ...serviceLabels, [REMOTE_CLUSTER_LABEL]: cluster }),
    ),
    local: candidates.local.filter(({ serviceLabels }) => matches(selector, serviceLabels ?? {})),
  };
}

/**
 * What a Service of this cluster would give if it were exported: federation asks for no ServiceExport in its own
 * cluster. Federated Services themselves are not chained. Nothing, or one contribution.
 */
export function localBacking(cluster: string, { service, slices }: OwnParts): readonly ExportedService[] {
  if (service === undefined || service.type === 'ExternalName') return [];
  if (service.detail?.intent.federationSelector !== undefined) return [];
  const request: ServiceExportObject = {
    kind: 'ServiceExport',
    namespace: service.namespace,
    name: service.name,
    exportedLabels: {},
    exportedAnnotations: {},
    traffic: {},
  };
  const contribution = exportService(cluster, { request, service, slices });
  return contribution === undefined || isInvalid(contribution) ? [] : [contribution];
}

/**
 * Calico's federated services: a Service without a selector of its own gets the endpoints of all Services, here and in
 * other clusters, that its annotation selects in the same namespace.
 */
export function planFederated(
  view: ServiceView,
  tools: PlanTools,
): { readonly objects: readonly DesiredObject[]; readonly remarks: readonly Remark[] } {
  const { service, federated, lost, localCluster } = view;
  const selector = service?.detail?.intent.federationSelector;
  if (!service || selector === undefined) return { objects: [], remarks: [] };
  const obstacle = obstacleOf(service, federated);
  if (obstacle !== undefined) return { objects: [], remarks: [obstacle] };
  if (federated === undefined) return { objects: [], remarks: [] };
  const chosen = [...federated.local, ...federated.exports];
  const backings = backingsOf(service, chosen);
  const surviving = backings.filter(({ cluster }) => !lost.has(cluster)).flatMap(({ slices }) => slices);
  const alive = coverageOf(surviving);
  const objects = backings.flatMap(({ cluster, slices }) =>
    slices.map(slice => {
      const standby = lost.has(cluster) && isCovered(slice, alive);
      return addedSlice(service, { cluster, slice, standby, local: cluster === localCluster }, tools);
    }),
  );
  return { objects, remarks: mismatchRemarks(service, chosen) };
}

/** Why a Service that asks for it is not federated. */
function obstacleOf(service: ServiceObject, federated: FederatedView | undefined): Remark | undefined {
  if (service.type === 'ExternalName') {
    return ignored(
      service,
      'the Service is of type ExternalName; give it another type, or remove the annotation',
    );
  }
  if (service.detail?.hasSelector) {
    return ignored(service, 'the Service has a selector of its own; remove spec.selector, or the annotation');
  }
  if (federated?.fault === undefined) return undefined;
  const message = `${ANNOTATION} selects nothing, so the Service has no endpoints: ${federated.fault}. Correct the selector`;
  return remarkOn(service, 'FederationSelectorInvalid', message);
}

function ignored(service: ServiceObject, why: string): Remark {
  return remarkOn(service, 'FederationIgnored', `${ANNOTATION} is ignored: ${why}`);
}
