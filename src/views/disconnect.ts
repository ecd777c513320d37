import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { Finding, findingLines } from './finding.ts';

/** One object that a connection consisted of. */
export const ConnectionObject = v.strictObject({
  /** Id or context of the cluster that it is in. */
  cluster: v.string(),
  kind: v.string(),
  namespace: v.optional(v.string()),
  name: v.string(),
});

/** What `causeway disconnect` prints. */
export const Disconnect = v.strictObject({
  /** Nothing was removed: these would be. */
  dryRun: v.boolean(),
  /** What was there, in the order of removal. Everything in a Namespace goes along with it. */
  removed: v.array(ConnectionObject),
  /** What is left behind, because its cluster could not be reached, and whatever else is to be known. */
  findings: v.array(Finding),
});

export type ConnectionObject = v.InferOutput<typeof ConnectionObject>;
export type Disconnect = v.InferOutput<typeof Disconnect>;

export function disconnectTable({ dryRun, removed, findings }: Disconnect, style: Style): string {
  const rows = removed.map(({ cluster, kind, namespace, name }) => [
    cluster,
    kind,
    namespace === undefined ? name : `${namespace}/${name}`,
    dryRun ? 'to be removed' : 'removed',
  ]);
  const listed =
    rows.length === 0
      ? 'Nothing to remove: they are not connected.\n'
      : table(['CLUSTER', 'KIND', 'NAME', 'CHANGE'], rows);
  const told = findingLines(findings, style);
  return `${listed}${told === '' ? '' : `\n${told}`}`;
}
