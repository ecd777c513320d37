import { expect, test, vi } from 'vitest';
import { agentPages } from '../../src/apps/agent-pages.ts';
import { Readiness } from '../../src/apps/health-pages.ts';
import { exportTunnelMetrics } from '../../src/apps/tunnel-metrics.ts';
import { Metrics } from '../../src/ops/metrics.ts';
import { MARKS } from '../../src/routes/model.ts';
import { publicKey } from '../kit/kernel/nodes.ts';
import { EAST_CLUSTER, RoutedNode, remoteCluster, remoteNode } from '../kit/routed-node.ts';

const KEY = publicKey(41);
const KEY_2_NEXT = publicKey(43);
const WEST = remoteCluster('west', { spec: 'encryption: Preferred' });
const WEST_1 = remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41', `wireguardPublicKey: ${KEY}`);
const WEST_2 = remoteNode('west', 2, '10.21.2.0/24', '172.31.1.42', `wireguardPublicKey: ${publicKey(42)}`);
const { device } = MARKS.wireguard;

test('a node that answers is reached encrypted, one that does not in clear; tunnels as metrics and by themselves', async () => {
  const node = await RoutedNode.start([EAST_CLUSTER, WEST, WEST_1, WEST_2].join('---'));
  const agent = node.agent();
  await agent.start();
  expect(node.routes().map(line => line.replace(/ src.*/, ''))).toEqual([
    '10.21.1.0/24 via 172.31.1.41 dev causeway-vx',
    '10.21.2.0/24 via 172.31.1.42 dev causeway-vx',
  ]);
  const handshake = Math.floor(Date.now() / 1_000) - 7;
  node.commands.wireguard.traffic(device, KEY, { handshake, received: 1_234, sent: 5_678 });
  await vi.waitFor(
    () =>
      expect(node.routes().map(line => line.replace(/ src.*/, ''))).toContain(
        `10.21.1.0/24 via undefined dev ${device}`,
      ),
    { timeout: 20_000, interval: 50 },
  );
  const metrics = new Metrics();
  exportTunnelMetrics(metrics, agent);
  const { body } = await metrics.scrape();
  expect(body).toContain('causeway_agent_tunnels{cluster="west",state="answering"} 1');
  expect(body).toContain('causeway_agent_tunnels{cluster="west",state="silent"} 1');
  expect(body).toContain('causeway_agent_tunnel_octets_total{cluster="west",direction="received"} 1234');
  expect(body).toContain('causeway_agent_tunnel_octets_total{cluster="west",direction="sent"} 5678');
  expect(body).toMatch(/causeway_agent_tunnel_handshake_age_seconds\{cluster="west"\} \d+/);
  const page = agentPages(metrics, agent, new Readiness(() => undefined))['/debug/tunnels'];
  const asked = { query: new URLSearchParams(), client: '127.0.0.1', body: new Uint8Array(0) };
  expect(JSON.parse(String((await page?.(asked))?.body))).toMatchObject({
    cluster: 'east',
    node: 'e1',
    tunnels: [
      { device, endpoint: `172.31.1.41:${MARKS.wireguard.port}`, publicKey: KEY, answering: true },
      { device, endpoint: `172.31.1.42:${MARKS.wireguard.port}`, answering: false },
    ],
  });
  const changing = remoteNode(
    'west',
    2,
    '10.21.2.0/24',
    '172.31.1.42',
    `wireguardNextPublicKey: ${KEY_2_NEXT}`,
  );
  node.api.load(changing);
  await vi.waitFor(() => expect(agent.tunnelReports.map(one => one.publicKey)).toContain(KEY_2_NEXT), 10_000);
  // Two tunnels to a node, of which one is enough, are one.
  expect((await metrics.scrape()).body).toContain('causeway_agent_tunnels{cluster="west",state="silent"} 1');
  expect(agent.tunnels.keyChange).toBeUndefined();
}, 60_000);

test('where encryption is required, a node that does not answer is not reached in clear', async () => {
  const required = remoteCluster('west', { spec: 'encryption: Required' });
  const keyless = remoteNode('west', 2, '10.21.2.0/24', '172.31.1.42');
  const node = await RoutedNode.start([EAST_CLUSTER, required, WEST_1, keyless].join('---'));
  const agent = node.agent();
  await agent.start();
  expect(node.routes().map(line => line.replace(/ src.*/, ''))).toEqual([
    `10.21.1.0/24 via undefined dev ${device}`,
  ]);
  expect(agent.tally.last?.plan.faults.map(({ message }) => message).join()).toContain(
    'encryption is required',
  );
});
