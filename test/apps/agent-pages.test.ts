import { expect, test } from 'vitest';
import { exportAgentMetrics } from '../../src/apps/agent-metrics.ts';
import { agentPages } from '../../src/apps/agent-pages.ts';
import { Readiness } from '../../src/apps/health-pages.ts';
import { Metrics } from '../../src/ops/metrics.ts';
import { EAST_CLUSTER, RoutedNode, remoteCluster, remoteNode } from '../kit/routed-node.ts';

async function started() {
  const yaml = [
    EAST_CLUSTER,
    remoteCluster('west'),
    remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41'),
    remoteNode('west', 2, '10.96.2.0/24', '172.31.1.42'),
    remoteNode('west', 3, '10.21.3.0/24', '127.0.0.1'),
  ];
  const node = await RoutedNode.start(yaml.join('---'));
  const agent = node.agent();
  const metrics = new Metrics();
  exportAgentMetrics(metrics, agent);
  const pages = agentPages(metrics, agent, new Readiness(() => agent.reasonAgainst));
  const page = async (path: string, client = '127.0.0.1') => {
    const request = { query: new URLSearchParams(), client, body: new Uint8Array() };
    const made = await pages[path]?.(request);
    return `${made?.status ?? 200} ${made?.body}`;
  };
  return { node, agent, page };
}

test('before the first pass there is nothing to show', async () => {
  const { page } = await started();
  expect(await page('/readyz')).toMatch(/^503 not ready: not read in full yet: clusterproperties, nodes, /);
  expect(await page('/healthz')).toBe('200 ok\n');
  expect(await page('/debug/peers')).toContain('"peers": []');
  expect(await page('/metrics')).toContain('causeway_agent_last_full_sync_timestamp_seconds 0\n');
});

test('what the agent has done is counted by cluster, and shown by node', async () => {
  const { agent, page } = await started();
  await agent.start();
  expect(await page('/readyz')).toBe('200 ok\n');
  const lines = (await page('/metrics')).split('\n').filter(line => line.startsWith('causeway_agent_'));
  expect(lines).toEqual(
    expect.arrayContaining([
      'causeway_agent_peers{cluster="west",mode="vxlan"} 1',
      'causeway_agent_peers{cluster="west",mode="unreachable"} 2',
      'causeway_agent_operations_total{kind="route"} 2',
      'causeway_agent_operations_total{kind="link"} 1',
      'causeway_agent_repairs_total 0',
      'causeway_agent_refused_total 0',
      'causeway_agent_passes_total{result="ok"} 1',
      'causeway_agent_passes_total{result="failed"} 0',
      'causeway_agent_pass_duration_seconds_count 1',
      'causeway_agent_faults{reason="Guarded"} 1',
      'causeway_agent_faults{reason="Invalid"} 2',
    ]),
  );
  expect(JSON.parse((await page('/debug/peers')).slice(4))).toEqual({
    version: expect.any(String),
    cluster: 'east',
    node: 'e1',
    lastFullSync: expect.any(Number),
    peers: [
      {
        cluster: 'west',
        node: 'n1',
        mode: 'vxlan',
        mtu: 1450,
        ways: [{ cidr: '10.21.1.0/24', mode: 'vxlan', mtu: 1450 }],
        reasons: [],
      },
      {
        cluster: 'west',
        node: 'n2',
        mode: 'unreachable',
        ways: [],
        reasons: [expect.stringMatching(/^Guarded: /)],
      },
      {
        cluster: 'west',
        node: 'n3',
        mode: 'unreachable',
        ways: [],
        reasons: [
          "Invalid: addresses: found 127.0.0.1: is loopback, no node's address",
          'Invalid: addresses: has none that it can be reached at; no way to its pods',
        ],
      },
    ],
    faults: [],
    held: [],
  });
});

test.each(['/debug/peers', '/debug/probes', '/debug/tunnels', '/debug/bgp'])(
  '%s is for the node itself alone',
  async path => {
    const { page } = await started();
    for (const client of ['127.0.0.1', '127.0.1.1', '::1']) expect(await page(path, client)).toMatch(/^200 /);
    for (const client of ['10.11.1.7', '172.31.1.11', 'fd00:11:1::7', '::127.0.0.1'])
      expect(await page(path, client)).toMatch(/^403 only on the node itself/);
  },
);

test('the kubelet and Prometheus ask from elsewhere', async () => {
  const { agent, page } = await started();
  await agent.start();
  expect(await page('/healthz', '172.31.1.11')).toBe('200 ok\n');
  expect(await page('/readyz', '172.31.1.11')).toBe('200 ok\n');
  expect(await page('/metrics', '10.11.2.9')).toMatch(/^200 /);
});
