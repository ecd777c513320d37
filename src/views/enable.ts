import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { AppliedObject, appliedTable } from './applied.ts';

/** What `causeway enable` prints. */
export const Enable = v.strictObject({
  /** The kubeconfig's name for the cluster. */
  context: v.string(),
  clusterId: v.string(),
  /** Nothing was written: the changes are those that would come. */
  dryRun: v.boolean(),
  objects: v.array(AppliedObject),
});

export type Enable = v.InferOutput<typeof Enable>;

export function enableTable({ objects }: Enable, style: Style): string {
  return appliedTable(objects, style);
}
