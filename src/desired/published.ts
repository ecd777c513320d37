import type { ExportedService } from '../mesh/model.ts';
import { exportedServiceSpec } from '../objects/exported-service.ts';
import { MCS_SOURCE_CLUSTER } from '../objects/names.ts';
import { desiredObject, ourLabels, ourSliceLabels, sliceBody } from './manifest.ts';
import type { DesiredObject, PlanTools, ServiceView } from './model.ts';
import { exportedServiceName, publishedSliceName } from './names.ts';

/**
 * The export half: what this cluster gives of the service, in every namespace from which somebody may read it. Slices
 * go with all their ports and all their endpoints, ready or not; what counts of them is for those to say who import
 * them.
 */
export function planPublished(view: ServiceView, tools: PlanTools): readonly DesiredObject[] {
  const exported = view.exports.find(({ cluster }) => cluster === view.localCluster);
  if (exported === undefined) return [];
  return view.publishIn.flatMap(namespace => [
    publishedService(exported, namespace, tools),
    ...exported.slices.map(slice => {
      const name = publishedSliceName(exported.namespace, slice.name, tools.sha256);
      const labels = {
        ...ourSliceLabels(exported, namespace),
        [MCS_SOURCE_CLUSTER]: exported.cluster,
      };
      return desiredObject({ kind: 'EndpointSlice', namespace, name, labels }, sliceBody(slice), tools);
    }),
  ]);
}

function publishedService(exported: ExportedService, namespace: string, tools: PlanTools): DesiredObject {
  const name = exportedServiceName(exported.namespace, exported.name);
  const labels = { ...ourLabels(exported, namespace), [MCS_SOURCE_CLUSTER]: exported.cluster };
  const body = { spec: exportedServiceSpec(exported) };
  return desiredObject({ kind: 'ExportedService', namespace, name, labels }, body, tools);
}
