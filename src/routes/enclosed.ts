import { type Claim, overlaps, parseBlock } from '../base/block.ts';
import { perObject } from '../base/per-object.ts';
import type { ElementEntry, Entry } from './entry.ts';
import type { PlannedEntries } from './plan.ts';
import { SETS } from './ruleset.ts';

/**
 * Which elements lie in a wider one of the same set, be they planned or of what stays. A set cannot hold two blocks
 * that overlap. The wider one is kept, whosever it is: for a moment it may say too much, while without it the firewall
 * would let pass in clear what is left of a block that is sealed.
 */
export function enclosed(plan: PlannedEntries, staying: Iterable<Entry>): ReadonlySet<Entry> {
  const held = claimsOf(staying);
  const found = new Set<Entry>();
  for (const name of new Set(held.map(({ by }) => by.set))) {
    const claims = [...plannedClaims(plan), ...held].filter(({ by }) => by.set === name);
    claims.sort((one, other) => one.block.prefix - other.block.prefix);
    for (const { lost } of overlaps(claims)) found.add(lost.by);
  }
  return found;
}

const plannedClaims = perObject(({ entries }: PlannedEntries) =>
  claimsOf(Array.from(entries.values(), ({ entry }) => entry)),
);

function claimsOf(entries: Iterable<Entry>): Claim<ElementEntry>[] {
  return Array.from(entries).flatMap(entry => {
    if (entry.kind !== 'element' || !SETS[entry.set].blocks) return [];
    const block = parseBlock(entry.block);
    return block === undefined ? [] : [{ block, by: entry }];
  });
}
