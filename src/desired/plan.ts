import { objectKey } from '../base/name.ts';
import type { MergedService } from '../mesh/model.ts';
import { planClusterServices } from './cluster-services.ts';
import { type Derived, planDerived } from './derived.ts';
import { planExportStatus } from './export-status.ts';
import { planImportedCopies } from './imported-copies.ts';
import { planImportedSlices } from './imported-slices.ts';
import type { DesiredObject, DesiredStatus, Plan, PlanTools, Remark, ServiceView } from './model.ts';
import { derivedServiceName } from './names.ts';
import { planNative } from './native-slices.ts';
import { planPublished } from './published.ts';
import { planImportStatus, planServiceImport } from './service-import.ts';

/** What one part of the plan asks for. */
interface Part {
  readonly objects: readonly DesiredObject[];
  readonly statuses?: readonly DesiredStatus[];
  readonly remarks?: readonly Remark[];
  readonly complete?: boolean;
}

const NOTHING: Part = { objects: [] };

/**
 * Everything that this cluster's API server shall hold for one namespaced name: a function of the view, and of nothing
 * else.
 */
export function planService(view: ServiceView, tools: PlanTools): Plan {
  const native = view.namespaceExists ? planNative(view, tools) : NOTHING;
  const parts: Part[] = [exportHalf(view, tools), importHalf(view, tools), native];
  const objects = parts.flatMap(part => part.objects);
  const taken = objects.filter(object => isForeign(object, view));
  const statuses = parts.flatMap(part => part.statuses ?? []);
  return {
    objects: objects.filter(object => !taken.includes(object)),
    statuses: statuses.filter(status => !isForeign(status, view)),
    remarks: [
      ...parts.flatMap(part => part.remarks ?? []),
      ...taken.map(object => takenRemark(object, view)),
    ],
    complete: parts.every(part => part.complete !== false),
  };
}

/** What this cluster gives, and what its owner has to know about that. */
function exportHalf(view: ServiceView, tools: PlanTools): Part {
  const status = planExportStatus(view, tools);
  return {
    objects: view.namespaceExists ? planPublished(view, tools) : [],
    statuses: view.namespaceExists && status !== undefined ? [status] : [],
  };
}

/** What this cluster takes. Namespaces are the owner's to create (KEP-1645): the import waits for its own. */
function importHalf(view: ServiceView, tools: PlanTools): Part {
  const copies = planImportedCopies(view, tools);
  const { merged } = view;
  if (merged === undefined || !view.namespaceExists) return { objects: copies };
  const derived = clusterSetService(view, merged, tools);
  const derivedName = derived === undefined || derived.state === 'impossible' ? undefined : derived.name;
  const slices = planImportedSlices(view, merged, derivedName, tools);
  const serviceImport = planServiceImport(view, merged, derived, tools);
  return {
    objects: [
      ...copies,
      ...(derived?.state === 'wanted' ? [derived.object] : []),
      ...planClusterServices(view, merged, tools),
      ...slices,
      ...(serviceImport === undefined ? [] : [serviceImport]),
    ],
    statuses:
      serviceImport === undefined ? [] : [planImportStatus(view, merged, derived, slices.length > 0, tools)],
    complete: serviceImport !== undefined || derived?.state === 'outgoing',
  };
}

function clusterSetService(view: ServiceView, merged: MergedService, tools: PlanTools): Derived | undefined {
  if (merged.type === 'Headless') return undefined;
  const name = derivedServiceName(view.namespace, view.name, tools.sha256);
  return planDerived(view, merged, name, {}, tools);
}

type Named = Pick<DesiredObject | DesiredStatus, 'kind' | 'namespace' | 'name'>;

/** A ServiceExport is its owner's by nature; only what we would create can be in somebody's way. */
function isForeign({ kind, namespace, name }: Named, { foreign }: ServiceView): boolean {
  return kind !== 'ServiceExport' && foreign.has(`${kind} ${objectKey(namespace, name)}`);
}

function takenRemark({ kind, namespace, name }: Named, view: ServiceView): Remark {
  const taken = `${kind} ${objectKey(namespace, name)}`;
  const message =
    `${taken} would be written for ${objectKey(view.namespace, view.name)}, but exists and is not Causeway's; ` +
    'it stays as it is until it is deleted';
  return { about: subjectOf(view), reason: 'NameTaken', message };
}

function subjectOf({ serviceExport, namespace, name }: ServiceView): Remark['about'] {
  return { kind: serviceExport === undefined ? 'ServiceImport' : 'ServiceExport', namespace, name };
}
