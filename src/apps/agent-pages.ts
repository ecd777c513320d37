import packageJson from '../../package.json' with { type: 'json' };
import type { Agent } from '../agent/agent.ts';
import { isLoopback } from '../base/ip.ts';
import type { Metrics } from '../ops/metrics.ts';
import { explain } from '../paths/words.ts';
import { reportOf } from '../routes/report.ts';
import { type HttpOptions, json, type MakePage, plain } from '../serve/http.ts';
import { healthPages, type Readiness } from './health-pages.ts';

/** What the routing agent shows over HTTP: to all who reach it how it is, and to the node itself what it knows. */
export function agentPages(metrics: Metrics, agent: Agent, readiness: Readiness): HttpOptions['pages'] {
  return {
    ...healthPages(metrics, readiness),
    ...Object.fromEntries(Object.entries(debugPages(agent)).map(([path, page]) => [path, onTheNode(page)])),
  };
}

/**
 * Whoever gets to the port of a node, such as any pod, is not to learn of the nodes and keys of all clusters, nor to
 * keep the agent busy with writing them down.
 */
function onTheNode(page: MakePage): MakePage {
  return request =>
    isLoopback(request.client)
      ? page(request)
      : plain(403, 'only on the node itself, or by kubectl port-forward to the pod of the agent\n');
}

function debugPages(agent: Agent): Record<string, MakePage> {
  return {
    '/debug/peers': () => {
      const { cluster, nodeName: node, tally } = agent;
      const { version } = packageJson;
      const report = tally.last === undefined ? { peers: [], faults: [], held: [] } : reportOf(tally.last);
      return json({ version, cluster, node, lastFullSync: tally.lastFullSync, ...report });
    },
    '/debug/probes': () => json(probesOf(agent)),
    '/debug/tunnels': () => {
      const { cluster, nodeName: node, tunnels, tunnelReports } = agent;
      const { wireguardPublicKey: publicKey, wireguardNextPublicKey: nextPublicKey } = tunnels.published;
      const keys = { publicKey, nextPublicKey };
      return json({ cluster, node, ...keys, keyChange: tunnels.keyChange, tunnels: tunnelReports });
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
