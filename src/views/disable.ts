import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { Finding, findingLines } from './finding.ts';

/** One object that was, or would be, removed. */
export const RemovedObject = v.strictObject({
  kind: v.string(),
  namespace: v.optional(v.string()),
  name: v.string(),
});

/** What `causeway disable` prints. */
export const Disable = v.strictObject({
  /** As the kubeconfig calls the cluster. */
  context: v.string(),
  /** Nothing was removed: these would be. */
  dryRun: v.boolean(),
  /** In the order of removal. Everything in a Namespace goes along with it, and so do the objects of a definition. */
  removed: v.array(RemovedObject),
  /** What stays, and whatever else is to be known. */
  findings: v.array(Finding),
});

export type RemovedObject = v.InferOutput<typeof RemovedObject>;
export type Disable = v.InferOutput<typeof Disable>;

export function disableTable({ dryRun, removed, findings }: Disable, style: Style): string {
  const rows = removed.map(({ kind, namespace, name }) => [
    kind,
    namespace === undefined ? name : `${namespace}/${name}`,
    dryRun ? 'to be removed' : 'removed',
  ]);
  const listed =
    rows.length === 0
      ? 'Nothing to remove: there is nothing of Causeway in the cluster.\n'
      : table(['KIND', 'NAME', 'CHANGE'], rows);
  return `${listed}${findings.length > 0 ? '\n' : ''}${findingLines(findings, style)}`;
}
