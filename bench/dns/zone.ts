/** The records every server is given: one owner name, its addresses. */
export interface BenchRecord {
  readonly namespace: string;
  readonly service: string;
  readonly addresses: readonly string[];
}

export interface BenchZone {
  /** Without the final dot. */
  readonly origin: string;
  /** Seconds, the same on every record, so that answers can be compared whole. */
  readonly ttl: number;
  readonly records: readonly BenchRecord[];
}

const NAMESPACES = 20;
const ADDRESSES_PER_NAME = 3;

/** `names` services over 20 namespaces, three IPv4 addresses each. */
export function makeZone(names: number): BenchZone {
  const records = Array.from({ length: names }, (_, index) => ({
    namespace: `ns${index % NAMESPACES}`,
    service: `svc${index}`,
    addresses: Array.from({ length: ADDRESSES_PER_NAME }, (_, at) => addressOf(index, at)),
  }));
  return { origin: 'clusterset.local', ttl: 5, records };
}

function addressOf(index: number, at: number): string {
  return `10.${at + 1}.${Math.floor(index / 250)}.${(index % 250) + 1}`;
}

/** The owner name, without the final dot. */
export function ownerName(zone: BenchZone, record: BenchRecord): string {
  return `${record.service}.${record.namespace}.svc.${zone.origin}`;
}

/** The zone as a master file (RFC 1035 §5). */
export function zoneFile(zone: BenchZone): string {
  const apex = [
    `$ORIGIN ${zone.origin}.`,
    `$TTL ${zone.ttl}`,
    `@ SOA ns.dns hostmaster 1 7200 1800 86400 ${zone.ttl}`,
    '@ NS ns.dns',
    'ns.dns A 127.0.0.1',
  ];
  const records = zone.records.flatMap(record =>
    record.addresses.map(address => `${ownerName(zone, record)}. A ${address}`),
  );
  return `${[...apex, ...records].join('\n')}\n`;
}

/** One question per owner name, as dnsperf reads them. */
export function queryFile(zone: BenchZone): string {
  return zone.records.map(record => `${ownerName(zone, record)} A\n`).join('');
}
