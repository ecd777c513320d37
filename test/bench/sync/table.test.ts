import { expect, test } from 'vitest';
import { printRows, printUsage } from '../../../bench/sync/table.ts';

test('a figure with a target says whether it was met', () => {
  const rows = [
    { what: 'lag, p99', measured: '80 ms', target: { said: '< 500 ms', met: true } },
    { what: 'lag, last third', measured: '900 ms', target: { said: 'not growing', met: false } },
    { what: 'writes', measured: '1,900' },
  ];
  expect(printRows(rows).split('\n')).toEqual([
    '|  | measured | target |  |',
    '| :-- | --: | --: | :-- |',
    '| lag, p99 | 80 ms | < 500 ms | met |',
    '| lag, last third | 900 ms | not growing | missed |',
    '| writes | 1,900 |  |  |',
  ]);
});

test('a process that did not run in a phase has an empty cell there', () => {
  const columns = [
    { phase: 'export', cells: new Map([['east controller', '5 s']]) },
    {
      phase: 'import',
      cells: new Map([
        ['east controller', '1 s'],
        ['west controller', '4 s'],
      ]),
    },
  ];
  expect(printUsage(columns).split('\n')).toEqual([
    '|  | export | import |',
    '| :-- | --: | --: |',
    '| east controller | 5 s | 1 s |',
    '| west controller |  | 4 s |',
  ]);
});
