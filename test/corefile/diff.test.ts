import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unifiedDiff } from '../../src/corefile/diff.ts';

describe('reads as diff -u does', () => {
  test.each([
    { what: 'nothing changes', before: 'a\n', after: 'a\n', expected: [] },
    {
      what: 'lines at the end, with three before them',
      before: '1\n2\n3\n4\n',
      after: '1\n2\n3\n4\na\nb\n',
      expected: ['@@ -2,3 +2,5 @@', ' 2', ' 3', ' 4', '+a', '+b'],
    },
    {
      what: 'a line in the middle',
      before: '1\n2\n3\n4\n5\n6\n7\n8\n9\n',
      after: '1\n2\n3\n4\nx\n6\n7\n8\n9\n',
      expected: ['@@ -2,7 +2,7 @@', ' 2', ' 3', ' 4', '-5', '+x', ' 6', ' 7', ' 8'],
    },
    { what: 'everything new', before: '', after: 'a\n', expected: ['@@ -0,0 +1,1 @@', '+a'] },
    { what: 'everything gone', before: 'a\n', after: '', expected: ['@@ -1,1 +0,0 @@', '-a'] },
    {
      what: 'no line end at the end, before and after',
      before: '1\n2',
      after: '1\n2\n3',
      expected: [
        '@@ -1,2 +1,3 @@',
        ' 1',
        '-2',
        '\\ No newline at end of file',
        '+2',
        '+3',
        '\\ No newline at end of file',
      ],
    },
    {
      what: 'the same line again and again',
      before: 'a\na\n',
      after: 'a\na\na\n',
      expected: ['@@ -1,2 +1,3 @@', ' a', ' a', '+a'],
    },
  ])('$what', ({ before, after, expected }) => {
    const lines = expected.length === 0 ? [] : ['--- Corefile', '+++ Corefile', ...expected, ''];
    expect(unifiedDiff(before, after)).toBe(lines.join('\n'));
  });
});

test('leads from the one text to the other', () => {
  const text = fc
    .array(fc.constantFrom('a\n', 'b\n', '\n', ' \r\n', '-\n'), { maxLength: 12 })
    .chain(lines => fc.constantFrom('', 'c').map(last => lines.join('') + last));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = unifiedDiff(before, after);
      expect(before).toContain(sides(diff)[0]);
      expect(diff === '' ? before : patched(before, diff)).toBe(after);
    }),
    { numRuns: 2_000 },
  );
});

/** The hunk's lines as they were, and as they are. */
function sides(diff: string): [string, string] {
  const entries = diff
    .replaceAll('\n\\ No newline at end of file\n', '\0')
    .split(/(?<=[\n\0])/)
    .slice(3);
  const side = (signs: string): string =>
    entries
      .filter(entry => signs.includes(entry.charAt(0)))
      .map(entry => entry.slice(1).replace('\0', ''))
      .join('');
  return [side(' -'), side(' +')];
}

/** What `patch` does with a single hunk. */
function patched(text: string, diff: string): string {
  const [, start = '', length = ''] = /^@@ -(\d+),(\d+) /m.exec(diff) ?? [];
  const lines = text.split(/(?<=\n)/).filter(line => line !== '');
  const first = Number(length) === 0 ? Number(start) : Number(start) - 1;
  const [, now] = sides(diff);
  return [...lines.slice(0, first), now, ...lines.slice(first + Number(length))].join('');
}
