import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { Finding, findingLines, markOf } from './finding.ts';

/** What `causeway export` prints. */
export const Export = v.strictObject({
  namespace: v.string(),
  name: v.string(),
  /** Of the ServiceExport. */
  change: v.picklist(['created', 'changed', 'unchanged']),
  /** Causeway's annotations that it has now, whoever wrote them. */
  annotations: v.record(v.string(), v.string()),
  /** What the controller says of it: `export.valid`, `export.ready`, `export.conflict`, `export.ignored`. */
  findings: v.array(Finding),
});

export type Export = v.InferOutput<typeof Export>;

export function exportText({ namespace, name, change, annotations, findings }: Export, style: Style): string {
  const settings = Object.entries(annotations).map(([key, value]) => `  ${key}: ${value}\n`);
  return [`ServiceExport ${namespace}/${name}: ${change}\n`, ...settings, findingLines(findings, style)].join(
    '',
  );
}

/** What `causeway unexport` prints. */
export const Unexport = v.strictObject({
  namespace: v.string(),
  name: v.string(),
  /** `absent`: there was no ServiceExport. */
  change: v.picklist(['deleted', 'absent']),
  findings: v.array(Finding),
});

export type Unexport = v.InferOutput<typeof Unexport>;

export function unexportText({ namespace, name, change, findings }: Unexport, style: Style): string {
  const done = { deleted: 'is not exported any more', absent: 'was not exported' };
  return `${markOf('good', style)} ${namespace}/${name} ${done[change]}\n${findingLines(findings, style)}`;
}
