import { type AddressFamily, familyOf } from '../base/ip.ts';
import type { ExportedService } from './model.ts';

/** Which families a service has in the set, and which exports can take part in them. */
export interface FamilyAgreement {
  /** Those of the oldest export that tells any, in its order, cut down to what the others have too. */
  readonly families: readonly AddressFamily[];
  /** The exports with a family in common, in the order given. */
  readonly participants: readonly ExportedService[];
  /** The others. */
  readonly excluded: readonly ExportedService[];
}

/**
 * The intersection of all exports' families, oldest first, so that a name has in each family the same clusters behind
 * it. An export with nothing in common with the older ones is left out; one that tells no family takes part in all.
 */
export function agreeOnFamilies(exports: readonly ExportedService[]): FamilyAgreement {
  let families: readonly AddressFamily[] = [];
  const excluded: ExportedService[] = [];
  const participants = exports.filter(exported => {
    if (exported.ipFamilies.length === 0) return true;
    if (families.length === 0) families = exported.ipFamilies;
    const common = families.filter(family => exported.ipFamilies.includes(family));
    if (common.length === 0) {
      excluded.push(exported);
      return false;
    }
    // Most exports agree, and then the list is the oldest export's own: one less for each of 100,000 services.
    if (common.length < families.length) families = common;
    return true;
  });
  return { families, participants, excluded };
}

/** Only the addresses of the families; the very same list where that is all of it, so that it is shared. */
export function ofFamilies(
  addresses: readonly string[],
  families: readonly AddressFamily[],
): readonly string[] {
  const left = addresses.filter(address => families.includes(familyOf(address)));
  return left.length === addresses.length || families.length === 0 ? addresses : left;
}
