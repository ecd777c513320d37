import { percentile } from '../sync/statistics.ts';
import { whole } from '../sync/table.ts';

/** The middle of several measurements, and how far apart they lie: on a busy machine one says little alone. */
export function spread(values: readonly number[]): { readonly median: number; readonly text: string } {
  const median = percentile(values, 0.5);
  return { median, text: `${whole(median)} (${whole(Math.min(...values))}–${whole(Math.max(...values))})` };
}
