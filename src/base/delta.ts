/** What has to be done to make what is there what shall be there. */
export interface Delta<T> {
  /** Missing or different, in order. */
  readonly apply: readonly T[];
  /** Keys of what shall not be there, in reverse order. */
  readonly remove: readonly string[];
}

/**
 * The difference between two states, each by key.
 *
 * @param actual fingerprints of what is there
 * @param compare the order of keys in which things are applied; they are removed the other way round
 */
export function difference<T extends { readonly fingerprint: string }>(
  desired: ReadonlyMap<string, T>,
  actual: ReadonlyMap<string, string>,
  compare: (one: string, other: string) => number,
): Delta<T> {
  const apply = [...desired]
    .filter(([key, { fingerprint }]) => actual.get(key) !== fingerprint)
    .sort(([one], [other]) => compare(one, other))
    .map(([, object]) => object);
  const remove = [...actual.keys()]
    .filter(key => !desired.has(key))
    .sort((one, other) => compare(other, one));
  return { apply, remove };
}
