import { describe, expect, test, vi } from 'vitest';
import type { ControlledCluster } from '../../kit/controlled-cluster.ts';
import { exportedService, imports, joined, SOON } from '../../kit/joined.ts';
import { type NodeGiven, nodeYaml } from '../../kit/nodes.ts';

const NODES = '/nodes';
const REMOTE_NODES = 'causeway.dev/remotenodes';

/** East has two nodes, west one. */
async function twoClusters(): Promise<{ east: ControlledCluster; west: ControlledCluster }> {
  const { east, west } = await joined();
  put(east, 'a', { address: '192.0.2.1', podCIDR: '10.1.0.0/24' });
  put(east, 'b', { address: '192.0.2.2', podCIDR: '10.1.1.0/24' });
  put(west, 'own', { address: '192.0.2.9', podCIDR: '10.9.0.0/24' });
  return { east, west };
}

function put({ api }: ControlledCluster, name: string, given: NodeGiven): void {
  api.load(nodeYaml(name, given));
}

function remove({ api }: ControlledCluster, kind: 'Node' | 'RemoteCluster', name: string): void {
  api.remove({ kind, metadata: { name } });
}

/** `east.a True Accepted` of each RemoteNode. */
function remoteNodes({ api }: ControlledCluster): string[] {
  return api.store.objects(REMOTE_NODES).map(({ metadata, status }) => {
    const [accepted] = (Object(status).conditions ?? []) as Record<string, string>[];
    return `${metadata.name} ${accepted?.['status'] ?? '-'} ${accepted?.['reason'] ?? '-'}`;
  });
}

function condition({ api }: ControlledCluster, type: string): string {
  const [remote] = api.store.objects('causeway.dev/remoteclusters');
  const conditions = (Object(remote?.['status']).conditions ?? []) as Record<string, string>[];
  const found = conditions.find(one => one['type'] === type);
  return found === undefined ? 'none' : `${found['status']} ${found['reason']}: ${found['message']}`;
}

const IDLE = { ready: 0, running: 0, delayed: 0, failing: 0 };
const BOTH = ['east.a True Accepted', 'east.b True Accepted'];

async function settled(): Promise<Awaited<ReturnType<typeof twoClusters>>> {
  const { east, west } = await twoClusters();
  const controller = await west.control();
  await vi.waitFor(() => expect(remoteNodes(west)).toEqual(BOTH), SOON);
  await vi.waitFor(() => expect(controller.term?.nodes.counts).toEqual(IDLE), SOON);
  await controller.stop();
  return { east, west };
}

