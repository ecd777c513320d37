import {
  type AddressFamily,
  type AddressRange,
  addressNumber,
  familyOf,
  parseAddress,
  rangeAround,
} from './ip.ts';

/** A block of addresses, and the range that it holds. */
export interface Block extends AddressRange {
  /** Canonical: `10.1.2.0/24`, `fd00:1::/64`. */
  readonly text: string;
  readonly family: AddressFamily;
  readonly prefix: number;
}

/** Reads `10.1.2.0/24` or `fd00::/64`; undefined if it is neither, or has bits set behind the prefix. */
export function parseBlock(text: string): Block | undefined {
  const [base = '', bits = '', ...rest] = text.split('/');
  const address = parseAddress(base);
  if (address === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(bits)) return undefined;
  const family = familyOf(address);
  const prefix = Number(bits);
  if (prefix > (family === 'IPv4' ? 32 : 128)) return undefined;
  const { first, last } = rangeAround(address, prefix);
  // Field by field: spread into it, some of them would lie in an array of their own.
  return first === addressNumber(address)
    ? { text: `${address}/${bits}`, family, prefix, first, last }
    : undefined;
}

/** The block that is one address. @param address canonical */
export function hostBlock(address: string): Block {
  const number = addressNumber(address);
  const family = familyOf(address);
  const prefix = family === 'IPv4' ? 32 : 128;
  return { text: hostText(address), family, prefix, first: number, last: number };
}

/** How the block is written that is one address. @param address canonical */
export function hostText(address: string): string {
  return `${address}/${familyOf(address) === 'IPv4' ? 32 : 128}`;
}

export interface Claim<T> {
  readonly block: Block;
  readonly by: T;
  /** Holds whatever else is claimed; several of these may overlap. */
  readonly fixed?: boolean;
}

export interface Overlap<T> {
  readonly lost: Claim<T>;
  readonly to: Claim<T>;
}

/**
 * Who may not have the block that it claims, because one that overlaps is claimed before it in the list or fixed. A
 * claim that lost takes nothing away from later ones.
 */
export function overlaps<T>(claims: readonly Claim<T>[]): Overlap<T>[] {
  const order = claims.map((_, index) => index);
  const at = (index: number | undefined): Claim<T> => claims[index ?? -1] as Claim<T>;
  // Numbers of 128 bits are compared at a tenth of the speed, and hardly ever the first 53 are not enough.
  const rough = Float64Array.from(claims, ({ block }) => Number(block.first));
  order.sort(
    (one, other) =>
      (rough[one] ?? 0) - (rough[other] ?? 0) || compare(at(one).block.first, at(other).block.first),
  );
  const found: Overlap<T>[] = [];
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    let last = at(order[start]).block.last;
    for (; end < order.length && at(order[end]).block.first <= last; end++) {
      const next = at(order[end]).block.last;
      if (next > last) last = next;
    }
    // Nearly every claim is alone; only those that touch are weighed against each other.
    if (end - start > 1) {
      const group = order.slice(start, end).sort((one, other) => one - other);
      found.push(...weigh(group.map(at)));
    }
    start = end;
  }
  return found;
}

/** The same for claims that are known to touch: the ones that won are kept disjoint and in order. */
function weigh<T>(claims: readonly Claim<T>[]): Overlap<T>[] {
  const won: Claim<T>[] = [];
  const found: Overlap<T>[] = [];
  // The widest first, so that a fixed one lies inside what is there already or touches none of it.
  const fixed = claims.filter(claim => claim.fixed).sort((a, b) => a.block.prefix - b.block.prefix);
  for (const claim of [...fixed, ...claims.filter(({ fixed }) => !fixed)]) {
    const place = placeOf(won, claim.block);
    const before = won[place - 1];
    if (before === undefined || before.block.last < claim.block.first) won.splice(place, 0, claim);
    else if (!claim.fixed) found.push({ lost: claim, to: before });
  }
  return found;
}

/** Where the first one stands that begins behind the block. */
function placeOf<T>(won: readonly Claim<T>[], block: Block): number {
  let low = 0;
  let high = won.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((won[middle]?.block.first ?? 0n) > block.last) high = middle;
    else low = middle + 1;
  }
  return low;
}

function compare(one: bigint, other: bigint): number {
  return one < other ? -1 : Number(one > other);
}
