/**
 * The items that are defined, in an array of just their number. One that grew (by `push`, `filter`, `flatMap`) keeps
 * room for 16 more: at 300,000 endpoints that is 40 MB of nothing.
 */
export function compact<T>(items: readonly (T | undefined)[]): T[] {
  return items.filter(item => item !== undefined).slice();
}
