/**
 * Weighted drawing in constant time (Walker's alias method, in Vose's form): one random number picks a column, its
 * fraction decides between the column's own index and its alias. The shares are exact in expectation; a cumulative sum
 * would be as exact, but costs a search per query.
 */
export class AliasTable {
  readonly #own: Float64Array;
  readonly #alias: Uint32Array;

  /** @param weights at least one, none below 0, not all 0 */
  constructor(weights: readonly number[]) {
    const count = weights.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const scaled = weights.map(weight => (weight * count) / total);
    this.#own = new Float64Array(count).fill(1);
    this.#alias = Uint32Array.from(weights.keys());
    const small: number[] = [];
    const large: number[] = [];
    for (const [index, share] of scaled.entries()) (share < 1 ? small : large).push(index);
    for (
      let low = small.pop(), high = large.pop();
      low !== undefined && high !== undefined;
      low = small.pop()
    ) {
      const share = scaled[low] ?? 0;
      this.#own[low] = share;
      this.#alias[low] = high;
      const rest = (scaled[high] ?? 0) + share - 1;
      scaled[high] = rest;
      if (rest < 1) {
        small.push(high);
        high = large.pop();
      }
    }
  }

  /** How often each index is drawn, as a part of 1. */
  shares(): number[] {
    const count = this.#own.length;
    const shares = [...this.#own];
    for (const [column, alias] of this.#alias.entries()) {
      shares[alias] = (shares[alias] ?? 0) + 1 - (this.#own[column] ?? 0);
    }
    return shares.map(share => share / count);
  }

  /**
   * An index, in proportion to its weight.
   *
   * @param random at least 0, below 1
   */
  draw(random: number): number {
    const scaled = random * this.#own.length;
    const column = Math.floor(scaled);
    return scaled - column < (this.#own[column] ?? 0) ? column : (this.#alias[column] ?? 0);
  }
}
