import packageJson from '../../package.json' with { type: 'json' };
import type { Metrics } from '../ops/metrics.ts';
import type { Zone } from '../records/zone.ts';
import { dnsOverHttps } from '../serve/dns-over-https.ts';
import { type HttpOptions, json, plain } from '../serve/http.ts';
import type { Handler } from '../serve/transport.ts';
import type { RecordSource } from '../source/index.ts';
import { explainPage } from './explain-page.ts';
import { healthPages, type Readiness } from './health-pages.ts';

export interface DnsPagesOptions {
  readonly metrics: Metrics;
  readonly source: RecordSource;
  readonly zone: Zone;
  readonly readiness: Readiness;
  readonly handler: Handler;
}

/** Why the daemon should get no queries yet; undefined: it should. */
export function notLoaded(zone: Zone, source: Pick<RecordSource, 'name'>): string | undefined {
  return zone.synced ? undefined : `the first load of ${source.name} has not finished`;
}

/** What the DNS daemon shows over HTTP. */
export function dnsPages({
  metrics,
  source,
  zone,
  readiness,
  handler,
}: DnsPagesOptions): Pick<HttpOptions, 'pages' | 'posts'> {
  const queries = dnsOverHttps('/dns-query', handler);
  const pages: HttpOptions['pages'] = {
    ...healthPages(metrics, readiness),
    '/debug/conflicts': () => {
      const { conflicts, invalidExports } = source.mesh;
      if (conflicts === undefined) {
        return plain(404, 'the ServiceExports bear them as conditions: kubectl describe serviceexports -A\n');
      }
      return json({ conflicts, invalidExports });
    },
    '/debug/mesh': () => json(meshOf(source, zone)),
    '/debug/resolve': explainPage(zone, source),
  };
  return { ...queries, pages: { ...pages, ...queries.pages } };
}

function meshOf(source: RecordSource, zone: Zone): object {
  return {
    version: packageJson.version,
    zone: zone.origin.join('.'),
    synced: zone.synced,
    stale: source.staleSince !== undefined,
    since: source.staleSince,
    serial: zone.serial,
    localCluster: source.localCluster,
    clusters: source.mesh.clusters,
    services: zone.size.services,
    namespaces: zone.size.namespaces,
    endpoints: source.mesh.sizes.endpoints,
  };
}
