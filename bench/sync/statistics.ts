/** What is told of many times. */
export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Nearest rank: the smallest value that at least this share of all is not above. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (found === undefined) throw new Error('no values to take a percentile of');
  return found;
}

export function summarize(values: readonly number[]): Summary {
  return {
    count: values.length,
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
    max: percentile(values, 1),
  };
}

/** The values of the first, second and last third of a run, by when they were taken. A lag that grows shows in them. */
export function byThird(
  samples: readonly { readonly at: number; readonly value: number }[],
  length: number,
): readonly (readonly number[])[] {
  return [0, 1, 2].map(third =>
    samples
      .filter(({ at }) => Math.min(2, Math.floor((at * 3) / length)) === third)
      .map(({ value }) => value),
  );
}
