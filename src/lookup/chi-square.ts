import { upperGamma } from './gamma.ts';

/** One of the things that can be drawn. */
export interface Category {
  /** What part of the draws it should be, above 0; all come to 1. */
  readonly share: number;
  /** How often it was drawn. */
  readonly count: number;
}

export interface ChiSquare {
  readonly statistic: number;
  readonly degrees: number;
  /** How likely a deviation of this size or more is, if the shares hold. */
  readonly p: number;
}

/** Below this many expected draws of a category the distribution is not that of chi-square (Cochran's rule). */
const LEAST_EXPECTED = 5;

/** Draws that the test needs for these shares. */
export function drawsNeeded(shares: readonly number[]): number {
  return Math.ceil(LEAST_EXPECTED / Math.min(...shares));
}

/** Pearson's test of goodness of fit, over two categories or more. */
export function chiSquareOf(categories: readonly Category[]): ChiSquare {
  const total = categories.reduce((sum, { count }) => sum + count, 0);
  const statistic = categories.reduce((sum, { share, count }) => {
    const expected = total * share;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  const degrees = categories.length - 1;
  return { statistic, degrees, p: upperGamma(degrees / 2, statistic / 2) };
}
