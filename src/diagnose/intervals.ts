import type { AddressRange } from '../base/ip.ts';

/** Addresses and whose they are. Of two blocks, one holds the other or they have nothing in common. */
export interface Interval<Owner> extends AddressRange {
  readonly owner: Owner;
}

/** In order, without those that lie within another: no two of them have an address in common. */
export function outermost<Owner>(intervals: readonly Interval<Owner>[]): Interval<Owner>[] {
  const kept: Interval<Owner>[] = [];
  for (const one of sorted(intervals)) {
    const before = kept.at(-1);
    if (before === undefined || one.last > before.last) kept.push(one);
  }
  return kept;
}

/** The first that has addresses in common with one before it; undefined: none has. */
export function clashWithin<Owner>(intervals: readonly Interval<Owner>[]): [Owner, Owner] | undefined {
  let before: Interval<Owner> | undefined;
  for (const one of sorted(intervals)) {
    if (before !== undefined && one.first <= before.last) return [before.owner, one.owner];
    before = one;
  }
  return undefined;
}

/**
 * The first two, one of each list, that have addresses in common.
 *
 * @param ours `outermost`
 * @param theirs `outermost`
 */
export function clashBetween<Ours, Theirs>(
  ours: readonly Interval<Ours>[],
  theirs: readonly Interval<Theirs>[],
): [Ours, Theirs] | undefined {
  let [at, there] = [0, 0];
  for (;;) {
    const [one, other] = [ours[at], theirs[there]];
    if (one === undefined || other === undefined) return undefined;
    if (one.first <= other.last && other.first <= one.last) return [one.owner, other.owner];
    if (one.last < other.last) at++;
    else there++;
  }
}

function sorted<Owner>(intervals: readonly Interval<Owner>[]): Interval<Owner>[] {
  const order = (one: bigint, other: bigint) => (one < other ? -1 : one > other ? 1 : 0);
  return intervals.toSorted((one, other) => order(one.first, other.first) || order(other.last, one.last));
}
