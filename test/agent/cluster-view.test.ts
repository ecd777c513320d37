import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ClusterView } from '../../src/agent/cluster-view.ts';
import { EAST_CLUSTER, RoutedNode, remoteCluster, remoteNode } from '../kit/routed-node.ts';

const SOON = { timeout: 25_000, interval: 20 };

async function followed(yaml: string, prepare: (node: RoutedNode) => void = () => {}) {
  const node = await RoutedNode.start(yaml);
  prepare(node);
  const changed = vi.fn();
  const { client, log } = node.parts();
  const view = new ClusterView({ client, nodeName: 'e1', changed, log });
  view.start();
  onTestFinished(() => view.stop());
  return { node, view, changed };
}

test('what is read is told, and what is not read yet', async () => {
  const { view } = await followed(`${EAST_CLUSTER}---${remoteCluster('west')}`);
  expect(view.incomplete).toBe(
    'not read in full yet: clusterproperties, nodes, remotenodes, remoteclusters, servicecidrs, endpointslices',
  );
  await vi.waitFor(() => expect(view.incomplete).toBeUndefined(), SOON);
  expect(view.clusterId).toBe('east');
  expect(view.ownNode).toMatchObject({ uid: 'e-1', annotations: {} });
  expect(view.nodes.get('e2')).not.toHaveProperty('annotations');
  expect([...view.remoteClusters.keys()]).toEqual(['west']);
  expect(view.serviceCIDRs).toEqual(['10.96.0.0/16']);
});

const API_SERVERS = `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {namespace: default, name: kubernetes}
addressType: IPv4
endpoints: [{addresses: [192.0.2.1]}, {addresses: [192.0.2.2]}]
`;

