import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket } from '../../src/base/token-bucket.ts';

const SECOND = 1_000;

/** How many of so many get through at one time. */
function through(bucket: TokenBucket, count: number, now: number): number {
  return Array.from({ length: count }, () => bucket.take(now)).filter(Boolean).length;
}

test('a burst at once, then as many as the seconds bring, and never more than a burst', () => {
  const bucket = new TokenBucket(5, 25, 0);
  expect(through(bucket, 100, 0)).toBe(25);
  expect(through(bucket, 100, SECOND)).toBe(5);
  expect(through(bucket, 100, 3 * SECOND)).toBe(10);
  expect(through(bucket, 100, 3_600 * SECOND)).toBe(25);
});

test('asking often gains nothing', () => {
  const bucket = new TokenBucket(5, 1, 0);
  let passed = 0;
  for (let now = 0; now <= 10 * SECOND; now++) passed += through(bucket, 1, now);
  expect(passed).toBe(51);
});

test('whenever it is asked, at most a burst and what the time has brought get through', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3_000), fc.nat(20))), asks => {
      const bucket = new TokenBucket(5, 25, 0);
      let now = 0;
      let passed = 0;
      for (const [pause, count] of asks) {
        now += pause;
        passed += through(bucket, count, now);
        expect(passed).toBeLessThanOrEqual(25 + (now / SECOND) * 5 + 1e-6);
      }
    }),
  );
});
