/** Seconds; a compiled answer takes 1–2 µs, a large one that is built some hundred. */
export const QUERY_BOUNDS: readonly number[] = [
  1e-6, 2e-6, 4e-6, 8e-6, 16e-6, 32e-6, 64e-6, 128e-6, 256e-6, 1e-3, 4e-3, 16e-3, 64e-3, 0.25, 1,
];

/** One line of a histogram as prom-client's registry prints it. */
export interface BucketSample {
  readonly metricName: string;
  readonly labels: { readonly le?: number | string };
  readonly value: number;
}

/** A histogram's counts as plain numbers: adding one is a scan over a few floats and two additions. */
export class Buckets {
  readonly bounds: Float64Array;
  /** By bucket, the last one without a bound; then the sum of all values. */
  readonly #words: Float64Array;

  /** @param words one for each bound and two more: given where another thread counts in them */
  constructor(
    bounds: readonly number[] = QUERY_BOUNDS,
    words: Float64Array = new Float64Array(bounds.length + 2),
  ) {
    this.bounds = Float64Array.from(bounds);
    this.#words = words;
  }

  /** Adds a value, or as many as there are of it. */
  add(value: number, count = 1): void {
    const { bounds } = this;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] ?? 0)) index += 1;
    this.#words[index] = (this.#words[index] ?? 0) + count;
    this.#words[bounds.length + 1] = (this.#words[bounds.length + 1] ?? 0) + value * count;
  }

  /** Cumulative counts of this and others of the same bounds, as the exposition format wants them. */
  *samples(name: string, others: readonly Buckets[] = []): Generator<BucketSample> {
    const words = this.#words.map((word, index) =>
      others.reduce((sum, other) => sum + (other.#words[index] ?? 0), word),
    );
    let total = 0;
    for (let index = 0; index <= this.bounds.length; index++) {
      total += words[index] ?? 0;
      yield { metricName: `${name}_bucket`, labels: { le: this.bounds[index] ?? '+Inf' }, value: total };
    }
    yield { metricName: `${name}_sum`, labels: {}, value: words[this.bounds.length + 1] ?? 0 };
    yield { metricName: `${name}_count`, labels: {}, value: total };
  }
}
