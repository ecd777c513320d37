import { hostname } from 'node:os';
import { Controller } from '../controller/controller.ts';
import { inClusterOrKubeconfig } from '../kube/credentials.ts';
import { HttpsApiClient } from '../kube/https-client.ts';
import { runParts, withReport } from '../ops/lifecycle.ts';
import { createLogger } from '../ops/log.ts';
import { Metrics } from '../ops/metrics.ts';
import { formatAddress } from '../serve/transport.ts';
import { exportControllerMetrics } from './controller-metrics.ts';
import { controllerPages } from './controller-pages.ts';
import type { ControllerConfig } from './controller-settings.ts';
import { pagesServer, Readiness } from './health-pages.ts';

/**
 * The controller from start to exit code.
 *
 * @throws CausewayError for what keeps it from starting
 */
export async function runController(config: ControllerConfig): Promise<number> {
  const log = await createLogger({ level: config.logLevel, format: config.logFormat });
  const client = new HttpsApiClient(await inClusterOrKubeconfig(config.kubeconfig));
  const metrics = new Metrics();
  const controller = new Controller({
    client,
    namespace: config.namespace,
    limits: { lostAfter: config.clusterLostAfter, backAfter: config.clusterBackAfter },
    concurrency: config.concurrency,
    identity: config.leaderElection ? (config.identity ?? hostname()) : undefined,
    log,
    // The pod's own restart is the one way to begin anew that has been tried a thousand times.
    fatal: () => process.kill(process.pid, 'SIGTERM'),
  });
  exportControllerMetrics(metrics, controller);
  const readiness = new Readiness(() => controller.reasonAgainst);
  const pages = controllerPages(metrics, controller, readiness);
  const http = pagesServer(metrics, { listen: config.httpListen, pages });
  return runParts({
    parts: [
      withReport(http, bound => log.info(`listening on ${bound.map(formatAddress).join(', ')}`)),
      withReport(controller, () => log.info('ready')),
    ],
    log,
    signals: process,
    stopping: () => readiness.stopping(),
  });
}
