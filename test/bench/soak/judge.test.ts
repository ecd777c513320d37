import { expect, test } from 'vitest';
import { judge, MOST_LAG } from '../../../bench/soak/judge.ts';

/** Three versions: in the source from these times on. */
const since = [0, 10_000, 20_000];

test.each([
  { name: 'what the source holds', sentAt: 5_000, version: 0, before: 0, expected: 0 },
  { name: 'what came in while it was asked', sentAt: 9_999, version: 1, before: 0, expected: 0 },
  { name: 'what was replaced just now', sentAt: 10_030, version: 0, before: 0, expected: 30 },
  {
    name: 'what was replaced long ago',
    sentAt: 10_001 + MOST_LAG,
    version: 0,
    before: 0,
    expected: 'too old',
  },
  { name: 'what nobody ever held', sentAt: 5_000, version: undefined, before: 0, expected: 'never held' },
  { name: 'what comes later', sentAt: 9_000, version: 1, before: 0, expected: 'not yet held' },
  { name: 'what never comes', sentAt: 30_000, version: 3, before: 0, expected: 'not yet held' },
  { name: 'what is older than seen', sentAt: 10_030, version: 0, before: 1, expected: 'gone back' },
])('$name: $expected', ({ sentAt, version, before, expected }) => {
  const judged = judge({ sentAt, receivedAt: sentAt + 2, version, before }, since);
  expect(judged.right ? judged.lag : judged.why).toBe(expected);
});
