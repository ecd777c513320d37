import { expect, test, vi } from 'vitest';
import { agentPages } from '../../src/apps/agent-pages.ts';
import { Readiness } from '../../src/apps/health-pages.ts';
import { exportPathMetrics } from '../../src/apps/path-metrics.ts';
import { systemClock } from '../../src/ops/clock.ts';
import { Metrics } from '../../src/ops/metrics.ts';
import { EAST_CLUSTER, RoutedNode, remoteCluster, remoteNode } from '../kit/routed-node.ts';
import { SimulatedPaths } from '../kit/simulated-paths.ts';

const WEST_1 = remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41', 'podNetworkAddresses: [10.21.1.1]');

test('probes by node on a page, and by cluster as metrics', async () => {
  const network = new SimulatedPaths(systemClock);
  network.width = 1_000;
  const node = await RoutedNode.start([EAST_CLUSTER, remoteCluster('west'), WEST_1].join('---'));
  let drawn = 0n;
  node.probing = {
    port: 7795,
    nonce: () => {
      drawn += 1n;
      return drawn;
    },
    asker: answered => network.answersTo(answered),
  };
  const agent = node.agent();
  await agent.start();
  const metrics = new Metrics();
  exportPathMetrics(metrics, agent);
  const page = agentPages(metrics, agent, new Readiness(() => undefined))['/debug/probes'];
  const shown = async (): Promise<unknown> =>
    JSON.parse(
      String(
        (await page?.({ query: new URLSearchParams(), client: '127.0.0.1', body: new Uint8Array(0) }))?.body,
      ),
    );
  await vi.waitFor(
    async () =>
      expect(await shown()).toMatchObject({
        cluster: 'east',
        node: 'e1',
        probing: true,
        port: 7795,
        paths: [
          {
            cluster: 'west',
            family: 'IPv4',
            verdict: 'down',
            finding: 'mtu',
            meaning: expect.stringContaining('Lower the MTU'),
            nodes: [
              {
                node: 'n1',
                address: '10.21.1.1',
                mtu: 1450,
                silent: false,
                probes: { small: { last: 'answered' }, large: { last: 'lost' }, stream: { last: 'lost' } },
              },
            ],
          },
        ],
      }),
    { timeout: 45_000, interval: 100 },
  );
  const { body } = await metrics.scrape();
  expect(body).toContain('causeway_agent_path_up{cluster="west",family="IPv4"} 0');
  expect(body).toContain('causeway_agent_path_silent_nodes{cluster="west",family="IPv4"} 0');
  expect(body).toMatch(
    /path_probes_total\{cluster="west",family="IPv4",probe="small",result="answered"\} \d+/,
  );
  expect(body).toMatch(/path_probes_total\{cluster="west",family="IPv4",probe="large",result="lost"\} \d+/);
  expect(body).toMatch(/path_round_trip_seconds\{cluster="west",family="IPv4"\} 0\.0\d+/);
}, 60_000);
