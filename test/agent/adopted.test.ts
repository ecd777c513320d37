import { describe, expect, test, vi } from 'vitest';
import type { KernelState } from '../../src/routes/entry.ts';
import { EAST_CLUSTER, RoutedNode, remoteCluster, remoteNode } from '../kit/routed-node.ts';

const SOON = { timeout: 25_000, interval: 20 };

const KEY = Buffer.alloc(32, 7).toString('base64');

/** What an agent of before has made for a cluster that is reached so, and how it is recognised. */
const WAYS = [
  { way: 'VXLAN', spec: '', has: 'neighbour causeway-vx 172.31.1.41' },
  { way: 'WireGuard', spec: 'encryption: Required', has: `peer causeway-wg ${KEY}` },
  { way: 'WireGuard over BGP', spec: 'encryption: Preferred, routingModes: [BGP]', has: 'link causeway-wg' },
  { way: 'IPIP', spec: 'routingModes: [IPIP]', has: 'link causeway-ipip' },
  { way: 'BGP', spec: 'routingModes: [BGP]', has: 'rule IPv4 91  table 7796' },
];

/** Why an agent that starts does not know which cluster it is about. */
const REASONS = [
  {
    why: 'cannot read what a newer version wrote',
    yaml: remoteCluster('west', { spec: 'encryption: Later' }),
  },
  { why: 'is not told its id', yaml: remoteCluster('west').replace('clusterId: west', '') },
];

const ROWS = WAYS.flatMap(way => REASONS.map(reason => ({ ...way, ...reason })));

interface Left {
  readonly kernel: KernelState;
  /** What BIRD runs by, and the routes that it has learnt. */
  readonly bird: string | undefined;
  readonly learnt: readonly string[];
}

async function leftOn({ kernel, commands }: RoutedNode): Promise<Left> {
  const learnt = commands.network.routes.filter(({ protocol }) => protocol === '12').map(({ dst }) => dst);
  return { kernel: await kernel.observe(), bird: commands.bird.text, learnt };
}

/** A node on which an agent has run until now. */
async function routed(spec: string): Promise<RoutedNode> {
  const key = `wireguardPublicKey: "${KEY}"`;
  const west = remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41', key);
  const node = await RoutedNode.start([EAST_CLUSTER, remoteCluster('west', { spec }), west].join('---'));
  const agent = node.agent();
  await agent.start();
  if (spec.includes('BGP')) await vi.waitFor(() => expect(agent.speaking.sessions).toHaveLength(1), SOON);
  await agent.stop();
  return node;
}

describe('an agent that starts', () => {
  test.each(ROWS)('and $why of a cluster that is reached by $way leaves all as it is', async row => {
    const node = await routed(row.spec);
    const before = await leftOn(node);
    expect([...before.kernel.keys()]).toContain(row.has);
    node.api.load(row.yaml);
    const agent = node.agent();
    await agent.start();
    expect(agent.tally.last?.held.map(({ why }) => why)).toEqual(['Unsynced']);
    const { ok } = agent.tally.passes;
    node.changed();
    await vi.waitFor(() => expect(agent.tally.passes.ok).toBeGreaterThan(ok), SOON);
    await agent.stop();
    expect(await leftOn(node)).toEqual(before);
  });

  test.each(WAYS)('and hears that a cluster reached by $way is given up takes all of it away', async row => {
    const node = await routed(row.spec);
    node.api.load(remoteCluster('west').replace('clusterId: west', ''));
    const agent = node.agent();
    await agent.start();
    node.api.remove({ kind: 'RemoteCluster', metadata: { name: 'west' } });
    await vi.waitFor(async () => {
      const { kernel, bird, learnt } = await leftOn(node);
      const keys = [...kernel.keys()].filter(key => key !== 'link causeway-vx');
      expect(keys.filter(key => / 10\.21\.|causeway-(wg|ipip)|table 7796/.test(key))).toEqual([]);
      expect([kernel.has(row.has), bird, learnt]).toEqual([false, undefined, []]);
    }, SOON);
  });
});

test('a cluster whose RemoteCluster loses its id keeps what it has, as does the daemon that speaks to it', async () => {
  const node = await RoutedNode.start(
    [
      EAST_CLUSTER,
      remoteCluster('west', { spec: 'routingModes: [BGP]' }),
      remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41'),
    ].join('---'),
  );
  const agent = node.agent();
  await agent.start();
  await vi.waitFor(() => expect(agent.speaking.sessions).toHaveLength(1), SOON);
  const before = await leftOn(node);
  node.api.load(remoteCluster('west').replace('clusterId: west', ''));
  await vi.waitFor(() => expect(agent.tally.last?.held.map(({ why }) => why)).toContain('Unsynced'), SOON);
  await agent.stop();
  expect(await leftOn(node)).toEqual(before);
});

describe('while a RemoteNode cannot be read', () => {
  const WEST = [1, 2].map(n => remoteNode('west', n, `10.21.${n}.0/24`, `172.31.1.4${n}`));
  const NORTH = [1, 2].map(n => remoteNode('north', n, `10.31.${n}.0/24`, `172.31.1.5${n}`));
  const all = [EAST_CLUSTER, remoteCluster('west'), remoteCluster('north'), ...WEST, ...NORTH].join('---');
  const unreadable = remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41').replace('[172.31.1.41]', 'later');
  const destinations = (node: RoutedNode): string[] => node.routes().map(line => line.split(' ')[0] ?? '');
  const line = 'stay until every cluster is known in full: RemoteNode west.n1 cannot be read';

  test('its cluster keeps what it has, and others do not wait for it', async () => {
    const node = await RoutedNode.start(all);
    await node.agent().start();
    node.api.load(unreadable);
    for (const name of ['west.n2', 'north.n2']) node.api.remove({ kind: 'RemoteNode', metadata: { name } });
    const left = ['10.21.1.0/24', '10.21.2.0/24', '10.31.1.0/24'];
    await vi.waitFor(() => expect(destinations(node)).toEqual(left), SOON);
    await vi.waitFor(() => expect(node.log.join('\n')).toContain(`of west ${line}`), SOON);
  });

  test('that nobody here has ever read, what nobody knows stays', async () => {
    const node = await RoutedNode.start(all);
    const first = node.agent();
    await first.start();
    await first.stop();
    node.api.load(unreadable);
    const second = node.agent();
    await second.start();
    node.api.remove({ kind: 'RemoteNode', metadata: { name: 'north.n2' } });
    await vi.waitFor(
      () => expect(destinations(node)).toEqual(['10.21.1.0/24', '10.21.2.0/24', '10.31.1.0/24']),
      SOON,
    );
    expect(node.log.join('\n')).toContain(`of nobody known ${line}`);
  });
});
