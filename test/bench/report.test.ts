import { expect, test } from 'vitest';
import { replaceBetween } from '../../bench/report.ts';

const page = 'above\n<!-- a begin -->\nold\n<!-- a end -->\n<!-- b begin -->\nkept\n<!-- b end -->\n';

test('a table replaces what stands between its own marks and nothing else', () => {
  const replaced = replaceBetween(page, 'a', 'new\n');
  expect(replaced).toBe(
    'above\n<!-- a begin -->\n\nnew\n\n<!-- a end -->\n<!-- b begin -->\nkept\n<!-- b end -->\n',
  );
  expect(replaceBetween(replaced, 'a', 'new')).toBe(replaced);
});

test('a page without the marks is refused', () => {
  expect(() => replaceBetween(page, 'c', 'new')).toThrow('<!-- c begin -->');
});
