import { VersionBoard } from '../answer/version-board.ts';
import { runParts, together, withReport } from '../ops/lifecycle.ts';
import { createLogger } from '../ops/log.ts';
import { createSourceMetrics, Metrics } from '../ops/metrics.ts';
import { DnsServer } from '../serve/dns-server.ts';
import { QueryMetrics } from '../serve/query-metrics.ts';
import type { Handler } from '../serve/transport.ts';
import { openSource, type RecordSource } from '../source/index.ts';
import { Announcer } from './announce.ts';
import { exportDnsMetrics } from './dns-metrics.ts';
import { dnsPages, notLoaded } from './dns-pages.ts';
import {
  createObserver,
  createResponder,
  createTcp,
  createZone,
  replyOptions,
  unixSeconds,
} from './dns-parts.ts';
import { dnsPorts } from './dns-ports.ts';
import { createUdp, exportUdpSockets } from './dns-udp.ts';
import { pagesServer, Readiness } from './health-pages.ts';
import { ownLimits, roomForConnections } from './open-files.ts';
import { checkPorts } from './ports.ts';
import type { DnsConfig } from './settings.ts';

/**
 * The DNS daemon from start to exit code:
 *
 *     source ─► zone ◄─ handler ◄─ udp, tcp        metrics, log and http look on
 *
 * It begins to listen before the first load, so that clients get SERVFAIL and not silence.
 *
 * @throws CausewayError for what keeps it from starting
 */
export async function runDns(config: DnsConfig): Promise<number> {
  checkPorts(dnsPorts(config));
  const log = await createLogger({ level: config.logLevel, format: config.logFormat });
  const metrics = new Metrics();
  const queries = new QueryMetrics(metrics);
  const zone = createZone(config, () => source.localCluster);
  const board = new VersionBoard(VersionBoard.words());
  const replies = await replyOptions(config);
  const responder = createResponder(config, zone, replies, createObserver(config, log, queries));
  const handler: Handler = (message, client) => responder.respond(message, client);
  const tcpMaxConnections = roomForConnections(config, await ownLimits(), log);
  const tcp = createTcp({ ...config, tcpMaxConnections }, handler, log);
  const udp = await createUdp({ config, log, metrics, queries, handler, responder, board, replies });
  const dns = new DnsServer({ listen: config.listen, udp, tcp });
  const announcer = new Announcer(log, config.zone);
  const sourceMetrics = createSourceMetrics();
  const source: RecordSource = await openSource(config.source, {
    localCluster: config.clusterId,
    kubeconfig: config.kubeconfig,
    stateDir: config.stateDir,
    log,
    metrics: sourceMetrics,
    sink: {
      changed: change => {
        zone.apply(change, unixSeconds());
        // In one breath with the zone: from now on no thread gives an answer of before.
        board.apply(change, zone.serial);
        if (!zone.synced) announcer.loaded(change);
      },
      synced: () => zone.markSynced(),
    },
  });
  exportDnsMetrics(metrics, zone, tcp, sourceMetrics);
  exportUdpSockets(metrics, dns);
  const readiness = new Readiness(() => notLoaded(zone, source) ?? dns.obstacle);
  const pages = dnsPages({ metrics, source, zone, readiness, handler });
  const http = pagesServer(metrics, { listen: config.httpListen, ...pages });
  return runParts({
    parts: [
      withReport(http, bound => announcer.listening(bound)),
      withReport(
        together(
          withReport(dns, bound => announcer.listening(bound)),
          source,
        ),
        () => {
          // A source that was stopped while it loaded has come to an end too.
          if (zone.synced) announcer.ready({ clusters: source.mesh.clusters, ...zone.size });
        },
      ),
    ],
    log,
    signals: process,
    stopping: () => readiness.stopping(),
  });
}
