import type { Agent } from '../agent/agent.ts';
import { METRICS } from '../ops/metric-table.ts';
import type { Metrics, Sample } from '../ops/metrics.ts';
import type { PathProbe } from '../probe/path-probe.ts';

/** Exports what the routing agent's probes find out, by cluster and address family. */
export function exportPathMetrics(metrics: Metrics, { probes }: Agent): void {
  if (probes === undefined) return;
  /** Where a value is undefined, there is none of that path. */
  const perPath = (read: (path: PathProbe) => number | undefined): Sample[] =>
    probes.paths.flatMap(path => {
      const value = read(path);
      return value === undefined ? [] : [{ labels: labelsOf(path), value }];
    });
  metrics.export(METRICS.pathUp, () =>
    perPath(({ state: { verdict } }) => (verdict === undefined ? undefined : Number(verdict === 'up'))),
  );
  metrics.export(METRICS.pathProbes, () =>
    probes.paths.flatMap(path =>
      path.counts.all.map(({ kind, result, count }) => ({
        labels: { ...labelsOf(path), probe: kind, result },
        value: count,
      })),
    ),
  );
  metrics.export(METRICS.pathSilentNodes, () =>
    perPath(({ readings }) => readings.filter(({ silent }) => silent).length),
  );
  metrics.export(METRICS.pathRoundTrip, () =>
    perPath(({ counts: { roundTrip } }) => (roundTrip === undefined ? undefined : roundTrip / 1_000)),
  );
}

function labelsOf({ path: { cluster, family } }: PathProbe): { cluster: string; family: string } {
  return { cluster, family };
}
