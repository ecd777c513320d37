import { describe, expect, test } from 'vitest';
import type { Sample } from '../../../bench/dns/measure.ts';
import { causeway } from '../../../bench/dns/servers/causeway.ts';
import { knot } from '../../../bench/dns/servers/knot.ts';
import { nsd } from '../../../bench/dns/servers/nsd.ts';
import { printTable, printWarnings } from '../../../bench/dns/table.ts';

function sample(server: string, round: number, rate: number, fields: Partial<Sample['paced']> = {}): Sample {
  return {
    server,
    way: 'UDP',
    round,
    saturated: { rate, cpuMicroseconds: 1e6 / rate, busy: 0.5, lostShare: 0 },
    paced: { rate: 20_000, p50Microseconds: 30, p99Microseconds: 60, lostShare: 0, ...fields },
    residentKibibytes: 10_240,
  };
}

const servers = [causeway, knot, nsd];

/** Round 2 ran at half the speed, round 3 had another best peer. */
const samples = [
  ...[sample('causeway', 1, 100_000), sample('Knot DNS', 1, 200_000), sample('NSD', 1, 160_000)],
  ...[sample('causeway', 2, 50_000), sample('Knot DNS', 2, 100_000), sample('NSD', 2, 80_000)],
  ...[sample('causeway', 3, 120_000), sample('Knot DNS', 3, 100_000), sample('NSD', 3, 150_000)],
];

describe('the table', () => {
  test('shows medians, and ratios to the best peer taken round by round', () => {
    expect(printTable(samples, servers).split('\n')).toEqual([
      '|  | server | queries/s | CPU µs/query | p50 µs | p99 µs | RSS MiB | CPU busy |',
      '| :-- | :-- | --: | --: | --: | --: | --: | --: |',
      '| UDP | causeway | 100,000 (0.50×) | 10.00 (2.00×) | 30 (1.00×) | 60 (1.00×) | 10.0 (1.00×) | 50 % |',
      '| UDP | Knot DNS | 100,000 (1.00×) | 10.00 (1.00×) | 30 (1.00×) | 60 (1.00×) | 10.0 (1.00×) | 50 % |',
      '| UDP | NSD | 150,000 (0.80×) | 6.67 (1.25×) | 30 (1.00×) | 60 (1.00×) | 10.0 (1.00×) | 50 % |',
    ]);
  });

  test('shows no ratio where no peer ran', () => {
    const alone = printTable([sample('causeway', 1, 100_000)], [causeway]);
    expect(alone).toContain('| UDP | causeway | 100,000 | 10.00 | 30 | 60 | 10.0 | 50 % |');
  });
});

describe('warnings', () => {
  test('none for samples at the paced rate without loss', () => {
    expect(printWarnings(samples, 20_000)).toEqual([]);
  });

  test('one line per row and cause, with the worst round', () => {
    const bad = [
      sample('NSD', 1, 100_000, { rate: 18_000, lostShare: 0.02 }),
      sample('NSD', 2, 100_000, { rate: 15_000, lostShare: 0.01 }),
    ];
    expect(printWarnings(bad, 20_000)).toEqual([
      'NSD, UDP: up to 2.00 % of queries lost',
      'NSD, UDP: latency taken at as little as 15,000 queries/s, all it managed',
    ]);
  });
});
