import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { widthOf } from '../terminal/table.ts';
import { oneLine } from '../terminal/visible.ts';
import { Finding, markOf, VERDICTS } from './finding.ts';

/** What came of one check, with its cause where something is wrong. */
export const Diagnosis = v.strictObject({
  ...Finding.entries,
  /** What the message is called in docs/troubleshooting.md. Absent where nothing is wrong, or nothing is known. */
  code: v.optional(v.string()),
  /** What most likely brought it about, in one line. */
  cause: v.optional(v.string()),
});

export type Diagnosis = v.InferOutput<typeof Diagnosis>;

/** What `causeway diagnose` prints. */
export const Diagnose = v.strictObject({
  clusters: v.array(
    v.strictObject({
      /** As the kubeconfig calls it. */
      context: v.string(),
      /** Where its API server was looked for. */
      server: v.string(),
      /** Whether it could be asked at all. */
      reached: v.boolean(),
    }),
  ),
  /** Everything that was checked, in the order of the families of checks. */
  findings: v.array(Diagnosis),
  /** How many findings there are of each verdict. */
  counts: v.strictObject({ good: v.number(), warning: v.number(), bad: v.number(), unknown: v.number() }),
});

export type Diagnose = v.InferOutput<typeof Diagnose>;

/** How many findings there are of each verdict. */
export function countsOf(findings: readonly Diagnosis[]): Diagnose['counts'] {
  const counts = { good: 0, warning: 0, bad: 0, unknown: 0 };
  for (const { verdict } of findings) counts[verdict]++;
  return counts;
}

export function diagnoseTable({ clusters, findings, counts }: Diagnose, style: Style): string {
  const width = Math.max(...findings.map(({ check }) => widthOf(check)), 0);
  const lines = findings.flatMap(finding => linesOf(finding, width, style));
  const away = clusters
    .filter(({ reached }) => !reached)
    .map(({ context, server }) => `${style.bad('✗')} ${context} could not be reached at ${server}\n`);
  const sum = VERDICTS.map(verdict => `${counts[verdict]} ${markOf(verdict, style)}`).join('  ');
  return [...lines, lines.length === 0 ? '' : '\n', ...away, `${sum}\n`].join('');
}

function linesOf({ check, about, verdict, found, cause, remedy }: Diagnosis, width: number, style: Style) {
  const indent = ' '.repeat(width + 4);
  return [
    `${markOf(verdict, style)} ${style.faint(check)}${' '.repeat(width - widthOf(check))}  ${oneLine(`${about}: ${found}`)}\n`,
    ...(cause === undefined ? [] : [`${indent}cause: ${oneLine(cause)}\n`]),
    ...(remedy === undefined ? [] : [`${indent}cure:  ${oneLine(remedy)}\n`]),
  ];
}
