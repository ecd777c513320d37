import { expect, test } from 'vitest';
import { printTable, type Sample } from '../../../bench/flood/table.ts';
import type { PacedResult } from '../../../bench/load/paced-stream.ts';

function result(sent: number, answered: number, p99: number, afterwards = 0): PacedResult {
  const latency = { p50: 30, p99, p999: 2 * p99, most: 9 * p99 };
  const lateness = { p50: 1, p99: 2, p999: 3, most: 4 };
  return {
    ...{ sent, answered, answeredMeanwhile: answered - afterwards, lost: sent - answered, overflowed: 0 },
    ...{ refused: 0, seconds: 2, latency, lateness },
  };
}

const alone: Sample = {
  ...{ server: 'causeway', flood: { rate: 0, changes: 0 }, known: result(100, 100, 40) },
  ...{ flooded: undefined, overload: 0, noRoom: 0 },
};
/** Of those answered, 10,000 had their reply when the flood was over. */
const flooded = (p99: number, answered: number, overload: number): Sample => ({
  ...{ server: 'causeway', flood: { rate: 40_000, changes: 1_000 }, known: result(100, 99, p99) },
  ...{ flooded: result(80_000, answered, 900, 10_000), overload, noRoom: 1_000 },
});
const peer: Sample = { ...alone, server: 'Knot DNS', overload: undefined };

test('what was dropped is told by second, and known names of all rounds together', () => {
  const samples = [alone, peer, flooded(1_000, 40_000, 48_000), flooded(3_000, 60_000, 28_000)];
  expect(printTable(samples).split('\n').slice(2)).toEqual([
    '| 0/s | causeway |  | 0/s | 0/s | 100 of 100 | 30 | 40 | 2 |',
    '| 0/s | Knot DNS |  | – | 0/s | 100 of 100 | 30 | 40 | 2 |',
    '| 40,000/s, 1,000 changes/s | causeway | 20,000/s | 19,000/s | 500/s | 198 of 200 | 30 | 2,000 | 2 |',
  ]);
});
