import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { JointBound } from '../../src/serve/joint-bound.ts';

interface Connection {
  readonly name: string;
  readonly owner: string;
  holding: number;
}

/** A connection of a client that has no other. */
function only(name: string, holding: number): Connection {
  return { name, owner: name, holding };
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
    const connections = held.map((holding, index) => ({ ...only(`${index}`, 0), will: holding }));
    for (const connection of connections) {
      connection.holding = connection.will;
      bound.changed(connection);
    }
    expect(gone).toEqual(cut);
    expect(bound.recount()).toBe(left);
  });

  test.each([
    {
      row: 'many small ones of one client do not push out the large one of another',
      held: [['transfer', 30], ...Array.from({ length: 71 }, () => ['crowd', 1] as const)],
      cut: { crowd: 26 },
    },
    {
      row: 'of the client that holds the most the largest one goes first',
      held: [
        ['transfer', 30],
        ['crowd', 10],
        ['crowd', 40],
        ['crowd', 21],
      ],
      cut: { crowd: 1 },
    },
    {
      row: 'two crowds are cut down to the same, and who holds less than that keeps all',
      held: [
        ...Array.from({ length: 50 }, () => ['crowd', 1] as const),
        ['transfer', 20],
        ...Array.from({ length: 31 }, () => ['other crowd', 1] as const),
      ],
      cut: { crowd: 23, 'other crowd': 3 },
    },
  ] as const)('$row', ({ held, cut: expected }) => {
    const cut: string[] = [];
    const bound = new JointBound<Connection>(100, ({ owner }) => cut.push(owner));
    for (const [owner, holding] of held) bound.changed({ name: owner, owner, holding });
    const counted = Object.fromEntries(
      [...new Set(cut)].map(owner => [owner, cut.filter(one => one === owner).length]),
    );
    expect(counted).toEqual(expected);
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
    const reads = only('reads', before);
    bound.changed(reads);
    reads.holding = now;
    bound.changed(only('waits', 60));
    expect(cut).toEqual([]);
    expect(bound.recount()).toBe(now + 60);
  });

  test.each(['told', 'not told'])('what was taken meanwhile counts no more: %s', told => {
    const { bound } = bounded();
    const reads = only('reads', 90);
    bound.changed(reads);
    reads.holding = 10;
    if (told === 'told') bound.changed(reads);
    expect(bound.recount()).toBe(10);
  });

  test('who leaves takes along what it held, once', () => {
    const { bound } = bounded();
    const [one, other] = [only('one', 50), only('other', 20)];
    for (const connection of [one, other]) bound.changed(connection);
    bound.leave(one);
    bound.leave(one);
    expect(bound.recount()).toBe(20);
  });
});

test('those who come while others are cut wait for the turn in which the memory of these is free', async () => {
  const { bound, cut } = bounded();
  const [large, small] = [only('large', 90), only('small', 0)];
  bound.changed(large);
  expect(bound.isFull).toBe(false);
  small.holding = 20;
  bound.changed(small);
  expect(cut).toEqual(['large']);
  expect(bound.isFull).toBe(true);
  await nextTurn();
  expect(bound.isFull).toBe(false);
  expect(bound.recount()).toBe(20);
});
