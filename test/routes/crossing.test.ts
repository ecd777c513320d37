import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Crossing, crossedPeers, crossingLater, nextCrossing } from '../../src/routes/crossing.ts';

const TICK = 2_500;

/** Looks every 2.5 s: `a` the other one has asked meanwhile, `.` nothing came, `S` there is a session. */
function looksAfter(ticks: string): string {
  let crossing: Crossing | undefined;
  return Array.from(ticks, (tick, index) => {
    crossing = nextCrossing(crossing, { hasSession: tick === 'S', isHeard: tick === 'a' }, index * TICK);
    return crossing?.isStuck === true ? '!' : '-';
  }).join('');
}

describe('when a peer is to be put anew (`!`)', () => {
  test.each([
    { row: 'nobody asks', ticks: '........', is: '--------' },
    { row: 'asked and answered before the next look', ticks: 'aSSSSSSS', is: '--------' },
    { row: 'asked, and at the next look there is no session', ticks: 'a.SSSSSS', is: '-!------' },
    { row: 'it asks every five seconds', ticks: '.a.SSSSS', is: '--!-----' },
    { row: 'asks on: not for 10 s', ticks: 'a.a.a.a.', is: '-!---!--' },
    { row: 'then for 20 s', ticks: 'a.a.a.a.a.a.a.a.', is: '-!---!-------!--' },
    { row: 'asks no more while it is left alone', ticks: 'a.a.....', is: '-!------' },
    { row: 'a session in between: at once again', ticks: 'a.Sa.Sa.', is: '-!--!--!' },
  ])('$row', ({ ticks, is }) => {
    expect(looksAfter(ticks)).toBe(is);
  });

  test('who never gets our answers is put anew every five minutes at most, in the end', () => {
    const hour = looksAfter('a.'.repeat(720));
    expect(hour.split('!').length - 1).toBeLessThan(20);
    expect(hour.slice(-240).split('!').length - 1).toBe(2);
  });

  test('whatever happens: never where there is a session, never twice within 10 s without one', () => {
    const ticks = fc.string({ unit: fc.constantFrom('a', '.', 'S'), maxLength: 200 });
    fc.assert(
      fc.property(ticks, looks => {
        const seen = looksAfter(looks);
        for (const [index, tick] of Array.from(looks).entries())
          if (tick === 'S') expect(seen[index]).toBe('-');
        for (const { index } of seen.matchAll(/!(?=[-!]{0,2}!)/g))
          expect(looks.slice(index, index + 4)).toContain('S');
      }),
    );
  });
});

describe('which of two ends puts the other anew', () => {
  const tunnels = (...crossings: (Partial<Crossing> | undefined)[]) =>
    new Map(
      crossings.map((one, index) => [
        'BCDE'[index] ?? '',
        {
          crossing: one && { hasAsked: false, isStuck: true, times: 1, notBefore: 0, ...one },
        },
      ]),
    );

  test.each([
    { row: 'the larger key', own: 'C', is: ['B'] },
    { row: 'the smaller key', own: 'A', is: [] },
  ])('$row', ({ own, is }) => {
    expect([...crossedPeers(tunnels({}), own)]).toEqual(is);
  });

  test('the other one, too, where that has not come about by the third time', () => {
    expect([...crossedPeers(tunnels({ times: 2 }), 'A')]).toEqual([]);
    expect([...crossedPeers(tunnels({ times: 3 }), 'A')]).toEqual(['B']);
  });

  test('only those that are stuck, and not more than 500 at once', () => {
    expect([...crossedPeers(tunnels({}, { isStuck: false }, undefined, {}), 'F')]).toEqual(['B', 'E']);
    const [, stuck] = [...tunnels({})][0] ?? [];
    const many = new Map(
      Array.from({ length: 5_000 }, (_, index) => [`A${index}`, stuck ?? { crossing: undefined }]),
    );
    expect(crossedPeers(many, 'F').size).toBe(500);
  });
});

test('a peer that has to hear of another key first is left alone for 5 s', () => {
  let crossing: Crossing | undefined = crossingLater(0);
  const looks = [1, 2, 3, 4].map(look => {
    crossing = nextCrossing(crossing, { hasSession: false, isHeard: true }, look * TICK);
    return crossing?.isStuck;
  });
  expect(looks).toEqual([false, true, false, false]);
});
