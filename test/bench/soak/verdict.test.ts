import { describe, expect, test } from 'vitest';
import { type Outcome, straying, verdict } from '../../../bench/soak/verdict.ts';

const even = (length: number, value: (index: number) => number) =>
  Array.from({ length }, (_, at) => value(at));

describe('memory', () => {
  test.each([
    { name: 'that is the same all the time', resident: even(200, () => 100), strays: 0 },
    { name: 'that grows in the first fifth alone', resident: even(200, at => Math.min(at, 40)), strays: 0 },
    { name: 'of single peaks', resident: even(200, at => (at % 20 === 0 ? 300 : 100)), strays: 0 },
    {
      name: 'that jumps by a tenth at half time',
      resident: even(200, at => (at < 100 ? 100 : 110)),
      strays: 0.048,
    },
    { name: 'that always grows', resident: even(200, at => 100 + at), strays: 0.333 },
    { name: 'of a run with less looks than parts', resident: [100, 100, 120], strays: 0.2 },
  ])('$name strays by $strays', ({ resident, strays }) => {
    expect(straying(resident)).toBeCloseTo(strays, 1);
  });
});

const good: Outcome = {
  ...{ minutes: 1, rate: 1_000, sent: 60_000, answered: 59_990, changes: 600, verified: 120 },
  dropped: { "the server's socket": 7, 'the daemon': 3 },
  wrong: { 'never held': 0, 'too old': 0 },
  resident: even(20, () => 100),
};

describe('the verdict', () => {
  test('is met by a run in which all that is missing was counted', () => {
    expect(missed(good)).toEqual([]);
  });

  test.each([
    { name: 'a query that nobody counted', outcome: { answered: 59_989 }, what: 'lost and not counted' },
    { name: 'a query that was counted twice', outcome: { answered: 59_991 }, what: 'lost and not counted' },
    { name: 'a wrong answer', outcome: { wrong: { 'never held': 1 } }, what: 'of them wrong' },
    {
      name: 'memory that grows',
      outcome: { resident: even(20, at => 100 + at) },
      what: 'RSS strays once warm',
    },
  ])('is missed by $name', ({ outcome, what }) => {
    expect(missed({ ...good, ...outcome })).toEqual([what]);
  });

  test('says why answers were wrong', () => {
    const lines = verdict({ ...good, wrong: { 'never held': 0, 'too old': 2 } });
    expect(lines.find(({ what }) => what === 'of them wrong')?.measured).toBe('2; too old: 2');
  });
});

function missed(outcome: Outcome): string[] {
  return verdict(outcome)
    .filter(({ met }) => met === false)
    .map(({ what }) => what);
}
