import { type Expected, type Finding, finding } from './finding.ts';
import type { Directive } from './model.ts';
import { pluginsOf, type Server } from './servers.ts';
import { holds, servedZones, zoneName } from './zones.ts';

/** What CoreDNS holds an answer for at least, and at most, where `cache` says nothing else (plugin/cache). */
const LEAST_SECONDS = 5;
const MOST_SECONDS = { success: 3600, denial: 1800 } as const;

/** A `cache` between the clients and Causeway. */
export function cacheFindings(server: Server, { zone }: Expected): readonly Finding[] {
  return pluginsOf(server, 'cache').flatMap(directive => {
    const seconds = heldSeconds(directive, server, zone);
    if (seconds === 0) return [];
    return finding(
      'CACHE_IN_FRONT',
      directive,
      ['cache', ...directive.words.map(({ text }) => text)].join(' '),
      `an answer is kept for ${seconds} s at least, whatever its TTL: all clients of this CoreDNS get one cluster of a ` +
        'weighted service meanwhile, and a cluster that died is answered for as long',
    );
  });
}

/**
 * An entry of `stubDomains`, the key of ConfigMap `kube-dns`: node-local-dns makes a block with `cache 30` of each.
 *
 * @param text JSON; what is none is nobody's stub domain
 */
export function stubDomainFindings(text: string, zone: string, file = 'stubDomains'): readonly Finding[] {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return [];
  }
  if (typeof read !== 'object' || read === null) return [];
  return Object.keys(read)
    .filter(domain => domain !== '' && holds(zoneName(domain), zoneName(zone)))
    .map(domain =>
      finding(
        'CACHE_IN_FRONT',
        { file, line: 1 },
        `stubDomains has ${domain}`,
        `NodeLocal DNSCache makes a block with "cache 30" of it: an answer is kept for ${LEAST_SECONDS} s at least. ` +
          'Take it out, and install the stanza for NodeLocal DNSCache',
      ),
    );
}

/** For how long an answer with TTL 0 is kept; the longer one of positive and negative answers. */
function heldSeconds({ words, inner }: Directive, server: Server, zone: string): number {
  const [first, ...rest] = words.map(({ text }) => text);
  const ttl = first !== undefined && /^\d+$/.test(first) ? Number(first) : undefined;
  const listed = ttl === undefined && first !== undefined ? [first, ...rest] : rest;
  if (!zonesHold(listed.length === 0 ? server.keys : listed, zone)) return 0;
  const held = (['success', 'denial'] as const).map(kind => {
    const options = (inner ?? []).map(option => [option.name, ...option.words].map(({ text }) => text));
    const off = options.find(([name, which]) => name === 'disable' && which === kind);
    if (off !== undefined && (off.length === 2 || zonesHold(off.slice(2), zone))) return 0;
    const [, , most, least] = options.find(([name]) => name === kind) ?? [];
    return Math.min(Number(least ?? LEAST_SECONDS), Number(most ?? ttl ?? MOST_SECONDS[kind]));
  });
  return Math.max(...held);
}

/** A zone that an environment variable says may be ours. */
function zonesHold(keys: readonly string[], zone: string): boolean {
  return keys.flatMap(servedZones).some(served => served.zone === undefined || holds(served.zone, zone));
}
