import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { oneLine } from '../terminal/visible.ts';

/**
 * What came of one check. `good`: it was looked at just now, and is as it should be. `unknown`: it could not be looked
 * at, which is never taken for good.
 */
export const VERDICTS = ['good', 'warning', 'bad', 'unknown'] as const;

/** One thing that was checked, for the person who must act. */
export const Finding = v.strictObject({
  /** Stable name in lower case: `remote.synced`. */
  check: v.string(),
  /** What it is about: a cluster, a service. */
  about: v.string(),
  verdict: v.picklist(VERDICTS),
  /** What was found, in one line. */
  found: v.string(),
  /** What to do, in one line. Absent where nothing is to be done. */
  remedy: v.optional(v.string()),
});

export type Finding = v.InferOutput<typeof Finding>;
export type Verdict = Finding['verdict'];

const MARKS: Readonly<Record<Verdict, { readonly mark: string; readonly style: keyof Style }>> = {
  good: { mark: '✓', style: 'good' },
  warning: { mark: '⚠', style: 'warning' },
  bad: { mark: '✗', style: 'bad' },
  unknown: { mark: '?', style: 'warning' },
};

/** Whether none of what was checked is wrong; that it could be checked at all is not said with it. */
export function nothingBad(findings: readonly Finding[]): boolean {
  return findings.every(({ verdict }) => verdict !== 'bad');
}

/** `✓`, `⚠`, `✗` or `?`. */
export function markOf(verdict: Verdict, style: Style): string {
  const { mark, style: name } = MARKS[verdict];
  return style[name](mark);
}

/** A line for what was found, and one for what to do. */
export function findingLines(findings: readonly Finding[], style: Style): string {
  return findings
    .flatMap(({ about, verdict, found, remedy }) => [
      `${markOf(verdict, style)} ${oneLine(`${about}: ${found}`)}\n`,
      ...(remedy === undefined ? [] : [`  → ${oneLine(remedy)}\n`]),
    ])
    .join('');
}
