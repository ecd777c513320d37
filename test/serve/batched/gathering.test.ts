import { expect, test } from 'vitest';
import { Gathering } from '../../../src/serve/batched/gathering.ts';

/** Of a batch. */
const MOST = 64;

interface Batch {
  readonly count: number;
  /** Microseconds since the one before. */
  readonly after: number;
}

const steady = (perSecond: number, count: number): Batch[] =>
  Array.from({ length: 20 }, () => ({ count, after: (count * 1_000_000) / perSecond }));

function waits(batches: readonly Batch[]): boolean[] {
  const gathering = new Gathering();
  let at = 5_000;
  return batches.map(({ count, after }) => {
    at += after / 1_000;
    gathering.received(count, MOST, at);
    return gathering.wait > 0;
  });
}

test.each([
  { row: 'one by one, 20,000 a second', batches: steady(20_000, 1), last: false },
  { row: 'one by one, 50,000 a second', batches: steady(50_000, 1), last: false },
  { row: 'gathered, 50,000 a second: it does not go on by itself', batches: steady(50_000, 4), last: false },
  { row: 'one by one, 150,000 a second', batches: steady(150_000, 1), last: true },
  { row: 'gathered, 150,000 a second', batches: steady(150_000, 12), last: true },
  { row: 'more than a batch can have', batches: steady(800_000, MOST), last: false },
  {
    row: 'a burst',
    batches: [...steady(10_000, 1), { count: 5, after: 20 }, { count: 3, after: 20 }],
    last: false,
  },
  { row: 'nothing more', batches: [...steady(150_000, 12), { count: 0, after: 70 }], last: false },
])('$row: waits $last', ({ batches, last }) => {
  expect(waits(batches).at(-1)).toBe(last);
});

test('a wait is far less than a client notices', () => {
  const gathering = new Gathering();
  for (const at of [0, 0.05, 0.1, 0.15]) gathering.received(10, MOST, at);
  expect(gathering.wait).toBeGreaterThan(0);
  expect(gathering.wait).toBeLessThan(0.1);
});
