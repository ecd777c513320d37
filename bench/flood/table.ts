import { median, whole } from '../dns/table.ts';
import type { PacedResult } from '../load/paced-client.ts';

export interface Sample {
  readonly server: string;
  /** Queries of the flood that were answered, by second; undefined: there was none. */
  readonly flood: number | undefined;
  /** Of the client whose names are known. */
  readonly result: PacedResult;
}

/** Two rows by server: alone, and flooded. */
export function printTable(samples: readonly Sample[]): string {
  const rows = Map.groupBy(
    samples,
    ({ server, flood }) => `${server}|${flood === undefined ? 'alone' : 'flooded'}`,
  );
  const cells = Array.from(rows, ([key, own]) => {
    const middle = (value: (sample: Sample) => number) => whole(median(own.map(value)));
    return [
      ...key.split('|'),
      key.endsWith('alone') ? '' : `${middle(({ flood = 0 }) => flood)}/s`,
      middle(({ result }) => result.latency.p50),
      middle(({ result }) => result.latency.p99),
      lostText(own),
      middle(({ result }) => result.lateness.p99),
    ];
  });
  const head = ['server', '', 'flood answered', 'p50 µs', 'p99 µs', 'lost', "client's p99 µs"];
  const rule = head.map((_, index) => (index < 2 ? ':--' : '--:'));
  return [head, rule, ...cells].map(row => `| ${row.join(' | ')} |`).join('\n');
}

/** Of all rounds together. */
function lostText(own: readonly Sample[]): string {
  const sum = (value: (result: PacedResult) => number) =>
    own.reduce((all, { result }) => all + value(result), 0);
  return `${whole(sum(({ lost }) => lost))} of ${whole(sum(({ sent }) => sent))}`;
}
