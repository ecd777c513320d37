import { METRICS } from '../ops/metric-table.ts';
import type { Metrics, SourceMetrics } from '../ops/metrics.ts';
import type { Zone } from '../records/zone.ts';
import type { TcpServer } from '../serve/tcp.ts';

/** Exports what the daemon's parts count, queries apart. */
export function exportDnsMetrics(metrics: Metrics, zone: Zone, tcp: TcpServer, source: SourceMetrics): void {
  metrics.exportProcess();
  metrics.export(METRICS.tcpConnections, () => [{ value: tcp.open }]);
  metrics.export(METRICS.tcpHeld, () => [{ value: tcp.countHeld() }]);
  metrics.export(METRICS.tcpClosed, () =>
    Object.entries(tcp.closed).map(([reason, value]) => ({ labels: { reason }, value })),
  );
  metrics.export(METRICS.indexServices, () => [{ value: zone.size.services }]);
  metrics.export(METRICS.indexNamespaces, () => [{ value: zone.size.namespaces }]);
  metrics.export(METRICS.sourceReloads, () => [
    { labels: { result: 'ok' }, value: source.reloadsOk },
    { labels: { result: 'failed' }, value: source.reloadsFailed },
  ]);
  metrics.export(METRICS.sourceBrokenFiles, () => [{ value: source.brokenFiles }]);
  metrics.export(METRICS.sourceProblems, () => [{ value: source.problems }]);
  metrics.export(METRICS.sourceStale, () => [{ value: Number(source.stale) }]);
  metrics.export(METRICS.sourceSnapshots, () => [
    { labels: { result: 'ok' }, value: source.snapshotsOk },
    { labels: { result: 'failed' }, value: source.snapshotsFailed },
  ]);
  metrics.export(METRICS.meshConflicts, () => [{ value: source.conflicts }]);
  metrics.export(METRICS.meshEndpoints, () => [{ value: source.endpoints }]);
}
