import type { Mesh } from '../mesh/mesh.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Zone } from '../records/zone.ts';
import { type HttpOptions, json, plain } from '../serve/http.ts';

export interface DnsPagesOptions {
  readonly metrics: Metrics;
  readonly mesh: Mesh;
  readonly zone: Zone;
  readonly readiness: Readiness;
}

/** Whether the daemon should get queries. */
export class Readiness {
  readonly #zone: Zone;
  readonly #source: string;
  #stopping = false;

  constructor(zone: Zone, source: string) {
    this.#zone = zone;
    this.#source = source;
  }

  stopping(): void {
    this.#stopping = true;
  }

  /** Undefined: it should. */
  get reasonAgainst(): string | undefined {
    if (this.#stopping) return 'stopping';
    return this.#zone.synced ? undefined : `the first load of ${this.#source} has not finished`;
  }
}

/** What the DNS daemon shows over HTTP. */
export function dnsPages({ metrics, mesh, zone, readiness }: DnsPagesOptions): HttpOptions['pages'] {
  return {
    '/metrics': () => metrics.scrape(),
    '/healthz': () => plain(200, 'ok\n'),
    '/readyz': () => {
      const reason = readiness.reasonAgainst;
      return reason === undefined ? plain(200, 'ok\n') : plain(503, `not ready: ${reason}\n`);
    },
    '/debug/conflicts': () => json({ conflicts: mesh.conflicts, invalidExports: mesh.invalidExports }),
    '/debug/mesh': () =>
      json({
        synced: zone.synced,
        serial: zone.serial,
        clusters: mesh.clusters,
        services: zone.size.services,
        namespaces: zone.size.namespaces,
        endpoints: mesh.sizes.endpoints,
      }),
  };
}
