import { type Lookup, lookUp } from './lookup.ts';
import type { DnsServer } from './servers/server.ts';
import { type BenchRecord, type BenchZone, ownerName } from './zone.ts';

/** Every twentieth name is asked. */
const SAMPLE_STEP = 20;

const WAYS = [
  { transport: 'udp', edns: false },
  { transport: 'udp', edns: true },
  { transport: 'tcp', edns: false },
  { transport: 'tcp', edns: true },
] as const;

/**
 * Throws unless the server gives the answers that the zone asks for: numbers of servers that do different
 * work are not worth comparing. A name without records of the type (NODATA) and a name that is not there
 * (NXDOMAIN) are asked too.
 */
export async function checkAnswers(server: DnsServer, port: number, zone: BenchZone): Promise<void> {
  if (server.role === 'limit') return;
  const sample = zone.records.filter((_, index) => index % SAMPLE_STEP === 0);
  for (const way of WAYS.filter(({ transport }) => server.transports.includes(transport))) {
    for (const record of sample) {
      const name = ownerName(zone, record);
      await expectAnswer(server, { ...way, port, name, type: 'A' }, acceptable(server, zone, record));
      await expectAnswer(server, { ...way, port, name, type: 'AAAA' }, ['NOERROR']);
    }
    const name = `no-such-service.ns0.svc.${zone.origin}`;
    await expectAnswer(server, { ...way, port, name, type: 'A' }, ['NXDOMAIN']);
  }
}

/** Each element is a whole answer in the form `lookUp` gives it. */
function acceptable(server: DnsServer, zone: BenchZone, record: BenchRecord): string[] {
  const lines = record.addresses.map(address => `${ownerName(zone, record)} ${zone.ttl} A ${address}`);
  return server.answers === 'all'
    ? [['NOERROR', ...lines.sort()].join('\n')]
    : lines.map(line => `NOERROR\n${line}`);
}

async function expectAnswer(server: DnsServer, lookup: Lookup, accepted: readonly string[]): Promise<void> {
  const found = await lookUp(lookup);
  if (accepted.includes(found)) return;
  const way = `${lookup.transport}${lookup.edns ? ' with EDNS' : ''}`;
  throw new Error(
    `${server.name} answers ${lookup.name} ${lookup.type} over ${way} with\n${found}\n` +
      `and not with\n${accepted.join('\nor\n')}`,
  );
}
