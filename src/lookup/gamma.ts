/** Coefficients of Lanczos' approximation for g = 7, n = 9: 15 digits. */
const LANCZOS_FIRST = 0.99999999999980993;
const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Terms at most; with relative steps down to this. Both forms below need some dozens where they are used. */
const MOST_TERMS = 10_000;
const EPSILON = 1e-15;

/** The natural logarithm of Γ(x), x above 0. */
function logGamma(x: number): number {
  const shifted = x - 1;
  const base = shifted + 7.5;
  const sum = LANCZOS.reduce(
    (total, coefficient, index) => total + coefficient / (shifted + index + 1),
    LANCZOS_FIRST,
  );
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}

/**
 * The regularised upper incomplete gamma function Q(a, x): by its series for small x, by its continued fraction
 * (Lentz) for large ones, as in Numerical Recipes, section 6.2.
 *
 * @param a above 0
 * @param x at least 0
 */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? 1 - scale * lowerSeries(a, x) : scale * upperFraction(a, x);
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let index = 1; index < MOST_TERMS && term > sum * EPSILON; index++) {
    term *= x / (a + index);
    sum += term;
  }
  return sum;
}

function upperFraction(a: number, x: number): number {
  const tiny = Number.MIN_VALUE / EPSILON;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let index = 1; index < MOST_TERMS; index++) {
    const numerator = -index * (index - a);
    b += 2;
    d = 1 / (numerator * d + b || tiny);
    c = b + numerator / c || tiny;
    const step = c * d;
    fraction *= step;
    if (Math.abs(step - 1) < EPSILON) break;
  }
  return fraction;
}
