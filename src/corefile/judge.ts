import { stubDomainFindings } from './cache.ts';
import type { Expected, Finding } from './finding.ts';
import { findingsOf } from './findings.ts';
import type { Corefile, Place } from './model.ts';
import type { CorefilePlace } from './places.ts';
import { readCorefile } from './read.ts';
import { answering, claims, pluginsOf, type Server, serversOf } from './servers.ts';
import { portOf } from './stanza.ts';
import { zoneName } from './zones.ts';

/**
 * What there is to say about a Corefile of a cluster, its imports and NodeLocal DNSCache's stub domains included.
 *
 * @throws CausewayError COREFILE_INVALID, COREFILE_MARKS_DAMAGED
 */
export function judge(place: CorefilePlace, expected: Omit<Expected, 'port'>): readonly Finding[] {
  const corefile = corefileOf(place);
  const { stubDomains = '', imported } = place;
  const port = portOf(serversIn(place), zoneName(expected.zone));
  return [
    ...findingsOf(corefile, { ...expected, port }, imported).filter(found => !isKnownEmpty(found, place)),
    ...stubDomainFindings(stubDomains, expected.zone),
  ];
}

/** Imports of a ConfigMap that is not there, or has no such keys: AKS and k3s have them in every Corefile. */
function isKnownEmpty({ code, found }: Finding, { dialect }: CorefilePlace): boolean {
  return (
    code === 'IMPORT_UNSEEN' && dialect === 'coredns-custom' && /custom\/\*\.(server|override)$/.test(found)
  );
}

/**
 * The blocks that answer the zone as the text stands; more than one where they listen on different addresses.
 *
 * @throws CausewayError COREFILE_INVALID
 */
export function answeringBlocks(
  place: CorefilePlace,
  zone: string,
): readonly (Pick<Place, 'file' | 'line'> & { readonly block: string })[] {
  const servers = serversIn(place);
  const port = portOf(servers, zoneName(zone));
  return answering(servers, zoneName(zone), port).map(({ file, line, keys }) => ({
    file,
    line,
    block: keys.join(' '),
  }));
}

/** Whether a block has that very zone; each of them is told of by the metrics of the pods. */
export function hasBlock(place: CorefilePlace, zone: string): boolean {
  const servers = serversIn(place);
  const port = portOf(servers, zoneName(zone));
  return servers.some(server => claims(server, zoneName(zone), port));
}

/** Whether CoreDNS takes up a change by itself. */
export function reloadsItself(place: CorefilePlace): boolean {
  return serversIn(place).some(server => pluginsOf(server, 'reload').length > 0);
}

function serversIn(place: CorefilePlace): readonly Server[] {
  return serversOf(corefileOf(place), place.imported).servers;
}

function corefileOf({ main }: CorefilePlace): Corefile {
  return readCorefile(main.text, main.key);
}
