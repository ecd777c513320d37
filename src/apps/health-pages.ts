import { METRICS } from '../ops/metric-table.ts';
import type { Metrics } from '../ops/metrics.ts';
import { type HttpOptions, HttpServer, plain } from '../serve/http.ts';

/** Whether a daemon should get work. */
export class Readiness {
  readonly #obstacle: () => string | undefined;
  #stopping = false;

  /** @param obstacle why it cannot do its work yet; undefined: it can */
  constructor(obstacle: () => string | undefined) {
    this.#obstacle = obstacle;
  }

  stopping(): void {
    this.#stopping = true;
  }

  /** Undefined: it should. */
  get reasonAgainst(): string | undefined {
    return this.#stopping ? 'stopping' : this.#obstacle();
  }
}

/** What every daemon shows over HTTP, to Prometheus and to the kubelet. */
export function healthPages(metrics: Metrics, readiness: Readiness): HttpOptions['pages'] {
  return {
    '/metrics': () => metrics.scrape(),
    '/healthz': () => plain(200, 'ok\n'),
    '/readyz': () => {
      const reason = readiness.reasonAgainst;
      return reason === undefined ? plain(200, 'ok\n') : plain(503, `not ready: ${reason}\n`);
    },
  };
}

/** The server of a daemon's pages. */
export function pagesServer(metrics: Metrics, options: HttpOptions): HttpServer {
  const server = new HttpServer(options);
  metrics.export(METRICS.httpEvicted, () => [{ value: server.evicted }]);
  return server;
}
