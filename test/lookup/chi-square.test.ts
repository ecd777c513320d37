import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chiSquareOf, drawsNeeded } from '../../src/lookup/chi-square.ts';
import { upperGamma } from '../../src/lookup/gamma.ts';

/** Critical values of the chi-square distribution, NIST/SEMATECH e-Handbook section 1.3.6.7.4: exceeded with p. */
const TABLE: readonly (readonly [degrees: number, p: number, value: number])[] = [
  [1, 0.1, 2.706],
  [1, 0.05, 3.841],
  [1, 0.01, 6.635],
  [1, 0.001, 10.828],
  [2, 0.05, 5.991],
  [2, 0.001, 13.816],
  [3, 0.1, 6.251],
  [4, 0.001, 18.467],
  [5, 0.05, 11.07],
  [10, 0.05, 18.307],
  [10, 0.01, 23.209],
  [10, 0.95, 3.94],
  [20, 0.025, 34.17],
  [30, 0.99, 14.953],
  [50, 0.05, 67.505],
  [100, 0.05, 124.342],
  [100, 0.001, 149.449],
  [100, 0.9, 82.358],
];

test.each(TABLE)('%i degrees of freedom: p = %f at %f', (degrees, p, value) => {
  // The table has three decimals of the value.
  expect(Math.abs(upperGamma(degrees / 2, value / 2) - p)).toBeLessThan(2e-4 * p + 2e-5);
});

describe('the upper incomplete gamma function', () => {
  test.each([
    ['Q(1, x) is e^-x', 1, 2.5, Math.exp(-2.5)],
    ['Q(2, x) is (1 + x) e^-x', 2, 7, 8 * Math.exp(-7)],
    ['Q(1/2, x) is erfc(sqrt x)', 0.5, 1, 0.15729920705028513],
    ['Q(a, 0) is 1', 3, 0, 1],
    ['far out it is 0', 0.5, 1000, 0],
  ])('%s', (_row, a, x, value) => {
    expect(upperGamma(a, x)).toBeCloseTo(value, 12);
  });

  test('obeys Q(a + 1, x) = Q(a, x) + x^a e^-x / Γ(a + 1), for whole a and falls with x', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0.01, max: 120, noNaN: true }),
        (a, x) => {
          const term = Math.exp(a * Math.log(x) - x - logFactorial(a));
          expect(upperGamma(a + 1, x)).toBeCloseTo(upperGamma(a, x) + term, 10);
          expect(upperGamma(a, x * 1.01)).toBeLessThanOrEqual(upperGamma(a, x) + 1e-12);
        },
      ),
    );
  });
});

function logFactorial(count: number): number {
  return Array.from({ length: count }, (_, index) => Math.log(index + 1)).reduce((sum, log) => sum + log, 0);
}

test('the statistic is the one of the textbook', () => {
  // Mendel's peas, 1866: 315, 108, 101, 32 against 9:3:3:1.
  const peas = chiSquareOf([
    { share: 9 / 16, count: 315 },
    { share: 3 / 16, count: 108 },
    { share: 3 / 16, count: 101 },
    { share: 1 / 16, count: 32 },
  ]);
  expect(peas).toEqual({
    statistic: expect.closeTo(0.47, 3),
    degrees: 3,
    p: expect.closeTo(0.9254, 3),
  });
});

test('every category needs five expected draws', () => {
  expect([drawsNeeded([0.8, 0.2]), drawsNeeded([0.999, 0.001]), drawsNeeded([1])]).toEqual([25, 5000, 5]);
});
