import type { Agent } from '../agent/agent.ts';
import { METRICS } from '../ops/metric-table.ts';
import type { Metrics, Sample } from '../ops/metrics.ts';
import { peerReports } from '../routes/report.ts';

/** Exports what the routing agent counts. Nothing in it is per node: there are thousands. */
export function exportAgentMetrics(metrics: Metrics, { tally }: Agent): void {
  metrics.exportProcess();
  metrics.export(METRICS.agentPeers, () =>
    counted(tally.last === undefined ? [] : peerReports(tally.last.plan), ({ cluster, mode }) => ({
      cluster,
      mode,
    })),
  );
  metrics.export(METRICS.agentOperations, () =>
    Array.from(tally.operations, ([kind, value]) => ({ labels: { kind }, value })),
  );
  metrics.export(METRICS.agentRepairs, () => [{ value: tally.repairs }]);
  metrics.export(METRICS.agentRefused, () => [{ value: tally.refused }]);
  metrics.export(METRICS.agentPasses, () =>
    Object.entries(tally.passes).map(([result, value]) => ({ labels: { result }, value })),
  );
  metrics.exportHistogram(METRICS.agentPassDuration, tally.seconds);
  metrics.export(METRICS.agentLastSync, () => [{ value: tally.lastFullSync ?? 0 }]);
  metrics.export(METRICS.agentFaults, () =>
    counted(tally.last?.plan.faults ?? [], ({ reason }) => ({ reason })),
  );
  metrics.export(METRICS.agentHeld, () =>
    (tally.last?.held ?? []).map(({ cluster = '-', why, entries }) => ({
      labels: { cluster, why },
      value: entries.length,
    })),
  );
}

function counted<T>(all: readonly T[], labelsOf: (one: T) => Record<string, string>): Sample[] {
  const groups = Map.groupBy(all, one => JSON.stringify(labelsOf(one)));
  return Array.from(groups.values(), group => ({ labels: labelsOf(group[0] as T), value: group.length }));
}