describe('the nodes of another cluster', () => {
  test('stand as RemoteNodes, with what routes need and nothing else', async () => {
    const { east, west } = await twoClusters();
    put(east, 'a', {
      address: '192.0.2.1',
      podCIDR: '10.1.0.0/24',
      annotations: {
        'causeway.dev/underlay-addresses': '198.51.100.1',
        'causeway.dev/underlay-mtu': '1450',
        'causeway.dev/data-path': '{"west":"up"}',
        'causeway.dev/routes': '{"west":{"modes":{"vxlan":2}}}',
        'kubectl.kubernetes.io/last-applied': 'x'.repeat(5_000),
      },
    });
    await west.control();
    await vi.waitFor(() => expect(remoteNodes(west)).toEqual(BOTH), SOON);
    expect(west.api.store.get(REMOTE_NODES, '', 'east.a')).toMatchObject({
      metadata: {
        labels: { 'app.kubernetes.io/managed-by': 'causeway' },
        annotations: { 'causeway.dev/remote-cluster': 'east' },
      },
      spec: {
        cluster: 'east',
        nodeName: 'a',
        nodeUID: 'u-a',
        addresses: ['198.51.100.1'],
        podCIDRs: ['10.1.0.0/24'],
        mtu: 1450,
        ready: true,
      },
    });
    expect(JSON.stringify(west.api.store.get(REMOTE_NODES, '', 'east.a'))).not.toMatch(/data-path|modes/);
  });

  test('come, change and go as they do there', async () => {
    const { east, west } = await twoClusters();
    await west.control();
    await vi.waitFor(() => expect(remoteNodes(west)).toEqual(BOTH), SOON);
    put(east, 'c', { address: '192.0.2.3', podCIDR: '10.1.2.0/24' });
    put(east, 'b', { address: '192.0.2.2', podCIDR: '10.9.0.0/24' });
    remove(east, 'Node', 'a');
    await vi.waitFor(
      () => expect(remoteNodes(west)).toEqual(['east.b False Guarded', 'east.c True Accepted']),
      SOON,
    );
  });

  test('are not written for what a kubelet writes', async () => {
    const { east, west } = await twoClusters();
    const controller = await west.control();
    await vi.waitFor(() => expect(remoteNodes(west)).toEqual(BOTH), SOON);
    await vi.waitFor(() => expect(controller.term?.nodes.counts.delayed).toBe(0), SOON);
    const seen: string[] = [];
    west.api.store.follow(({ collection, record }) => {
      if (collection === REMOTE_NODES) seen.push(record.name);
    });
    for (let beat = 2; beat < 10; beat++) {
      put(east, 'a', { address: '192.0.2.1', podCIDR: '10.1.0.0/24', heartbeat: `${beat}` });
    }
    put(east, 'b', { address: '192.0.2.2', podCIDR: '10.1.1.0/24', ready: false });
    await vi.waitFor(() => expect(seen).toEqual(['east.b']), SOON);
  });

  test('of which something is nonsense stand without it, and it is told', async () => {
    const { east, west } = await twoClusters();
    put(east, 'a', {
      address: '192.0.2.1',
      podCIDR: '10.1.0.0/24',
      annotations: { 'causeway.dev/underlay-mtu': '9; reboot' },
    });
    const controller = await west.control();
    await vi.waitFor(() => expect(condition(west, 'NodesSynced')).toContain('False LeftOut'), SOON);
    expect(condition(west, 'NodesSynced')).toContain('a (metadata.annotations["causeway.dev/underlay-mtu"]');
    expect(condition(west, 'Synced')).toMatch(/^True Synced/);
    await vi.waitFor(() => expect(remoteNodes(west)).toEqual(BOTH), SOON);
    expect(controller.routing?.nodesOf('east')?.leftOut).toBe(1);
    put(east, 'a', { address: '192.0.2.1', podCIDR: '10.1.0.0/24' });
    await vi.waitFor(() => expect(condition(west, 'NodesSynced')).toMatch(/^True Synced/), SOON);
  });
});

describe('a credential that may not read nodes', () => {
  test('gives services all the same, and it is told; with a better one the nodes come', async () => {
    const { east, west } = await twoClusters();
    const refused = { status: 403, reason: 'Forbidden' };
    east.api.faults.add('list', refused, Number.POSITIVE_INFINITY, { collection: NODES });
    await west.control();
    await vi.waitFor(() => expect(condition(west, 'NodesSynced')).toMatch(/^False CredentialRefused/), SOON);
    expect(condition(west, 'Synced')).toMatch(/^True Synced/);
    expect(condition(west, 'Serving')).toMatch(/^True Serving/);
    expect(remoteNodes(west)).toEqual([]);
    east.api.faults.clear();
    await vi.waitFor(() => expect(remoteNodes(west)).toEqual(BOTH), SOON);
    await vi.waitFor(() => expect(condition(west, 'NodesSynced')).toMatch(/^True Synced/), SOON);
  });
});

