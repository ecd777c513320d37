import { median, whole } from '../dns/table.ts';

/** What the others stand beside. */
export const ONE = 'one thread, one CPU';

export interface Sample {
  readonly round: number;
  /** What served. */
  readonly label: string;
  /** Each with a client on it as well. */
  readonly cpus: number;
  readonly rate: number;
  /** Of the server, by query. */
  readonly cpuMicroseconds: number;
  /** MiB. */
  readonly resident: number;
}

/** One row by label; ratios are taken within a round, to `ONE`. */
export function printTable(samples: readonly Sample[]): string {
  const rows = Array.from(
    Map.groupBy(samples, ({ label }) => label),
    ([label, own]) => {
      const ratio = (value: (sample: Sample) => number) => ratioText(own, samples, value);
      return [
        label,
        `${whole(median(own.map(({ rate }) => rate)))} ${ratio(({ rate }) => rate)}`,
        median(own.map(({ cpuMicroseconds }) => cpuMicroseconds)).toFixed(2),
        ratio(({ cpus, cpuMicroseconds }) => cpus / cpuMicroseconds),
        median(own.map(({ resident }) => resident)).toFixed(0),
      ];
    },
  );
  const head = ['', 'queries/s', 'CPU µs/query', 'CPUs / CPU µs/query', 'RSS MiB'];
  const rule = head.map((_, index) => (index < 1 ? ':--' : '--:'));
  return [head, rule, ...rows].map(row => `| ${row.join(' | ')} |`).join('\n');
}

function ratioText(
  own: readonly Sample[],
  samples: readonly Sample[],
  value: (sample: Sample) => number,
): string {
  const ratios = own.flatMap(sample => {
    const one = samples.find(({ round, label }) => round === sample.round && label === ONE);
    return one === undefined ? [] : [value(sample) / value(one)];
  });
  return `(${median(ratios).toFixed(2)}×)`;
}
