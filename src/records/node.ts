import { addressBytes, familyOf } from '../base/ip.ts';
import { TYPE } from '../wire/codes.ts';
import type { Labels } from '../wire/name.ts';
import type { RecordData } from '../wire/rdata/index.ts';

/**
 * All records of one type at one name (RFC 2181 section 5). Names inside the data are relative to the zone: the reply
 * completes them with the zone as the question spelt it, so that a mixed-case question gets its own spelling back.
 */
export interface RecordSet {
  readonly type: number;
  /** Seconds. */
  readonly ttl: number;
  readonly data: readonly RecordData[];
}

/** One of the addresses sets between which a name chooses anew for each query. */
export interface Alternative {
  readonly cluster: string;
  /** Above 0; its share is its part of the sum over the alternatives that have the type asked for. */
  readonly weight: number;
  readonly sets: readonly RecordSet[];
}

/** What stands at a name. A node without any records is an empty non-terminal: NODATA, not NXDOMAIN (RFC 8020). */
export interface Node {
  readonly sets: readonly RecordSet[];
  /** Empty where nothing is drawn. */
  readonly alternatives: readonly Alternative[];
  /** The addresses are those of clusters held for lost, given because no other can answer (RFC 8914, Stale Answer). */
  readonly stale: boolean;
  /** The cluster that the addresses in `sets` belong to, `several`, or undefined where they name none. */
  readonly cluster: string | undefined;
}

export const EMPTY_NODE: Node = { sets: [], alternatives: [], stale: false, cluster: undefined };

/** Builds a node; what is not given is empty. */
export function nodeOf(parts: Partial<Node>): Node {
  return { ...EMPTY_NODE, ...parts };
}

/** The A and AAAA sets of a list of canonical addresses, each address once; a family without any has no set. */
export function addressSets(addresses: readonly string[], ttl: number): RecordSet[] {
  const v4: RecordData[] = [];
  const v6: RecordData[] = [];
  for (const address of new Set(addresses)) {
    const bytes = addressBytes(address);
    if (familyOf(address) === 'IPv4') v4.push({ type: TYPE.A, address: bytes });
    else v6.push({ type: TYPE.AAAA, address: bytes });
  }
  const sets: RecordSet[] = [];
  if (v4.length > 0) sets.push({ type: TYPE.A, ttl, data: v4 });
  if (v6.length > 0) sets.push({ type: TYPE.AAAA, ttl, data: v6 });
  return sets;
}

/** Where a port of a service can be reached. */
export interface Location {
  /** Relative to the zone. */
  readonly target: Labels;
  readonly port: number;
}

/**
 * The SRV set of some locations, or none. Priority and weight are not prescribed by KEP-1645; they are those of
 * CoreDNS: 0, and an even share of 100 over all locations before equal ones are merged.
 */
export function srvSets(locations: readonly Location[], ttl: number): RecordSet[] {
  if (locations.length === 0) return [];
  const weight = Math.max(1, Math.floor(100 / locations.length));
  const distinct = new Map(
    locations.map(location => [`${location.target.join('.')}:${location.port}`, location]),
  );
  const data = [...distinct.values()].map(
    ({ target, port }): RecordData => ({ type: TYPE.SRV, priority: 0, weight, port, target }),
  );
  return [{ type: TYPE.SRV, ttl, data }];
}

/** Owner of the SRV records of a named port, relative to the service. */
export function portName(port: { name: string; protocol: string }): string {
  return `_${port.name}._${port.protocol.toLowerCase()}`;
}
