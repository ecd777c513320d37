import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HealthLimits, initialHealth, isReturning, step } from '../../src/controller/health.ts';

const limits: HealthLimits = { lostAfter: 15_000, backAfter: 5_000 };
const PROBE = 3_000;

/**
 * What a cluster counts as, one letter per probe: `+` it answered, `.` it did not, `Z` it did not after a minute in
 * which this process did not look, `z` it did after such a minute. `S` serving, `L` lost, `R` returning.
 */
function course(probes: string, every = PROBE): string {
  let now = 0;
  let state = initialHealth(now);
  let text = '';
  for (const probe of probes) {
    now += probe.toLowerCase() === 'z' ? 60_000 : every;
    state = step(state, { at: now, answered: '+z'.includes(probe) }, limits);
    text += state.serving ? 'S' : isReturning(state) ? 'R' : 'L';
  }
  return text;
}

describe('a probe every 3 s, lost after 15 s, back after 5 s and three answers', () => {
  test.each([
    ['answers', '+++++++++', 'SSSSSSSSS'],
    ['never answered: lost 15 s after the start', '.......', 'SSSSLLL'],
    ['falls silent: lost 15 s after the last answer', '++......', 'SSSSSSLL'],
    ['misses now and then', '+...+....+..+', 'SSSSSSSSSSSSS'],
    ['answers once in 15 s', '+....+....+....+', 'SSSSSSSSSSSSSSSS'],
    ['is back', '......+++++', 'SSSSLLRRSSS'],
    ['answers once', '.....+...', 'SSSSLRLLL'],
    ['answers every other time', '.....+.+.+.+.', 'SSSSLRLRLRLRL'],
    ['answers twice of three times', '.....++.++.++.', 'SSSSLRRLRRLRRL'],
    ['is back, and lost again', '.....+++......', 'SSSSLRRSSSSSLL'],
    ['we slept while it served', '+...Z....', 'SSSSSSSSS'],
    ['we slept, and it is gone', '+...Z.....', 'SSSSSSSSSL'],
    ['we slept, and it answers', '+...z+', 'SSSSSS'],
    ['we sleep again and again', '+ZZZZZZ', 'SSSSSSS'],
    ['we slept while it was lost', '.....Z.', 'SSSSLLL'],
    ['we slept while it came back: what was before does not count', '.....++z+++', 'SSSSLRRRRSS'],
  ])('%s', (_name, probes, counts) => {
    expect(course(probes)).toBe(counts);
  });
});

test('answers that come fast have to go on for as long', () => {
  expect(course(`${'.'.repeat(15)}${'+'.repeat(7)}`, 1_000)).toBe(`${'S'.repeat(14)}LRRRRRSS`);
});

test('since is the time of the last change', () => {
  let state = initialHealth(100);
  expect(state).toMatchObject({ serving: true, since: 100 });
  for (let now = 3_100; now <= 30_100; now += PROBE)
    state = step(state, { at: now, answered: false }, limits);
  expect(state).toMatchObject({ serving: false, since: 15_100 });
  for (let now = 33_100; now <= 48_100; now += PROBE)
    state = step(state, { at: now, answered: true }, limits);
  expect(state).toMatchObject({ serving: true, since: 39_100 });
});

test('a lost cluster that answers waits until what is known of it is current', () => {
  let state = initialHealth(0, false);
  for (let now = PROBE; now <= 10 * PROBE; now += PROBE)
    state = step(state, { at: now, answered: true, current: false }, limits);
  expect(state).toMatchObject({ serving: false, since: 0 });
  expect(step(state, { at: 11 * PROBE, answered: true, current: true }, limits).serving).toBe(true);
});

test('a cluster that serves goes on serving while what is known of it is out of date', () => {
  let state = initialHealth(0);
  for (let now = PROBE; now <= 20 * PROBE; now += PROBE)
    state = step(state, { at: now, answered: true, current: false }, limits);
  expect(state.serving).toBe(true);
});

test('lost only after a silence that was watched, and back only after answers without a miss', () => {
  const observations = fc.array(fc.record({ wait: fc.nat(9_000), answered: fc.boolean() }), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(observations, list => {
      let now = 0;
      let state = initialHealth(now);
      const seen = [{ at: 0, answered: true }];
      for (const { wait, answered } of list) {
        now += wait;
        const before = state;
        state = step(before, { at: now, answered }, limits);
        seen.push({ at: now, answered });
        if (state.serving === before.serving) continue;
        const length = state.serving ? limits.backAfter : limits.lostAfter;
        const from = seen.findLastIndex(({ at }) => at <= now - length);
        const during = seen.slice(from + 1);
        expect(from).not.toBe(-1);
        expect(during.every(one => one.answered === state.serving)).toBe(true);
        if (state.serving) expect(seen.slice(-3).every(one => one.answered)).toBe(true);
        const gaps = seen.slice(from).map(({ at }, index, all) => at - (all[index - 1]?.at ?? at));
        expect(Math.max(...gaps)).toBeLessThanOrEqual(limits.lostAfter / 2);
      }
    }),
    { numRuns: 2_000 },
  );
});
