import { median, whole } from '../dns/table.ts';

export interface Sample {
  readonly round: number;
  /** Serving threads, and CPUs, each with a client of its own. */
  readonly threads: number;
  readonly rate: number;
  /** Of the server, by query. */
  readonly cpuMicroseconds: number;
  /** MiB. */
  readonly resident: number;
}

/** One row by number of threads; ratios are taken within a round, to the row with one thread. */
export function printTable(samples: readonly Sample[]): string {
  const rows = Array.from(
    Map.groupBy(samples, ({ threads }) => threads),
    ([threads, own]) => {
      const ratio = (value: (sample: Sample) => number) => ratioText(own, samples, value);
      return [
        String(threads),
        `${whole(median(own.map(({ rate }) => rate)))} ${ratio(({ rate }) => rate)}`,
        median(own.map(({ cpuMicroseconds }) => cpuMicroseconds)).toFixed(2),
        ratio(({ threads: cpus, cpuMicroseconds }) => cpus / cpuMicroseconds),
        median(own.map(({ resident }) => resident)).toFixed(0),
      ];
    },
  );
  const head = ['threads and CPUs', 'queries/s', 'CPU µs/query', 'CPUs / CPU µs/query', 'RSS MiB'];
  const rule = head.map(() => '--:');
  return [head, rule, ...rows].map(row => `| ${row.join(' | ')} |`).join('\n');
}

function ratioText(
  own: readonly Sample[],
  samples: readonly Sample[],
  value: (sample: Sample) => number,
): string {
  const ratios = own.flatMap(sample => {
    const one = samples.find(({ round, threads }) => round === sample.round && threads === 1);
    return one === undefined ? [] : [value(sample) / value(one)];
  });
  return `(${median(ratios).toFixed(2)}×)`;
}
