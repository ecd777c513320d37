import type { Known } from '../base/known.ts';
import type { Finding } from '../views/finding.ts';
import type { StatusDns } from '../views/status.ts';
import { isReady } from './components.ts';
import type { DnsReplica, StatusFacts } from './facts.ts';
import type { MeshPage } from './pages.ts';

/** What CoreDNS shall forward, as long as no daemon says otherwise. */
const ZONE = 'clusterset.local';

/** The zone that the DNS daemons serve. */
export function servedZone({ dns }: StatusFacts): string {
  const replicas = 'value' in dns.replicas ? dns.replicas.value : [];
  return zoneIn(replicas.map(({ page }) => page));
}

/** The zone that the daemons with these pages serve. */
export function zoneIn(pages: readonly Known<MeshPage>[]): string {
  return pages.flatMap(page => ('value' in page ? page.value.zone : []))[0] ?? ZONE;
}

/** How what a daemon answers stands to what its cluster holds: it has not read it, no longer hears of it, or does. */
export function servedAs({ synced, stale }: MeshPage): 'unread' | 'stale' | 'current' {
  if (!synced) return 'unread';
  return stale ? 'stale' : 'current';
}

export function dnsOf({ pod, page }: DnsReplica): StatusDns {
  if ('unknown' in page) return { pod: pod.name, unknown: page.unknown };
  const { synced, stale, since, serial, services, endpoints } = page.value;
  return {
    pod: pod.name,
    synced,
    stale,
    ...(since === undefined ? {} : { since }),
    serial,
    services,
    endpoints,
  };
}

/** What each daemon serves. One that is not ready is told of as such. */
export function dnsFindings({ dns, id }: StatusFacts): Finding[] {
  const own = 'value' in id ? id.value : undefined;
  const replicas = 'value' in dns.replicas ? dns.replicas.value : [];
  return replicas.filter(isReady).map(replica => dnsFinding(replica, own));
}

function dnsFinding({ pod, page }: DnsReplica, own: string | undefined): Finding {
  const common = { check: 'dns.synced', about: pod.name };
  if ('unknown' in page) {
    return { ...common, verdict: 'unknown', found: `does not tell what it serves: ${page.unknown}` };
  }
  const { since, localCluster, services } = page.value;
  const served = servedAs(page.value);
  if (served === 'unread')
    return { ...common, verdict: 'bad', found: 'has not read this cluster yet, and answers SERVFAIL' };
  if (served === 'stale') {
    const found = `hears nothing from the API server since ${since}, and serves what it knew then`;
    return { ...common, verdict: 'bad', found, remedy: `see kubectl -n ${pod.namespace} logs ${pod.name}` };
  }
  if (own !== undefined && localCluster !== own) {
    const found = `takes this cluster for ${localCluster ?? 'none'}, not ${own}`;
    return {
      ...common,
      verdict: 'bad',
      found,
      remedy: `delete pod ${pod.name}: a new one reads the id anew`,
    };
  }
  return { ...common, verdict: 'good', found: `serves ${services} services as they are` };
}
