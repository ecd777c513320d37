import { expect, test } from 'vitest';
import { Doubts } from '../../../src/source/directory/doubts.ts';

/** One look: when, what bad news there are, and whether they are doubted. */
type Look = readonly [milliseconds: number, news: Readonly<Record<string, string>>, doubted: boolean];

test.each<[what: string, looks: readonly Look[]]>([
  ['no bad news', [[0, {}, false]]],
  [
    'bad news that last',
    [
      [0, { a: '1' }, true],
      [100, { a: '1' }, false],
    ],
  ],
  [
    'bad news that were a moment of a writer',
    [
      [0, { a: '1' }, true],
      [100, {}, false],
    ],
  ],
  [
    'a look for another reason meanwhile is not the second look',
    [
      [0, { a: '1' }, true],
      [20, { a: '1' }, true],
      [100, { a: '1' }, false],
    ],
  ],
  [
    'other bad news about the same start over',
    [
      [0, { a: '1' }, true],
      [100, { a: '2' }, true],
      [200, { a: '2' }, false],
    ],
  ],
  [
    'what is sure waits for what is new',
    [
      [0, { a: '1' }, true],
      [100, { a: '1', b: '1' }, true],
      [200, { a: '1', b: '1' }, false],
    ],
  ],
  [
    'news that never come to rest are believed in the end',
    [
      [0, { a: '1' }, true],
      [200, { a: '2' }, true],
      [400, { a: '3' }, true],
      [600, { a: '4' }, false],
    ],
  ],
  [
    'each trouble has its own time',
    [
      [0, { a: '1' }, true],
      [100, { a: '1' }, false],
      [5000, { a: '2' }, true],
    ],
  ],
])('%s', (_what, looks) => {
  const doubts = new Doubts();
  for (const [now, news, doubted] of looks) {
    expect([now, doubts.doubtful(new Map(Object.entries(news)), now)]).toEqual([now, doubted]);
  }
});
