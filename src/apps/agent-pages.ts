import packageJson from '../../package.json' with { type: 'json' };
import type { Agent } from '../agent/agent.ts';
import type { Metrics } from '../ops/metrics.ts';
import { explain } from '../paths/words.ts';
import { reportOf } from '../routes/report.ts';
import { type HttpOptions, json } from '../serve/http.ts';
import { healthPages, type Readiness } from './health-pages.ts';

/** What the routing agent shows over HTTP. */
export function agentPages(metrics: Metrics, agent: Agent, readiness: Readiness): HttpOptions['pages'] {
  return {
    ...healthPages(metrics, readiness),
    '/debug/peers': () => {
      const { cluster, nodeName: node, tally } = agent;
      const { version } = packageJson;
      const report = tally.last === undefined ? { peers: [], faults: [], held: [] } : reportOf(tally.last);
      return json({ version, cluster, node, lastFullSync: tally.lastFullSync, ...report });
    },
    '/debug/probes': () => json(probesOf(agent)),
    '/debug/tunnels': () => {
      const { cluster, nodeName: node, tunnels, tunnelReports } = agent;
      return json({ cluster, node, publicKey: tunnels.published, tunnels: tunnelReports });
    },
    '/debug/bgp': () => {
      const { cluster, nodeName: node, speaking } = agent;
      return json({ cluster, node, sessions: speaking.sessions });
    },
  };
}

function probesOf({ cluster, nodeName: node, probes }: Agent): object {
  if (probes === undefined) return { cluster, node, probing: false };
  const { port, listening, paths, withoutWay } = probes;
  return {
    cluster,
    node,
    probing: true,
    port,
    listening,
    withoutWay,
    paths: paths.map(({ path, state: { verdict = 'unknown', finding }, counts, readings }) => ({
      cluster: path.cluster,
      family: path.family,
      verdict,
      ...(finding === undefined ? {} : { finding, meaning: explain(finding, port) }),
      ...(counts.roundTrip === undefined ? {} : { roundTripMilliseconds: counts.roundTrip }),
      nodes: readings,
    })),
  };
}
