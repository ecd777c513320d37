import { TYPE } from '../wire/codes.ts';
import { addressSets, EMPTY_NODE, type Node, nodeOf, type RecordSet } from './node.ts';

/** Name of the server in SOA and NS, relative to the zone; CoreDNS uses the same. */
const SERVER = ['ns', 'dns'];

/** Version of the multi-cluster DNS specification in KEP-1645 that the names below follow, and its TTL in seconds. */
const SCHEMA_VERSION = '1.0.0';
const SCHEMA_TTL = 28800;

/** RFC 2308 section 3 and CoreDNS: a negative answer lives no longer than the data, and never beyond five minutes. */
const MAX_SOA_TTL = 300;

/**
 * The zone's SOA.
 *
 * @param ttl the zone's TTL in seconds, which is also how long a negative answer holds
 */
export function startOfAuthority(serial: number, ttl: number): RecordSet {
  return {
    type: TYPE.SOA,
    ttl: Math.min(ttl, MAX_SOA_TTL),
    data: [
      {
        type: TYPE.SOA,
        server: SERVER,
        mailbox: ['hostmaster'],
        serial,
        refresh: 7200,
        retry: 1800,
        expire: 86400,
        minimum: ttl,
      },
    ],
  };
}

/**
 * The names of the zone that belong to no service, by their labels joined by dots; the apex's SOA is not among them.
 */
export function fixedNodes(ttl: number, nameserverAddresses: readonly string[]): ReadonlyMap<string, Node> {
  return new Map([
    ['', nodeOf({ sets: [{ type: TYPE.NS, ttl, data: [{ type: TYPE.NS, target: SERVER }] }] })],
    ['dns', EMPTY_NODE],
    ['ns.dns', nodeOf({ sets: addressSets(nameserverAddresses, ttl) })],
    [
      'dns-version',
      nodeOf({
        sets: [{ type: TYPE.TXT, ttl: SCHEMA_TTL, data: [{ type: TYPE.TXT, strings: [SCHEMA_VERSION] }] }],
      }),
    ],
    // Neither holds records itself; pods have no names in this zone at all.
    ['svc', EMPTY_NODE],
    ['pod', EMPTY_NODE],
  ]);
}
