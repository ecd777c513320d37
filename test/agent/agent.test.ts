import { describe, expect, test, vi } from 'vitest';
import { macOf } from '../../src/routes/mac.ts';
import { MARKS } from '../../src/routes/model.ts';
import { VirtualClock } from '../kit/clock.ts';
import { EAST_CLUSTER, RoutedNode, remoteCluster, remoteNode } from '../kit/routed-node.ts';

const SOON = { timeout: 25_000, interval: 20 };

const WEST = remoteCluster('west');
const WEST_1 = remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41');
const WEST_2 = remoteNode('west', 2, '10.21.2.0/24', '172.31.1.42');
const joined = (...yaml: string[]): string => [EAST_CLUSTER, ...yaml].join('---');

const TO_WEST_1 = '10.21.1.0/24 via 172.31.1.41 dev causeway-vx src 10.11.1.0';
const TO_WEST_2 = '10.21.2.0/24 via 172.31.1.42 dev causeway-vx src 10.11.1.0';

const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
const MANY = numbers.map(n => remoteNode('west', n, `10.21.${n}.0/24`, `172.31.2.${n}`));

/** The agent hears of it all at once, by a list. */
async function removeMost({ api }: RoutedNode): Promise<void> {
  await api.stop();
  for (const n of numbers.slice(1)) api.remove({ kind: 'RemoteNode', metadata: { name: `west.n${n}` } });
  api.compact();
  await api.start();
}

test('nodes of other clusters become routes, come and go', async () => {
  const node = await RoutedNode.start(joined(WEST, WEST_1));
  const agent = node.agent();
  expect(agent.reasonAgainst).toMatch(/^not read in full yet: clusterproperties, nodes, /);
  await agent.start();
  expect(node.routes()).toEqual([TO_WEST_1]);
  expect(agent.reasonAgainst).toBeUndefined();
  node.api.load(WEST_2);
  await vi.waitFor(() => expect(node.routes()).toEqual([TO_WEST_1, TO_WEST_2]), SOON);
  node.api.remove({ kind: 'RemoteNode', metadata: { name: 'west.n1' } });
  await vi.waitFor(() => expect(node.routes()).toEqual([TO_WEST_2]), SOON);
});

test('what somebody else changed in the kernel is repaired as soon as it is told, and counted', async () => {
  const node = await RoutedNode.start(joined(WEST, WEST_1));
  const agent = node.agent();
  await agent.start();
  expect(agent.tally.repairs).toBe(0);
  await node.ip(`route del 10.21.1.0/24 table ${MARKS.table}`);
  await node.ip(`route replace unreachable 10.77.0.0/16 table ${MARKS.table}`);
  node.changed();
  await vi.waitFor(() => expect(node.routes()).toEqual([TO_WEST_1]), SOON);
  await vi.waitFor(() => expect(agent.tally.repairs).toBe(2), SOON);
});

test('the same agent started anew finds nothing to do, and one that ended has left everything', async () => {
  const node = await RoutedNode.start(joined(WEST, WEST_1));
  const first = node.agent();
  await first.start();
  await first.stop();
  expect(node.routes()).toEqual([TO_WEST_1]);
  const second = node.agent();
  await second.start();
  expect([...second.tally.operations]).toEqual([]);
});

test('an agent that has not got the kernel right for minutes is not ready until it has', async () => {
  const node = await RoutedNode.start(joined(WEST, WEST_1));
  let now = 1_000_000;
  node.unixSeconds = () => now;
  const agent = node.agent();
  await agent.start();
  now += 299;
  expect(agent.reasonAgainst).toBeUndefined();
  now += 2;
  expect(agent.reasonAgainst).toBe(
    'the kernel was last as it shall be 301 s ago: the log says what is refused',
  );
  node.changed();
  await vi.waitFor(() => expect(agent.reasonAgainst).toBeUndefined(), SOON);
});

