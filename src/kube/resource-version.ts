/**
 * Whether one version of an API server's store came before another. Versions compare as whole numbers of any size
 * (KEP-5504); others are never called earlier.
 */
export function isEarlier(one: string, other: string): boolean {
  if (!/^\d+$/.test(one) || !/^\d+$/.test(other)) return false;
  return one.length === other.length ? one < other : one.length < other.length;
}
