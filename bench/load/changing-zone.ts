import { type BenchRecord, type BenchZone, ownerName } from '../dns/zone.ts';

/** The endpoint that is replaced: the others of a name stay. */
const REPLACED = 2;

/** From here on addresses tell versions: 10.64.0.0/10, which the zone has none of. */
const FIRST_NET = 64;
const MOST_VERSIONS = 2 ** 22;

/**
 * What a name's record is in each version: with every one the third endpoint goes and another comes. No two versions
 * share it, so an answer tells which one it is of.
 */
export function recordAt(record: BenchRecord, version: number): BenchRecord {
  if (version >= MOST_VERSIONS) throw new RangeError(`version ${version} of a record`);
  if (version === 0) return record;
  const address = `10.${FIRST_NET + (version >>> 16)}.${(version >>> 8) & 0xff}.${version & 0xff}`;
  return { ...record, addresses: record.addresses.with(REPLACED, address) };
}

/** The version that addresses in any order are of; undefined: of none. */
export function versionOf(record: BenchRecord, addresses: readonly string[]): number | undefined {
  const strange = addresses.filter(address => !record.addresses.includes(address));
  const version = strange.length === 0 ? 0 : numberOf(strange[0] ?? '');
  const expected = version === undefined ? [] : recordAt(record, version).addresses;
  return addresses.toSorted().join() === expected.toSorted().join() ? version : undefined;
}

function numberOf(address: string): number | undefined {
  const [, net = 0, high = 0, low = 0] = address.split('.').map(Number);
  const version = ((net - FIRST_NET) << 16) | (high << 8) | low;
  return net >= FIRST_NET && version > 0 && version < MOST_VERSIONS ? version : undefined;
}

/** What of the zone changes together: the records of one namespace, which are one file. */
export function byNamespace(zone: BenchZone): ReadonlyMap<string, readonly BenchRecord[]> {
  return Map.groupBy(zone.records, ({ namespace }) => namespace);
}

/** The records of a zone by their owner names. */
export function byName(zone: BenchZone): ReadonlyMap<string, BenchRecord> {
  return new Map(zone.records.map(record => [ownerName(zone, record), record]));
}