describe('nothing is taken away', () => {
  test('while the API server is away', async () => {
    const node = await RoutedNode.start(joined(WEST, WEST_1));
    await node.agent().start();
    await node.api.stop();
    await node.ip(`route del 10.21.1.0/24 table ${MARKS.table}`);
    node.changed();
    await vi.waitFor(() => expect(node.routes()).toEqual([TO_WEST_1]), SOON);
  });

  test('by an agent that starts while the API server is away, and says what it waits for', async () => {
    const node = await RoutedNode.start(joined(WEST, WEST_1));
    const first = node.agent();
    await first.start();
    await first.stop();
    await node.api.stop();
    const second = node.agent();
    const started = second.start();
    await vi.waitFor(
      () =>
        expect(second.reasonAgainst).toMatch(
          /^not read in full yet: .*nodes, remotenodes.*; could not .*ECONNREFUSED/,
        ),
      SOON,
    );
    node.changed();
    expect(node.routes()).toEqual([TO_WEST_1]);
    await node.api.start();
    await started;
    expect(second.tally.operations.size).toBe(0);
  });

  test('when the Node itself is gone for a moment', async () => {
    const node = await RoutedNode.start(joined(WEST, WEST_1));
    const agent = node.agent();
    await agent.start();
    node.api.remove({ kind: 'Node', metadata: { name: 'e1' } });
    node.api.remove({ kind: 'RemoteNode', metadata: { name: 'west.n1' } });
    node.api.load(WEST_2);
    const said =
      'nothing is done until this is known: there is no Node e1; --node-name says which one this is';
    await vi.waitFor(() => expect(node.log.join('\n')).toContain(said), SOON);
    expect(node.routes()).toEqual([TO_WEST_1]);
  });
});

describe('many nodes of a cluster that go at once', () => {
  test('keep their routes until the RemoteCluster allows it', async () => {
    const node = await RoutedNode.start(joined(WEST, ...MANY));
    const agent = node.agent();
    await agent.start();
    expect(node.routes()).toHaveLength(20);
    await removeMost(node);
    const held = () => agent.tally.last?.held.map(({ cluster, why }) => `${cluster} ${why}`);
    await vi.waitFor(() => expect(held()).toEqual(['west Brake']), SOON);
    expect(node.routes()).toHaveLength(20);
    expect(node.log.filter(line => line.includes('look like a mistake'))).toHaveLength(1);
    node.api.load(remoteCluster('west', { annotations: 'causeway.dev/allow-mass-removal: "true"' }));
    await vi.waitFor(() => expect(node.routes()).toHaveLength(1), SOON);
    expect(held()).toEqual([]);
  });

  test('keep them also when the agent is replaced meanwhile, and the next one says how it ends', async () => {
    const node = await RoutedNode.start(joined(WEST, ...MANY));
    const first = node.agent();
    await first.start();
    await first.stop();
    await removeMost(node);
    const second = node.agent();
    await second.start();
    expect(second.tally.last?.held.map(({ why, waitsFor }) => [why, ...waitsFor])).toEqual([
      ['Brake', 'west'],
    ]);
    expect(node.routes()).toHaveLength(20);
    expect(node.log.join('\n')).toContain('allow-mass-removal=true on each RemoteCluster that leads to west');
    node.api.load(remoteCluster('west', { annotations: 'causeway.dev/allow-mass-removal: "true"' }));
    await vi.waitFor(() => expect(node.routes()).toHaveLength(1), SOON);
  });

  test.each([
    {
      row: 'deleted',
      give: (api: RoutedNode['api']) => api.remove({ kind: 'RemoteCluster', metadata: { name: 'west' } }),
    },
    {
      row: 'said to want no routes',
      give: (api: RoutedNode['api']) => api.load(remoteCluster('west', { spec: 'routingModes: [None]' })),
    },
  ])('or until the RemoteCluster is $row', async ({ give }) => {
    const node = await RoutedNode.start(joined(WEST, ...MANY));
    await node.agent().start();
    give(node.api);
    await vi.waitFor(() => expect(node.routes()).toEqual([]), SOON);
  });
});

