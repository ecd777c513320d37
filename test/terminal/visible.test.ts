import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { render } from '../../src/terminal/render.ts';
import { PLAIN } from '../../src/terminal/style.ts';
import { oneLine, visible } from '../../src/terminal/visible.ts';
import { diagnoseTable } from '../../src/views/diagnose.ts';
import { findingLines } from '../../src/views/finding.ts';

describe('what a terminal would obey is shown by its number', () => {
  test.each([
    {
      case: 'an escape sequence',
      text: '\u001b[2J\u001b]0;mine\u0007',
      shown: '\\u001b[2J\\u001b]0;mine\\u0007',
    },
    { case: 'one in a single character', text: '\u009b2J', shown: '\\u009b2J' },
    { case: 'what overwrites a line', text: 'bad\rgood\b', shown: 'bad\\u000dgood\\u0008' },
    { case: 'what turns text around', text: 'a\u202edoog', shown: 'a\\u202edoog' },
    { case: 'line ends and tabs stay', text: '-old\n+\tnew\n', shown: '-old\n+\tnew\n' },
    { case: 'words of all languages stay', text: 'Zürich 東 ✓', shown: 'Zürich 東 ✓' },
  ])('$case', ({ text, shown }) => {
    expect(visible(text)).toBe(shown);
  });
});

test('in one line nobody else begins one', () => {
  expect(oneLine('gone\r\n✓ all is well\n')).toBe('gone ✓ all is well ');
});

const HOSTILE = 'east\u001b[1A\u009bK\u007f';
const finding = {
  check: 'remote.synced',
  about: HOSTILE,
  verdict: 'bad',
  found: 'x\n✓ east: synced',
} as const;

test.each(['json', 'yaml'] as const)(
  '%s says the same, and holds nothing that a terminal obeys',
  async format => {
    const value = { [HOSTILE]: HOSTILE, lines: `${HOSTILE}\n${HOSTILE}` };
    const text = await render(format, value, () => '', { isTerminal: { output: true }, environment: {} });
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    expect(parse(text)).toEqual(value);
  },
);

test('people see of findings what they say, in the lines that they are meant to be', async () => {
  const surroundings = { isTerminal: { output: false }, environment: {} };
  const shown = await render('table', [finding], found => findingLines(found, PLAIN), surroundings);
  expect(shown).toBe('✗ east\\u001b[1A\\u009bK\\u007f: x ✓ east: synced\n');
  const counts = { good: 0, warning: 0, bad: 1, unknown: 0 };
  const diagnosis = { clusters: [], findings: [{ ...finding, cause: 'y\n✓', remedy: 'z\n✓' }], counts };
  expect(diagnoseTable(diagnosis, PLAIN).split('\n')).toHaveLength(6);
});
