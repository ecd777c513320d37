/** Seconds; a compiled answer takes 1–2 µs, a large one that is built some hundred. */
const QUERY_BOUNDS = [
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
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(bounds: readonly number[] = QUERY_BOUNDS) {
    this.bounds = Float64Array.from(bounds);
    this.#counts = new Float64Array(bounds.length + 1);
  }

  add(value: number): void {
    const { bounds } = this;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] ?? 0)) index += 1;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += value;
  }

  /** Cumulative counts, as the exposition format wants them. */
  *samples(name: string): Generator<BucketSample> {
    let total = 0;
    for (const [index, count] of this.#counts.entries()) {
      total += count;
      yield { metricName: `${name}_bucket`, labels: { le: this.bounds[index] ?? '+Inf' }, value: total };
    }
    yield { metricName: `${name}_sum`, labels: {}, value: this.#sum };
    yield { metricName: `${name}_count`, labels: {}, value: total };
  }
}