describe('what is missing to begin is said', () => {
  test.each([
    {
      row: 'the id of the cluster',
      yaml: EAST_CLUSTER.slice(EAST_CLUSTER.indexOf('---') + 3),
      says: 'this cluster has no id yet: there is no ClusterProperty that says it',
    },
    {
      row: 'the Node',
      yaml: EAST_CLUSTER.replace('{name: e1,', '{name: other,'),
      says: 'there is no Node e1; --node-name says which one this is',
    },
    {
      row: 'the blocks of services',
      yaml: EAST_CLUSTER.replace('[10.96.0.0/16]', '[]'),
      says: 'which addresses the services of this cluster have is not known: its API server tells no ServiceCIDRs; give --service-cidr',
    },
    {
      row: 'the pod CIDR',
      yaml: EAST_CLUSTER.replace('[10.11.1.0/24]', '[]'),
      says: 'Node e1 has no spec.podCIDRs: the controller manager has to give it some, or, where the network plugin has blocks of its own, an operator in the annotation causeway.dev/pod-cidrs',
    },
  ])('$row', async ({ yaml, says }) => {
    const node = await RoutedNode.start(`${yaml}---${WEST}---${WEST_1}`);
    const agent = node.agent();
    void agent.start();
    await vi.waitFor(() => expect(agent.reasonAgainst).toBe(says), SOON);
    expect(node.routes()).toEqual([]);
    node.api.load(EAST_CLUSTER);
    await vi.waitFor(() => expect(node.routes()).toEqual([TO_WEST_1]), SOON);
  });

  test('where the API server knows no ServiceCIDRs, the setting says what they are', async () => {
    const node = await RoutedNode.start(
      joined(WEST, WEST_1, remoteNode('west', 3, '10.96.7.0/24', '172.31.1.43')),
    );
    node.api.faults.add('any', { status: 404 }, 1_000, { collection: 'networking.k8s.io/servicecidrs' });
    node.settings = { ...node.settings, serviceCIDRs: ['10.96.0.0/16'] };
    await node.agent().start();
    expect(node.routes()).toEqual([TO_WEST_1]);
  });
});

test('the Node says how others are reached, and news of that with the time', async () => {
  const node = await RoutedNode.start(joined(WEST, WEST_1));
  const clock = new VirtualClock();
  const by = (milliseconds: number, expected: () => void) =>
    vi.waitFor(() => clock.advance(milliseconds).then(expected), SOON);
  const said = () => node.annotations()['causeway.dev/routes'];
  void node.agent(clock).start();
  await by(1_000, () => expect(said()).toBe('{"west":{"modes":{"vxlan":1}}}'));
  node.api.load(WEST_2);
  await by(10, () => expect(node.routes()).toHaveLength(2));
  expect(said()).toBe('{"west":{"modes":{"vxlan":1}}}');
  await by(1_000, () => expect(said()).toBe('{"west":{"modes":{"vxlan":2}}}'));
});

describe('the Node says to other clusters', () => {
  const REACHED = {
    'causeway.dev/underlay-addresses': '172.31.1.11',
    'causeway.dev/underlay-mtu': '1500',
    'causeway.dev/vtep-mac': macOf('east', 'e-1'),
    'causeway.dev/pod-network-addresses': '10.11.1.0',
  };

  async function published(node: RoutedNode, besides: Readonly<Record<string, string>> = {}): Promise<void> {
    await vi.waitFor(() => expect(node.annotations()).toEqual({ ...REACHED, ...besides }), SOON);
  }

  test('how it is reached; what others wrote on it stays', async () => {
    const node = await RoutedNode.start(
      EAST_CLUSTER.replace('uid: e-1', 'uid: e-1, annotations: {theirs: "yes"}'),
    );
    await node.agent().start();
    await published(node, { theirs: 'yes' });
    expect(node.annotations('e2')).toEqual({});
  });

  test('the same again after somebody took it away, and what is new', async () => {
    const node = await RoutedNode.start();
    await node.agent().start();
    await published(node);
    node.api.load(EAST_CLUSTER);
    await published(node);
    await node.ip('link set eth0 mtu 1400');
    node.changed();
    await published(node, { 'causeway.dev/underlay-mtu': '1400' });
  });

  test('nothing new is written once', async () => {
    const node = await RoutedNode.start();
    const agent = node.agent();
    await agent.start();
    await published(node);
    const before = node.api.counts.merge;
    const { ok } = agent.tally.passes;
    for (const changes of [1, 2, 3]) {
      node.changed();
      await vi.waitFor(() => expect(agent.tally.passes.ok).toBeGreaterThanOrEqual(ok + changes), SOON);
    }
    expect(node.api.counts.merge).toBe(before);
  });

  test('as soon as the API server takes it', async () => {
    const node = await RoutedNode.start();
    node.api.faults.add('merge', { status: 500 }, 3);
    await node.agent().start();
    await published(node);
    expect(node.api.counts.merge).toBeGreaterThanOrEqual(4);
  });
});
