import { median, whole } from '../dns/table.ts';
import type { Quantiles } from '../load/histogram.ts';

/** What a soak has come to. */
export interface Outcome {
  readonly minutes: number;
  readonly rate: number;
  /** Of the load and of the verifying client together. */
  readonly sent: number;
  readonly answered: number;
  /** Datagrams without room, by where: each is counted by somebody. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly changes: number;
  readonly verified: number;
  readonly wrong: Readonly<Record<string, number>>;
  /** Resident MiB, in even steps of time. */
  readonly resident: readonly number[];
}

export interface Line {
  readonly what: string;
  readonly measured: string;
  readonly target: string;
  /** Undefined: there is nothing to meet. */
  readonly met: boolean | undefined;
}

/** Parts that a run is cut into, the first two of which are warm-up. */
const PARTS = 10;
const WARM_UP = 2;
const FLAT = 0.03;

/**
 * How far memory strays once warm: of each part of the run the median, the greatest share by which one of them is away
 * from the median of all.
 */
export function straying(resident: readonly number[]): number {
  const part = resident.length / PARTS;
  const medians = Array.from({ length: PARTS - WARM_UP }, (_, index) => {
    const from = (index + WARM_UP) * part;
    return median(resident.slice(Math.floor(from), Math.max(Math.floor(from) + 1, Math.floor(from + part))));
  });
  const middle = median(medians);
  return Math.max(...medians.map(value => Math.abs(value / middle - 1)));
}

/** The lines of the verdict. */
export function verdict(outcome: Outcome): Line[] {
  const { sent, answered, dropped, changes, verified, minutes, resident } = outcome;
  const wrong = sumOf(outcome.wrong);
  const uncounted = sent - answered - sumOf(dropped);
  const strays = straying(resident);
  const seconds = minutes * 60;
  return [
    plain('queries sent', `${whole(sent)} (${whole(sent / seconds)}/s of ${whole(outcome.rate)})`),
    plain('answered', whole(answered)),
    ...Object.entries(dropped).map(([where, count]) => plain(`dropped and counted: ${where}`, whole(count))),
    { what: 'lost and not counted', measured: whole(uncounted), target: '0', met: uncounted === 0 },
    plain('changes of services', `${whole(changes)} (${whole(changes / seconds)}/s)`),
    plain('answers verified', whole(verified)),
    { what: 'of them wrong', measured: wrongText(outcome.wrong), target: '0', met: wrong === 0 },
    plain('RSS at the end', `${(resident.at(-1) ?? 0).toFixed(1)} MiB`),
    { what: 'RSS strays once warm', measured: percent(strays), target: '± 3 %', met: strays <= FLAT },
  ];
}

/** A line that nothing is asked of. */
export function plain(what: string, measured: string): Line {
  return { what, measured, target: '', met: undefined };
}

export function microseconds({ p50, p99, p999, most }: Quantiles): string {
  return `${[p50, p99, p999, most].map(whole).join(' / ')} µs`;
}

export function printVerdict(lines: readonly Line[]): string {
  const rows = lines.map(({ what, measured, target, met }) => {
    return [what, measured, target, met === undefined ? '' : met ? 'met' : 'missed'];
  });
  const head = [
    ['', 'measured', 'target', ''],
    [':--', '--:', '--:', ':--'],
  ];
  return [...head, ...rows].map(row => `| ${row.join(' | ')} |`).join('\n');
}

function wrongText(wrong: Readonly<Record<string, number>>): string {
  const kinds = Object.entries(wrong).filter(([, count]) => count > 0);
  return [String(sumOf(wrong)), ...kinds.map(([why, count]) => `${why}: ${count}`)].join('; ');
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