describe('where the API servers are', () => {
  test('is read, and nothing of other Services', async () => {
    const other = API_SERVERS.replace('name: kubernetes', 'name: other').replaceAll('192.0.2', '198.51.100');
    const { view } = await followed([EAST_CLUSTER, API_SERVERS, other].join('---'));
    await vi.waitFor(() => expect(view.incomplete).toBeUndefined(), SOON);
    expect(view.apiServers).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  test('is done without where it may not be read, and known once it may', async () => {
    const { node, view } = await followed([EAST_CLUSTER, API_SERVERS].join('---'), ({ api }) => {
      api.faults.add('any', { status: 403 }, 1, { collection: 'discovery.k8s.io/endpointslices' });
    });
    await vi.waitFor(() => expect(view.incomplete).toBeUndefined(), SOON);
    await vi.waitFor(() => expect(view.apiServers).toEqual(['192.0.2.1', '192.0.2.2']), SOON);
    expect(node.log.join('')).toContain('403');
  });
});

test('a Node that is written again and is no different is no news', async () => {
  const { node, view, changed } = await followed(EAST_CLUSTER);
  await vi.waitFor(() => expect(view.incomplete).toBeUndefined(), SOON);
  const before = changed.mock.calls.length;
  const [, , , heartbeat] = EAST_CLUSTER.split('---');
  for (const time of ['10:00', '10:05', '10:10'])
    node.api.load(`${heartbeat}`.replace('status: {', `status: {images: [], heartbeat: "${time}", `));
  node.api.load(remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41'));
  await vi.waitFor(() => expect(view.remoteNodes.size).toBe(1), SOON);
  expect(changed.mock.calls.length).toBe(before + 1);
});

test('what other nodes are ready for, or say of paths, is no news', async () => {
  const west = remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41', 'ready: true');
  const { node, view, changed } = await followed([EAST_CLUSTER, west].join('---'));
  await vi.waitFor(() => expect(view.incomplete).toBeUndefined(), SOON);
  const before = changed.mock.calls.length;
  const says = `annotations: {causeway.dev/data-path: '{"west":"down"}'}`;
  const notReady = 'status: {conditions: [{type: Ready, status: "False"}], ';
  const [, , , other = ''] = EAST_CLUSTER.split('---');
  node.api.load(other.replace('uid: e-2', `uid: e-2, ${says}`).replace('status: {', notReady));
  node.api.load(west.replace('ready: true', 'ready: false'));
  node.api.load(remoteNode('west', 2, '10.21.2.0/24', '172.31.1.42'));
  node.api.load(other.replace('e2', 'e3').replaceAll('.12', '.13'));
  await vi.waitFor(() => expect([view.remoteNodes.size, view.nodes.size]).toEqual([2, 3]), SOON);
  expect(changed.mock.calls.length).toBe(before + 2);
});

test('what cannot be read any more stays as it was, until it can or is gone', async () => {
  const { node, view } = await followed(`${EAST_CLUSTER}---${remoteCluster('west')}`);
  await vi.waitFor(() => expect(view.incomplete).toBeUndefined(), SOON);
  const newer = remoteCluster('west', { spec: 'encryption: ByLaterVersions' });
  node.api.load(newer);
  await vi.waitFor(
    () => expect([...view.unreadable]).toEqual([{ kind: 'RemoteCluster', name: 'west' }]),
    SOON,
  );
  expect(view.remoteClusters.get('west')?.encryption).toBe('Off');
  expect(node.log.join('')).toContain('must be Required, Preferred or Off');
  node.api.load(remoteCluster('west', { spec: 'encryption: Required' }));
  await vi.waitFor(() => expect(view.remoteClusters.get('west')?.encryption).toBe('Required'), SOON);
  expect([...view.unreadable]).toEqual([]);
  node.api.load(newer);
  await vi.waitFor(
    () => expect([...view.unreadable]).toEqual([{ kind: 'RemoteCluster', name: 'west' }]),
    SOON,
  );
  node.api.remove({ kind: 'RemoteCluster', metadata: { name: 'west' } });
  await vi.waitFor(() => expect([...view.unreadable]).toEqual([]), SOON);
  expect(view.remoteClusters.size).toBe(0);
});

test('nodes of the same name in different clusters are different nodes', async () => {
  const nodes = ['west', 'north'].map(id => remoteNode(id, 1, '10.21.1.0/24', '172.31.1.41'));
  const { view } = await followed([EAST_CLUSTER, ...nodes].join('---'));
  await vi.waitFor(() => expect(view.incomplete).toBeUndefined(), SOON);
  expect([...view.remoteNodes.keys()].sort()).toEqual(['north.n1', 'west.n1']);
});

test('an API server that does not know ServiceCIDRs is asked for them once', async () => {
  const scope = { collection: 'networking.k8s.io/servicecidrs' };
  const { node, view } = await followed(EAST_CLUSTER, ({ api }) =>
    api.faults.add('any', { status: 404 }, 1_000, scope),
  );
  await vi.waitFor(() => expect(view.incomplete).toBeUndefined(), SOON);
  expect(view.serviceCIDRs).toBeUndefined();
  expect(node.api.faults.met).toBe(1);
});

test('one that has told ServiceCIDRs is believed in them, whatever it says later', async () => {
  const scope = { collection: 'networking.k8s.io/servicecidrs' };
  const { node, view } = await followed(EAST_CLUSTER);
  await vi.waitFor(() => expect(view.incomplete).toBeUndefined(), SOON);
  node.api.faults.add('any', { status: 404 }, 2, scope);
  await node.api.stop();
  await node.api.start();
  await vi.waitFor(() => expect(node.api.faults.met).toBe(2), SOON);
  node.api.load(EAST_CLUSTER.replace('[10.96.0.0/16]', '[10.96.0.0/16, 10.97.0.0/16]'));
  await vi.waitFor(() => expect(view.serviceCIDRs).toEqual(['10.96.0.0/16', '10.97.0.0/16']), SOON);
});

test('one that refuses them is no such server', async () => {
  const scope = { collection: 'networking.k8s.io/servicecidrs' };
  const { view } = await followed(EAST_CLUSTER, ({ api }) =>
    api.faults.add('any', { status: 403 }, 1, scope),
  );
  await vi.waitFor(() => expect(view.incomplete).toMatch(/^not read in full yet: servicecidrs; .*403/), SOON);
  await vi.waitFor(() => expect(view.incomplete).toBeUndefined(), SOON);
  expect(view.serviceCIDRs).toEqual(['10.96.0.0/16']);
});
