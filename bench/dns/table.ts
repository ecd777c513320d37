import type { Sample } from './measure.ts';
import type { DnsServer } from './servers/server.ts';

interface Column {
  readonly title: string;
  readonly better: 'more' | 'less';
  value(sample: Sample): number;
  print(value: number): string;
}

/** `12,345` */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** The measured columns; each cell is the median over the rounds. */
const COLUMNS: readonly Column[] = [
  { title: 'queries/s', better: 'more', value: sample => sample.saturated.rate, print: whole },
  {
    title: 'CPU µs/query',
    better: 'less',
    value: sample => sample.saturated.cpuMicroseconds,
    print: value => value.toFixed(2),
  },
  { title: 'p50 µs', better: 'less', value: sample => sample.paced.p50Microseconds, print: whole },
  { title: 'p99 µs', better: 'less', value: sample => sample.paced.p99Microseconds, print: whole },
  {
    title: 'RSS MiB',
    better: 'less',
    value: sample => sample.residentKibibytes / 1024,
    print: value => value.toFixed(1),
  },
];

/**
 * The Markdown table, one row per way and server. In parentheses the ratio to the best peer of the same round
 * (median of the rounds' ratios): a machine that slows down between rounds then slows both sides of it.
 */
export function printTable(samples: readonly Sample[], servers: readonly DnsServer[]): string {
  const peers = new Set(servers.filter(server => server.role === 'peer').map(server => server.name));
  const ways = [...new Set(samples.map(sample => sample.way))];
  const rows = ways.flatMap(way => {
    const ofWay = samples.filter(sample => sample.way === way);
    return servers.flatMap(({ name }) => {
      const own = ofWay.filter(sample => sample.server === name);
      if (own.length === 0) return [];
      const cells = COLUMNS.map(column => printCell(column, own, ofWay, peers));
      const busy = median(own.map(sample => sample.saturated.busy));
      return [[way, name, ...cells, `${whole(busy * 100)} %`]];
    });
  });
  const head = ['', 'server', ...COLUMNS.map(column => column.title), 'CPU busy'];
  const rule = head.map((_, index) => (index < 2 ? ':--' : '--:'));
  return [head, rule, ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

function printCell(
  column: Column,
  own: readonly Sample[],
  ofWay: readonly Sample[],
  peers: ReadonlySet<string>,
): string {
  const value = column.print(median(own.map(column.value)));
  if (peers.size === 0) return value;
  const ratios = own.map(sample => {
    const rivals = ofWay.filter(other => other.round === sample.round && peers.has(other.server));
    const best = Math[column.better === 'more' ? 'max' : 'min'](...rivals.map(column.value));
    return column.value(sample) / best;
  });
  return `${value} (${median(ratios).toFixed(2)}×)`;
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[Math.ceil(sorted.length / 2) - 1];
  const high = sorted[Math.floor(sorted.length / 2)];
  if (low === undefined || high === undefined) throw new Error('no values to take a median of');
  return (low + high) / 2;
}

/**
 * Starting eight TCP connections costs a short run some per cent of its rate; only more than that is worth a
 * word.
 */
const PACE_KEPT = 0.95;
const LOSS_WORTH_TELLING = 0.0001;

/** What a reader must know before trusting a row: queries lost, or latencies taken below the paced rate. */
export function printWarnings(samples: readonly Sample[], pacedRate: number): string[] {
  const rows = Map.groupBy(samples, ({ server, way }) => `${server}, ${way}`);
  return Array.from(rows).flatMap(([row, rounds]) => {
    const lost = Math.max(
      ...rounds.flatMap(({ saturated, paced }) => [saturated.lostShare, paced.lostShare]),
    );
    const slowest = Math.min(...rounds.map(({ paced }) => paced.rate));
    return [
      ...(lost > LOSS_WORTH_TELLING ? [`${row}: up to ${(lost * 100).toFixed(2)} % of queries lost`] : []),
      ...(slowest < pacedRate * PACE_KEPT
        ? [`${row}: latency taken at as little as ${whole(slowest)} queries/s, all it managed`]
        : []),
    ];
  });
}
