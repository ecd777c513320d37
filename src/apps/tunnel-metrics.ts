import type { Agent } from '../agent/agent.ts';
import { METRICS } from '../ops/metric-table.ts';
import type { Metrics, Sample } from '../ops/metrics.ts';
import type { TunnelReport } from '../routes/tunnel-report.ts';

/** Exports what is known of the routing agent's WireGuard tunnels, by cluster; `/debug/tunnels` has each. */
export function exportTunnelMetrics(metrics: Metrics, agent: Agent): void {
  const perCluster = (samplesOf: (tunnels: readonly TunnelReport[]) => readonly Sample[]): Sample[] =>
    [...Map.groupBy(agent.tunnelReports, ({ cluster }) => cluster)].flatMap(([cluster, tunnels]) =>
      samplesOf(tunnels).map(({ labels, value }) => ({ labels: { cluster, ...labels }, value })),
    );
  metrics.export(METRICS.tunnels, () =>
    perCluster(tunnels => {
      // While a key changes there are two to a node, of which one is enough.
      const nodes = [...Map.groupBy(tunnels, ({ endpoint }) => endpoint.replace(/:\d+$/, '')).values()];
      const answering = nodes.filter(ways => ways.some(tunnel => tunnel.answering)).length;
      return [
        { labels: { state: 'answering' }, value: answering },
        { labels: { state: 'silent' }, value: nodes.length - answering },
      ];
    }),
  );
  metrics.export(METRICS.tunnelOctets, () =>
    perCluster(tunnels =>
      (['received', 'sent'] as const).map(direction => ({
        labels: { direction },
        value: tunnels.reduce((sum, tunnel) => sum + tunnel[direction], 0),
      })),
    ),
  );
  metrics.export(METRICS.tunnelHandshakeAge, () =>
    perCluster(tunnels => {
      const ages = tunnels.flatMap(({ handshakeAge }) => handshakeAge ?? []);
      return ages.length === 0 ? [] : [{ labels: {}, value: Math.max(...ages) }];
    }),
  );
}
