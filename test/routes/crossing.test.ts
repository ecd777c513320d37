import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Crossing, crossedPeers, nextCrossing } from '../../src/routes/crossing.ts';

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

test('of two ends one puts the other anew, and only whom it crosses', () => {
  const stuck: { crossing: Crossing | undefined } = {
    crossing: { isHeard: false, isStuck: true, times: 1, notBefore: 0 },
  };
  const ends = ['A', 'B'].map(own => [...crossedPeers(new Map([[own === 'A' ? 'B' : 'A', stuck]]), own)]);
  expect(ends).toEqual([[], ['A']]);
  const tunnels = new Map([
    ['A', stuck],
    ['B', { crossing: nextCrossing(undefined, { hasSession: false, isHeard: true }, 0) }],
    ['C', { crossing: undefined }],
  ]);
  expect([...crossedPeers(tunnels, 'D')]).toEqual(['A']);
});
