import { median, whole } from '../dns/table.ts';
import type { PacedResult } from '../load/paced-stream.ts';

export interface Pace {
  /** Queries per second. */
  readonly rate: number;
  /** Changes of services per second. */
  readonly changes: number;
}

export interface Sample {
  readonly round: number;
  readonly server: string;
  readonly pace: Pace;
  readonly result: PacedResult;
}

/** Whose p99 the others' stands beside. */
const BESIDE = 'Knot DNS';

/** One row by pace and server: medians over the rounds; the greatest and the lost ones are of all rounds together. */
export function printTable(samples: readonly Sample[]): string {
  const rows = Map.groupBy(samples, ({ pace, server }) => `${paceText(pace)}|${server}`);
  const cells = Array.from(rows, ([key, own]) => {
    const [pace = '', server = ''] = key.split('|');
    const middle = (value: (sample: Sample) => number) => whole(median(own.map(value)));
    return [
      ...[pace, server],
      middle(({ result }) => result.latency.p50),
      `${middle(({ result }) => result.latency.p99)}${besideText(own, samples)}`,
      middle(({ result }) => result.latency.p999),
      whole(Math.max(...own.map(({ result }) => result.latency.most))),
      middle(({ result }) => result.lateness.p999),
      whole(own.reduce((sum, { result }) => sum + result.lost, 0)),
    ];
  });
  const head = ['', 'server', 'p50 µs', 'p99 µs', 'p99.9 µs', 'most µs', "client's p99.9 µs", 'lost'];
  const rule = head.map((_, index) => (index < 2 ? ':--' : '--:'));
  return [head, rule, ...cells].map(row => `| ${row.join(' | ')} |`).join('\n');
}

export function paceText({ rate, changes }: Pace): string {
  return `${whole(rate)}/s${changes > 0 ? `, ${whole(changes)} changes/s` : ''}`;
}

/** The median of the rounds' ratios. */
function besideText(own: readonly Sample[], samples: readonly Sample[]): string {
  const ratios = own.flatMap(({ round, pace, result }) => {
    const beside = samples.find(
      other => other.round === round && other.server === BESIDE && paceText(other.pace) === paceText(pace),
    );
    return beside === undefined ? [] : [result.latency.p99 / beside.result.latency.p99];
  });
  return ratios.length === 0 ? '' : ` (${median(ratios).toFixed(2)}×)`;
}
