import * as v from 'valibot';
import { several } from '../base/several.ts';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { percent } from './explanation.ts';

/**
 * `within-chance`: the deviation is one that chance makes. `not-as-configured`: it is not. `too-few`: not enough
 * answers to tell. `cached`: they come out of a cache, so they are no draws. `not-drawn`: nothing is drawn, or nobody
 * could say with which shares.
 */
export const DRAW_VERDICTS = [
  'within-chance',
  'not-as-configured',
  'too-few',
  'cached',
  'not-drawn',
] as const;

/** What many answers come to. */
export const Draws = v.strictObject({
  asked: v.number(),
  answered: v.number(),
  seconds: v.number(),
  /** Every cluster that has a share or was answered. */
  clusters: v.array(
    v.strictObject({
      cluster: v.string(),
      /** As a part of 1; absent: it is none of those that are drawn. */
      configured: v.optional(v.number()),
      /** Answers with addresses of it: where nothing is drawn, one may have those of several clusters. */
      answers: v.number(),
    }),
  ),
  /** Answers with addresses of no known cluster. */
  unknown: v.number(),
  verdict: v.picklist(DRAW_VERDICTS),
  /** Pearson's test; absent where there is nothing to test. */
  chiSquare: v.optional(v.strictObject({ statistic: v.number(), degrees: v.number(), p: v.number() })),
  /** Answers that it takes to tell. */
  needed: v.optional(v.number()),
});

export type Draws = v.InferOutput<typeof Draws>;

/** Columns of the longest bar. */
const WIDEST = 40;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A bar for what is configured and one for what was observed, per cluster. */
export function drawsText(draws: Draws, style: Style): string {
  const { asked, answered, seconds, clusters, unknown } = draws;
  const most = Math.max(
    ...clusters.flatMap(({ configured = 0, answers }) => [configured, answers / Math.max(1, answered)]),
    0,
  );
  const isDrawn = clusters.some(({ configured }) => configured !== undefined);
  const rows = clusters.flatMap(({ cluster, configured = 0, answers }) => {
    if (!isDrawn) return [[cluster, `in ${several(answers, 'answer')}`]];
    const observed = answers / Math.max(1, answered);
    return [
      [cluster, 'configured', percent(configured).padStart(7), style.faint(bar(configured / most))],
      ['', 'observed', percent(observed).padStart(7), bar(observed / most)],
    ];
  });
  const lost = asked > answered ? `, ${asked - answered} missing` : '';
  const strange = unknown > 0 ? `, ${unknown} with addresses of no known cluster` : '';
  return `${answered} answers in ${seconds.toFixed(1)} s${lost}${strange}\n${table(undefined, rows)}`;
}

/** What the test says, in one line. */
export function verdictText({ verdict, chiSquare, needed, answered }: Draws): string {
  if (verdict === 'too-few') {
    return `${answered} answers are too few to tell; ask for ${needed ?? 'more'} at least, with -n ${needed ?? ''}`.trimEnd();
  }
  if (verdict === 'cached') return 'the answers come out of a cache, so they are no draws';
  if (verdict === 'not-drawn') return 'nothing is drawn, or nobody says with which shares';
  const of = verdict === 'within-chance' ? 'within chance' : 'not what is configured';
  if (chiSquare === undefined) return of;
  const { p, statistic, degrees } = chiSquare;
  const shown = p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(p < 0.1 ? 3 : 2)}`;
  return `${of} (${shown}; χ² = ${statistic.toFixed(2)}, ${several(degrees, 'degree')} of freedom)`;
}

/** @param part 0 to 1 of the widest */
function bar(part: number): string {
  const eighths = Number.isFinite(part) ? Math.round(part * WIDEST * 8) : 0;
  return '█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? '');
}
