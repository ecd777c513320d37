import { describe, expect, test } from 'vitest';
import { JointBound } from '../../src/serve/joint-bound.ts';

interface Connection {
  readonly name: string;
  holding: number;
}

/** A bound of 100, of which 75 are left once it was passed, and who was cut because of it. */
function bounded(): { readonly bound: JointBound<Connection>; readonly cut: string[] } {
  const cut: string[] = [];
  const bound = new JointBound<Connection>(100, ({ name }) => cut.push(name));
  return { bound, cut };
}

describe('what connections hold together', () => {
  test.each([
    { row: 'nothing at all', held: [0, 0], cut: [], left: 0 },
    { row: 'as much as they may', held: [30, 30, 40], cut: [], left: 100 },
    { row: 'one more: who holds the most goes', held: [30, 40, 31], cut: ['1'], left: 61 },
    {
      row: 'still too much without that one: the next one goes too',
      held: [40, 39, 20, 38],
      cut: ['0', '1'],
      left: 58,
    },
    { row: 'all of it by one: nobody else suffers', held: [5, 5, 200, 5], cut: ['2'], left: 15 },
  ])('$row', ({ held, cut, left }) => {
    const { bound, cut: gone } = bounded();
    const connections = held.map((holding, index) => ({ name: `${index}`, holding: 0, will: holding }));
    for (const connection of connections) {
      connection.holding = connection.will;
      bound.changed(connection);
    }
    expect(gone).toEqual(cut);
    expect(bound.recount()).toBe(left);
  });

  test.each([
    { row: 'all but a little was taken meanwhile', before: 90, now: 10 },
    {
      row: 'some of it was, so that the bound is kept, but not by a quarter',
      before: 60,
      now: 20,
    },
    { row: 'just enough', before: 60, now: 40 },
  ])('nobody goes where $row, and nobody was told', ({ before, now }) => {
    const { bound, cut } = bounded();
    const reads = { name: 'reads', holding: before };
    bound.changed(reads);
    reads.holding = now;
    bound.changed({ name: 'waits', holding: 60 });
    expect(cut).toEqual([]);
    expect(bound.recount()).toBe(now + 60);
  });

  test.each(['told', 'not told'])('what was taken meanwhile counts no more: %s', told => {
    const { bound } = bounded();
    const reads = { name: 'reads', holding: 90 };
    bound.changed(reads);
    reads.holding = 10;
    if (told === 'told') bound.changed(reads);
    expect(bound.recount()).toBe(10);
  });

  test('who leaves takes along what it held, once', () => {
    const { bound } = bounded();
    const [one, other] = [
      { name: 'one', holding: 50 },
      { name: 'other', holding: 20 },
    ];
    for (const connection of [one, other]) bound.changed(connection);
    bound.leave(one);
    bound.leave(one);
    expect(bound.recount()).toBe(20);
  });
});
