import { expect, test } from 'vitest';
import { clock } from '../../src/diagnose/clock.ts';
import { accessOf, clusterOf, factsOf, reachOf, remoteOf, said, westOf } from '../kit/diagnose-facts.ts';

const clocked = (ahead: number, uncertainty = 0.5) => reachOf({ clock: { value: { ahead, uncertainty } } });

test.each([
  { ahead: 5, line: '✓ clock.skew here and east: they agree to 6 s' },
  { ahead: 5.6, line: '⚠ clock.skew here and east: the second clock is 6 s ahead' },
  { ahead: -20, line: '⚠ clock.skew here and east: the second clock is 20 s behind' },
  { ahead: 60, line: '⚠ clock.skew here and east: the second clock is 60 s ahead' },
  {
    ahead: -3600,
    line: '✗ clock.skew here and east: the second clock is 3600 s behind: tokens and certificates count as expired or not yet valid',
  },
])('$ahead s', ({ ahead, line }) => {
  expect(said(clock, factsOf(clusterOf({ reach: clocked(ahead), remotes: { value: [] } })))).toEqual([line]);
});

test('what may come of a slow answer is no fault of the clock', () => {
  const facts = factsOf(clusterOf({ reach: clocked(7, 2.5), remotes: { value: [] } }));
  expect(said(clock, facts)).toEqual(['✓ clock.skew here and east: they agree to 10 s']);
});

test('clusters are compared with each other, so that it shows whether it is this machine', () => {
  const remote = remoteOf({
    reach: { ...accessOf().reach, clock: { value: { ahead: 100, uncertainty: 0.5 } } },
  });
  const facts = factsOf(
    clusterOf({ reach: clocked(100), remotes: { value: [remote] } }),
    westOf({ reach: clocked(100) }),
  );
  const far = 'the second clock is 100 s ahead: tokens and certificates count as expired or not yet valid';
  expect(said(clock, facts)).toEqual([
    `✗ clock.skew here and east: ${far}`,
    '✓ clock.skew east and east → west: they agree to 1 s',
    `✗ clock.skew here and west: ${far}`,
    '✓ clock.skew east and west: they agree to 1 s',
  ]);
});

test('a clock that cannot be asked is not known', () => {
  const facts = factsOf(
    clusterOf({ reach: reachOf({ clock: { unknown: 'no answer in time' } }), remotes: { value: [] } }),
  );
  expect(said(clock, facts)).toEqual(['? clock.skew here and east: no answer in time']);
});
