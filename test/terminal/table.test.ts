import { expect, test } from 'vitest';
import { COLOURED } from '../../src/terminal/style.ts';
import { table } from '../../src/terminal/table.ts';

test('columns are as wide as their widest cell, and nothing trails', () => {
  const shown = table(
    ['NAME', 'CLUSTER', ''],
    [
      ['west', 'w', ''],
      ['north-europe', '-', 'lost'],
    ],
  );
  expect(shown).toBe('NAME          CLUSTER\nwest          w\nnorth-europe  -        lost\n');
});

test('colours take no room', () => {
  const rows = [
    [COLOURED.good('yes'), 'a'],
    ['no', 'b'],
  ];
  expect(table(undefined, rows)).toBe('\u001b[32myes\u001b[0m  a\nno   b\n');
});

test('nobody begins a line from within a cell', () => {
  expect(table(undefined, [['gone\n✓ well', 'a']])).toBe('gone ✓ well  a\n');
});

test('nothing is no line at all', () => {
  expect(table(undefined, [])).toBe('');
});
