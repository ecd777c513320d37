import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { MARKS } from '../../../src/routes/model.ts';
import { Operator } from '../bed/operator.ts';
import type { LabNode } from '../kernel/lab.ts';
import { temporaryFolder } from '../kit/leftovers.ts';
import { waitFor } from '../kit/wait.ts';
import { nodeNameOf, RoutedClusters } from './routed-clusters.ts';

/** A Node, its annotations, two API servers, a controller, and the kernels of the other cluster: all of it real. */
let clusters: RoutedClusters;

beforeAll(async () => {
  clusters = await RoutedClusters.form({ routed: true });
});

afterAll(() => clusters?.remove());

/** Resolves when every pod of one cluster is seen as itself by every pod of the other. */
async function everyPair(nodes: readonly [number, number], limit?: number): Promise<void> {
  for (const family of ['IPv4', 'IPv6'] as const) {
    const look = () => clusters.betweenClusters(family);
    const { asked } = await waitFor(
      `all pods are reached by ${family}`,
      look,
      seen => seen.wrong.length === 0,
      limit,
    );
    expect(asked).toBe(2 * nodes[0] * nodes[1]);
  }
}

/** What leads to other clusters on a node. */
async function routesOn({ node }: LabNode): Promise<string> {
  return (await node.commands.run('ip', ['route', 'show', 'table', `${MARKS.table}`])).output;
}

/** 200 packets a second from every pod to its like in the other cluster, while something happens. */
async function underTraffic(what: string, count: number, happens: () => Promise<void>): Promise<void> {
  const { lab } = clusters;
  const streams = lab.nodes.map(({ cluster, number, pod }) => {
    const like = lab.nodes.find(node => node.cluster !== cluster && node.number === number);
    const to = like?.podAddresses.IPv4 ?? '';
    return lab.inside(pod, 'pod.ts', 'stream', to, `${count}`);
  });
  const [results] = await Promise.all([Promise.all(streams), happens()]);
  const counts = results.map(text => JSON.parse(text) as { sent: number; answers: number });
  const sent = counts.reduce((sum, one) => sum + one.sent, 0);
  const answers = counts.reduce((sum, one) => sum + one.answers, 0);
  console.log(`${what}: ${sent - answers} of ${sent} packets lost`);
  expect([sent, answers]).toEqual([count * lab.nodes.length, count * lab.nodes.length]);
}

test('the pods of two clusters reach each other by their own addresses, over IPv4 and IPv6', async () => {
  await everyPair([2, 2], 60_000);
  const { lab } = clusters;
  const wanted = lab.everyPair('IPv4');
  expect((await lab.ask('IPv4')).filter(seen => wanted.includes(seen))).toHaveLength(16);
});

test('causeway get nodes says which ways lead to the nodes of the other cluster', async () => {
  const folder = await temporaryFolder('operator');
  onTestFinished(() => folder.remove());
  const operator = await Operator.of(join(folder.path, 'kubeconfig'), [clusters.east.cluster]);
  const look = async () => (await operator.run(['get', 'nodes', '--context', 'east'])).output;
  const all = (seen: string) => seen.match(/^node-\d .* west vxlan 2$/gm)?.length === 2;
  const shown = await waitFor('both nodes have told', look, all, 40_000);
  expect(shown.match(/^west\/node-\d .* vxlan from 2$/gm)).toHaveLength(2);
});

describe('no packet is lost', () => {
  test.each([
    { how: 'killed', end: (node: LabNode) => clusters.agentOf(node).kill() },
    { how: 'told to end, as when it is upgraded,', end: (node: LabNode) => clusters.agentOf(node).stop() },
  ])('while all agents are $how and started again', async ({ how, end }) => {
    await underTraffic(`agents ${how} and started again`, 3_000, async () => {
      await Promise.all(clusters.lab.nodes.map(end));
      await Promise.all(clusters.lab.nodes.map(node => clusters.startAgent(node)));
    });
  });

  test('while an API server is away, and the kernel is still kept to what was known', async () => {
    const { east, lab } = clusters;
    onTestFinished(() => east.cluster.start());
    await underTraffic('API server of a cluster away', 1_200, () => east.cluster.kill());
    const [route = ''] = /^10\.12\.\S+/m.exec(await routesOn(lab.here)) ?? [];
    await lab.here.node.commands.run('ip', ['route', 'del', route, 'table', `${MARKS.table}`]);
    await waitFor(
      'the route is back',
      () => routesOn(lab.here),
      seen => seen.includes(route),
    );
    await east.cluster.start();
    await everyPair([2, 2]);
  });
});

describe('a node', () => {
  let added: LabNode;

  test('that is added is reached, and reaches', async () => {
    added = await clusters.lab.addNode(2, 3);
    await clusters.register(added);
    await clusters.startAgent(added);
    await everyPair([2, 3], 30_000);
  });

  test('that comes back by its name with another pod CIDR is reached there, and no longer where it was', async () => {
    const name = nodeNameOf(added);
    await clusters.unregister(added, name);
    await clusters.removeNode(added);
    const { pods } = added;
    added = await clusters.lab.addNode(2, 4);
    await clusters.register(added, name);
    await clusters.startAgent(added, [], name);
    await everyPair([2, 3], 30_000);
    const look = () => routesOn(clusters.lab.here);
    await waitFor('the old route is gone', look, seen => !seen.includes(pods.IPv4));
    expect(await look()).toContain(added.pods.IPv4);
  });

  test('that is removed is forgotten', async () => {
    await clusters.unregister(added, nodeNameOf({ ...added, number: 3 }));
    await clusters.removeNode(added);
    const look = () => routesOn(clusters.lab.here);
    await waitFor('its route is gone', look, seen => !seen.includes(added.pods.IPv4));
    await everyPair([2, 2]);
  });
});

test('what an agent published goes from its Node with --clean, by its own rights, and from the other cluster', async () => {
  const { lab, east, west } = clusters;
  const name = nodeNameOf(lab.here);
  const published = async () =>
    Object.keys((await east.cluster.admin.get(nodeNamed(name)))?.metadata.annotations ?? {}).filter(key =>
      key.startsWith('causeway.dev/'),
    );
  expect(await published()).toContain('causeway.dev/vtep-mac');
  expect(await clusters.clean(lab.here)).toMatch(/^kubectl annotate node \S+ .*causeway\.dev\/vtep-mac- /m);
  expect(await published()).toEqual([]);
  const reference = {
    apiVersion: 'causeway.dev/v1alpha1',
    kind: 'RemoteNode',
    metadata: { name: `east.${name}` },
  };
  await waitFor(
    'west has heard of it',
    async () => (await west.cluster.admin.get(reference))?.['spec'],
    spec => spec !== undefined && !('vtepMAC' in spec),
    30_000,
  );
  await clusters.startAgent(lab.here);
  await everyPair([2, 2], 30_000);
});

test('of a RemoteCluster that is deleted nothing stays in any kernel of the cluster', async () => {
  await clusters.east.disconnect('west');
  for (const node of clusters.lab.nodes.filter(({ cluster }) => cluster === 1)) {
    const look = () => routesOn(node);
    await waitFor(`${node.name} has no route to west`, look, seen => !seen.includes('10.12.'), 30_000);
  }
});

function nodeNamed(name: string) {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name } };
}
