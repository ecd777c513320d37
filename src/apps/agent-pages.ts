import packageJson from '../../package.json' with { type: 'json' };
import type { Agent } from '../agent/agent.ts';
import type { Metrics } from '../ops/metrics.ts';
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
  };
}
