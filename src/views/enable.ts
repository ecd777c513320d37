import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { AppliedObject, appliedTable } from './applied.ts';
import { Finding, findingLines } from './finding.ts';

/** What `causeway enable` prints. */
export const Enable = v.strictObject({
  /** As the kubeconfig calls the cluster. */
  context: v.string(),
  clusterId: v.string(),
  /** Nothing was written: the changes are those that would come. */
  dryRun: v.boolean(),
  /** In the order of application; empty where a check said no. */
  objects: v.array(AppliedObject),
  /** What was checked before, and what became of the workloads. */
  findings: v.array(Finding),
  /** The command to go on with; absent where something has to be mended first. */
  next: v.optional(v.string()),
});

export type Enable = v.InferOutput<typeof Enable>;

export function enableTable({ objects, findings, next, dryRun }: Enable, style: Style): string {
  return [
    ...(objects.length === 0 ? [] : [`${appliedTable(objects, dryRun, style)}\n`]),
    findingLines(findings, style),
    ...(dryRun ? ['\nNothing was changed: this was a dry run.\n'] : []),
    ...(next === undefined ? [] : [`\nNext: ${style.strong(next)}\n`]),
  ].join('');
}
