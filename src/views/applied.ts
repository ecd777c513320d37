import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';

/** What came of applying one object. */
export const AppliedObject = v.strictObject({
  kind: v.string(),
  namespace: v.optional(v.string()),
  name: v.string(),
  change: v.picklist(['created', 'changed', 'unchanged']),
});

export type AppliedObject = v.InferOutput<typeof AppliedObject>;

/** @param dryRun whether the changes are yet to come */
export function appliedTable(objects: readonly AppliedObject[], dryRun: boolean, style: Style): string {
  const rows = objects.map(({ kind, namespace, name, change }) => [
    kind,
    namespace === undefined ? name : `${namespace}/${name}`,
    change === 'unchanged' ? style.faint(change) : style.good(dryRun ? `to be ${change}` : change),
  ]);
  return table(['KIND', 'NAME', 'CHANGE'], rows);
}
