/** Microseconds that are told apart. What takes longer counts as this. */
const MOST = 2_000_000;

/** How often each whole number of microseconds was seen: nothing is allocated while it fills, nothing is rounded up. */
export class Histogram {
  readonly #counts = new Uint32Array(MOST + 1);
  #count = 0;

  add(microseconds: number): void {
    const at = Math.min(MOST, Math.max(0, Math.round(microseconds)));
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#count += 1;
  }

  /** The value that `share` of all do not exceed (nearest rank); undefined where there is none. */
  quantile(share: number): number | undefined {
    if (this.#count === 0) return undefined;
    let left = Math.max(1, Math.ceil(this.#count * share));
    for (let at = 0; at <= MOST; at++) {
      left -= this.#counts[at] ?? 0;
      if (left <= 0) return at;
    }
    return MOST;
  }

  summary(): Quantiles {
    const at = (share: number) => this.quantile(share) ?? 0;
    return { p50: at(0.5), p99: at(0.99), p999: at(0.999), most: at(1) };
  }
}

/** In microseconds; of nothing all are 0. */
export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly most: number;
}