describe('RemoteNodes stay', () => {
  test('where the controller is restarted while the other cluster is away; what went meanwhile goes then', async () => {
    const { east, west } = await settled();
    remove(east, 'Node', 'b');
    east.api.frozen = true;
    const controller = await west.control();
    await vi.waitFor(() => expect(controller.routing?.objects.synced).toBe(true), SOON);
    await vi.waitFor(() => expect(condition(west, 'ControlPlaneReachable')).toMatch(/^False NoAnswer/), SOON);
    await vi.waitFor(() => expect(controller.term?.nodes.counts).toEqual(IDLE), SOON);
    expect(remoteNodes(west)).toEqual(BOTH);
    east.api.frozen = false;
    await vi.waitFor(() => expect(remoteNodes(west)).toEqual(['east.a True Accepted']), SOON);
  });

  test('where the other cluster was set up anew and does not say who it is', async () => {
    const { east, west } = await twoClusters();
    const controller = await west.control();
    await vi.waitFor(() => expect(remoteNodes(west)).toEqual(BOTH), SOON);
    east.api.store.wipe();
    await east.api.stop();
    await east.api.start();
    await vi.waitFor(() => expect(condition(west, 'Synced')).toMatch(/^False ClusterIdMissing/), SOON);
    // Lists are tried again, each empty and each a good answer.
    const lists = east.api.counts.list;
    await vi.waitFor(() => expect(east.api.counts.list).toBeGreaterThan(lists + 5), SOON);
    await vi.waitFor(() => expect(controller.term?.nodes.counts).toEqual(IDLE), SOON);
    expect(remoteNodes(west)).toEqual(BOTH);
    put(east, 'a', { address: '192.0.2.1', podCIDR: '10.1.0.0/24' });
    east.api.load(`
apiVersion: about.k8s.io/v1beta1
kind: ClusterProperty
metadata: {name: cluster.clusterset.k8s.io}
spec: {value: east}
`);
    await vi.waitFor(() => expect(remoteNodes(west)).toEqual(['east.a True Accepted']), SOON);
  });

  test('where what is there is not known', async () => {
    const { east, west } = await settled();
    remove(east, 'Node', 'b');
    put(east, 'c', { address: '192.0.2.3', podCIDR: '10.1.2.0/24' });
    west.api.faults.add('list', { status: 500 }, Number.POSITIVE_INFINITY, { collection: REMOTE_NODES });
    const controller = await west.control();
    await vi.waitFor(() => expect(controller.routing?.nodesOf('east')?.whole).toBe(true), SOON);
    await vi.waitFor(() => expect(controller.routing?.own.nodesKnown).toBe(true), SOON);
    // What is written of services shows that it writes.
    east.api.load(exportedService('pay'));
    await vi.waitFor(() => expect(imports(west)).toEqual(['shop/pay']), SOON);
    await vi.waitFor(() => expect(controller.term?.nodes.counts).toEqual(IDLE), SOON);
    expect(remoteNodes(west)).toEqual(BOTH);
    west.api.faults.clear();
    await vi.waitFor(
      () => expect(remoteNodes(west)).toEqual(['east.a True Accepted', 'east.c True Accepted']),
      SOON,
    );
  });

  test('where somebody else wrote them, even under a name that we want', async () => {
    const { west } = await twoClusters();
    west.api.load(`
apiVersion: causeway.dev/v1alpha1
kind: RemoteNode
metadata: {name: east.a}
spec: {cluster: east, nodeName: a, podCIDRs: [10.1.7.0/24]}
---
apiVersion: causeway.dev/v1alpha1
kind: RemoteNode
metadata: {name: by-hand}
spec: {cluster: south, nodeName: s, addresses: [192.0.2.77], podCIDRs: [10.7.0.0/24]}
`);
    await west.control();
    const expected = ['by-hand True Accepted', 'east.a False Invalid', 'east.b True Accepted'];
    await vi.waitFor(() => expect(remoteNodes(west)).toEqual(expected), SOON);
    expect(west.api.store.get(REMOTE_NODES, '', 'east.a')?.['spec']).toMatchObject({
      podCIDRs: ['10.1.7.0/24'],
    });
  });
});

describe('RemoteNodes go', () => {
  test('with the RemoteCluster', async () => {
    const { west } = await settled();
    await west.control();
    remove(west, 'RemoteCluster', 'east');
    await vi.waitFor(() => expect(remoteNodes(west)).toEqual([]), SOON);
  });

  test('where it is deleted while no controller runs', async () => {
    const { west } = await settled();
    remove(west, 'RemoteCluster', 'east');
    await west.control();
    await vi.waitFor(() => expect(remoteNodes(west)).toEqual([]), SOON);
  });

  test('where nobody is to route to it any more, and come back', async () => {
    const { west } = await settled();
    const controller = await west.control();
    const [remote] = west.api.store.objects('causeway.dev/remoteclusters');
    const routed = (overlayRoutingMode: string) =>
      west.api.put({ ...remote, spec: { ...Object(remote?.['spec']), overlayRoutingMode } });
    routed('Disabled');
    await vi.waitFor(() => expect(remoteNodes(west)).toEqual([]), SOON);
    await vi.waitFor(() => expect(condition(west, 'DataPathReachable')).toBe('none'), SOON);
    expect(condition(west, 'NodesSynced')).toBe('none');
    expect(controller.routing?.own.nodesKnown).toBe(false);
    routed('Enabled');
    await vi.waitFor(() => expect(remoteNodes(west)).toEqual(BOTH), SOON);
  });
});
