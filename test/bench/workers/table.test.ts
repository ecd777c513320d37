import { expect, test } from 'vitest';
import { ONE, printTable } from '../../../bench/workers/table.ts';

test('what two CPUs give is told beside what one gave in the same round', () => {
  const sample = (round: number, cpus: number, rate: number, cpuMicroseconds: number) => {
    return { round, label: cpus === 1 ? ONE : 'two', cpus, rate, cpuMicroseconds, resident: 100 };
  };
  const samples = [
    ...[sample(1, 1, 50_000, 4), sample(1, 2, 90_000, 5)],
    ...[sample(2, 1, 100_000, 2), sample(2, 2, 200_000, 2)],
  ];
  expect(printTable(samples).split('\n').slice(2)).toEqual([
    '| one thread, one CPU | 75,000 (1.00×) | 3.00 | (1.00×) | 100 |',
    '| two | 145,000 (1.90×) | 3.50 | (1.80×) | 100 |',
  ]);
});
