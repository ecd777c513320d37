import { expect, test } from 'vitest';
import { loggerTo } from '../../../src/ops/log.ts';
import { type Note, Report } from '../../../src/source/directory/report.ts';

function opened() {
  const lines: Record<string, unknown>[] = [];
  const report = new Report(loggerTo({ write: text => void lines.push(JSON.parse(text)) }, 'info'));
  return { report, messages: () => lines.splice(0).map(({ level, msg }) => `${level} ${msg}`), lines };
}

function note(id: string, version = '', mended?: string): Note {
  const base = { level: 'warn', id, version, message: `${id} ${version}`.trim(), fields: {} } as const;
  return mended === undefined ? base : { ...base, mended };
}

test('each note is told when it begins, when its version changes, and when it is mended', () => {
  const { report, messages } = opened();
  report.update([note('a'), note('b', '1', 'b is well')]);
  expect(messages()).toEqual(['warn a', 'warn b 1']);
  report.update([note('a'), note('b', '1', 'b is well')]);
  expect(messages()).toEqual([]);
  report.update([note('a'), note('b', '2', 'b is well')]);
  expect(messages()).toEqual(['warn b 2']);
  report.update([]);
  expect(messages()).toEqual(['info b is well']);
  report.update([note('a')]);
  expect(messages()).toEqual(['warn a']);
});

test('a thousand at once are a hundred lines and one that counts the rest', () => {
  const { report, lines, messages } = opened();
  const notes = Array.from({ length: 1000 }, (_, index) => note(`n${index}`));
  report.update(notes);
  expect(lines.length).toBe(101);
  expect(lines.at(-1)).toMatchObject({ more: 900 });
  lines.length = 0;
  report.update(notes);
  expect(messages()).toEqual([]);
});
