import { exportedServiceSpec } from '../objects/exported-service.ts';
import { IMPORTS_NAMESPACE, MCS_SOURCE_CLUSTER } from '../objects/names.ts';
import { desiredObject, ourLabels } from './manifest.ts';
import type { DesiredObject, PlanTools, ServiceView } from './model.ts';
import { importedCopyName } from './names.ts';

/** Copies of what the other clusters publish: with them a controller that starts while one is away wipes nothing. */
export function planImportedCopies(view: ServiceView, tools: PlanTools): readonly DesiredObject[] {
  return view.exports
    .filter(({ cluster }) => cluster !== view.localCluster)
    .map(exported => {
      const heading = {
        kind: 'ExportedService',
        namespace: IMPORTS_NAMESPACE,
        name: importedCopyName(exported.cluster, exported.namespace, exported.name),
        labels: { ...ourLabels(exported, IMPORTS_NAMESPACE), [MCS_SOURCE_CLUSTER]: exported.cluster },
      } as const;
      return desiredObject(heading, { spec: exportedServiceSpec(exported) }, tools);
    });
}
