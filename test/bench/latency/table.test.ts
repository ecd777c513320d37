import { expect, test } from 'vitest';
import { printTable, type Sample } from '../../../bench/latency/table.ts';

function sample(server: string, round: number, p99: number, changes = 0): Sample {
  const latency = { p50: 30, p99, p999: 2 * p99, most: 9 * p99 };
  const counts = { sent: 10, answered: 9, answeredMeanwhile: 9, lost: 1, overflowed: 0, refused: 0 };
  const lateness = { p50: 1, p99: 2, p999: 3, most: 4 };
  return {
    server,
    round,
    pace: { rate: 20_000, changes },
    result: { ...counts, seconds: 1, latency, lateness },
  };
}

test('ratios are taken within a round and a pace, to Knot DNS', () => {
  const samples = [
    ...[sample('causeway', 1, 100), sample('Knot DNS', 1, 100)],
    ...[sample('causeway', 2, 300), sample('Knot DNS', 2, 200)],
    ...[sample('causeway', 1, 400, 1_000), sample('Knot DNS', 1, 100, 1_000)],
  ];
  expect(printTable(samples).split('\n').slice(2)).toEqual([
    '| 20,000/s | causeway | 30 | 200 (1.25×) | 400 | 2,700 | 3 | 2 |',
    '| 20,000/s | Knot DNS | 30 | 150 (1.00×) | 300 | 1,800 | 3 | 2 |',
    '| 20,000/s, 1,000 changes/s | causeway | 30 | 400 (4.00×) | 800 | 3,600 | 3 | 1 |',
    '| 20,000/s, 1,000 changes/s | Knot DNS | 30 | 100 (1.00×) | 200 | 900 | 3 | 1 |',
  ]);
});
