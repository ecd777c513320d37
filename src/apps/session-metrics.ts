import type { Agent } from '../agent/agent.ts';
import { METRICS } from '../ops/metric-table.ts';
import type { Metrics } from '../ops/metrics.ts';

/** Exports how the BGP sessions of the node stand. */
export function exportSessionMetrics(metrics: Metrics, { speaking }: Agent): void {
  metrics.export(METRICS.agentBGPSessions, () => {
    const groups = Map.groupBy(speaking.sessions, ({ kind, state }) => `${kind} ${state}`);
    return Array.from(groups.values(), group => ({
      labels: { kind: group[0]?.kind ?? '', state: group[0]?.state ?? '' },
      value: group.length,
    }));
  });
  metrics.export(METRICS.agentBGPBlocks, () => {
    const groups = Map.groupBy(speaking.sessions, ({ kind }) => kind);
    return Array.from(groups, ([kind, group]) => ({
      labels: { kind },
      value: group.reduce((sum, { learnt }) => sum + learnt, 0),
    }));
  });
}
