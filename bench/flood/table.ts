import { median, whole } from '../dns/table.ts';
import { type Pace, paceText } from '../latency/table.ts';
import type { PacedResult } from '../load/paced-stream.ts';

export interface Sample {
  readonly server: string;
  /** Of names that nobody asked for before, and the changes meanwhile. */
  readonly flood: Pace;
  /** Of the client whose names are known. */
  readonly known: PacedResult;
  /** Undefined: there was no flood. */
  readonly flooded: PacedResult | undefined;
  /** Queries that the server has dropped as too many, of both clients; undefined: it does not say. */
  readonly overload: number | undefined;
  /** Queries of both clients that the server's socket had no room for. */
  readonly noRoom: number;
}

/** One row by flood and server: medians over the rounds; the known names that were answered are of all rounds. */
export function printTable(samples: readonly Sample[]): string {
  const rows = Map.groupBy(samples, ({ flood, server }) => `${paceText(flood)}|${server}`);
  const cells = Array.from(rows, ([key, own]) => {
    const middle = (value: (sample: Sample) => number) => whole(median(own.map(value)));
    const bySecond = (value: (sample: Sample) => number) =>
      `${middle(sample => value(sample) / sample.known.seconds)}/s`;
    const floodAnswered = ({ flooded }: Sample) =>
      flooded === undefined ? 0 : flooded.answeredMeanwhile / flooded.seconds;
    return [
      ...key.split('|'),
      own.some(({ flooded }) => flooded !== undefined) ? `${middle(floodAnswered)}/s` : '',
      own.some(({ overload }) => overload !== undefined) ? bySecond(({ overload }) => overload ?? 0) : '–',
      bySecond(({ noRoom }) => noRoom),
      answeredText(own),
      middle(({ known }) => known.latency.p50),
      middle(({ known }) => known.latency.p99),
      middle(({ known }) => known.lateness.p99),
    ];
  });
  const head = [
    ...['flood', 'server', 'flood answered', 'dropped: overload', 'dropped: no room', 'known names answered'],
    ...['p50 µs', 'p99 µs', "client's p99 µs"],
  ];
  const rule = head.map((_, index) => (index < 2 ? ':--' : '--:'));
  return [head, rule, ...cells].map(row => `| ${row.join(' | ')} |`).join('\n');
}

function answeredText(own: readonly Sample[]): string {
  const sum = (value: (known: PacedResult) => number) =>
    own.reduce((all, { known }) => all + value(known), 0);
  return `${whole(sum(({ answered }) => answered))} of ${whole(sum(({ sent }) => sent))}`;
}
