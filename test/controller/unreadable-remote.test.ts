import { expect, test, vi } from 'vitest';
import type { ControlledCluster } from '../kit/controlled-cluster.ts';
import { exportedService, imports, joined, SOON } from '../kit/joined.ts';
import { nodeYaml } from '../kit/nodes.ts';

/** West has a service and the node `a` of east. */
async function taken(): Promise<{ east: ControlledCluster; west: ControlledCluster }> {
  const { east, west } = await joined();
  east.api.load(exportedService('pay'));
  east.api.load(nodeYaml('a', { address: '192.0.2.1', podCIDR: '10.1.0.0/24' }));
  return { east, west };
}

/** Writes the RemoteCluster as it is in YAML, with more in its spec, as a newer release may. */
function write({ api }: ControlledCluster, generation: number, spec: string): void {
  const [before] = api.store.objects('causeway.dev/remoteclusters');
  api.put({
    ...before,
    metadata: { ...Object(before?.metadata), generation },
    spec: { secretRef: { name: 'east' }, ...JSON.parse(spec) },
  });
}

function has(west: ControlledCluster): string[] {
  return [...imports(west), ...west.names('causeway.dev/remotenodes')];
}

function condition({ api }: ControlledCluster, type: string): string {
  const [remote] = api.store.objects('causeway.dev/remoteclusters');
  const conditions = (Object(remote?.['status']).conditions ?? []) as Record<string, string>[];
  const found = conditions.find(one => one['type'] === type);
  return `${found?.['status']} ${found?.['reason']}: ${found?.['message']}`;
}

const ALL = ['shop/pay', 'undefined/east.a'];
const NEWER = '{"routingModes": ["Warp"]}';

test('a RemoteCluster that cannot be read any more goes on as it was last read', async () => {
  const { east, west } = await taken();
  const controller = await west.control();
  await vi.waitFor(() => expect(has(west)).toEqual(ALL), SOON);
  const gone = new Set<string>();
  west.api.store.follow(() => {
    for (const name of ALL) if (!has(west).includes(name)) gone.add(name);
  });
  write(west, 2, NEWER);
  await vi.waitFor(() => expect(controller.state?.remoteClusters.get('east')?.generation).toBe(2), SOON);
  east.api.load(exportedService('late'));
  east.api.load(nodeYaml('b', { address: '192.0.2.2', podCIDR: '10.1.1.0/24' }));
  await vi.waitFor(
    () => expect(has(west)).toEqual(['shop/late', 'shop/pay', 'undefined/east.a', 'undefined/east.b']),
    SOON,
  );
  expect([...gone]).toEqual([]);
});

test('a controller that never could read it keeps what came from the cluster, says why, and goes on later', async () => {
  const { east, west } = await taken();
  const first = await west.control();
  await vi.waitFor(() => expect(has(west)).toEqual(ALL), SOON);
  await vi.waitFor(() => expect(first.term?.counts).toMatchObject({ ready: 0, running: 0 }), SOON);
  await first.stop();
  const gone = new Set<string>();
  west.api.store.follow(() => {
    for (const name of ALL) if (!has(west).includes(name)) gone.add(name);
  });
  write(west, 2, NEWER);

  const second = await west.control();
  await vi.waitFor(
    () =>
      expect(condition(west, 'ControlPlaneReachable')).toContain(
        'False SpecInvalid: RemoteCluster east: spec.routingModes',
      ),
    SOON,
  );
  expect(condition(west, 'Serving')).toMatch(/^Unknown NothingImported/);
  await vi.waitFor(() => expect(second.routing?.objects.synced).toBe(true), SOON);
  const idle = { ready: 0, running: 0, delayed: 0 };
  await vi.waitFor(
    () => expect([second.term?.counts, second.term?.nodes.counts]).toMatchObject([idle, idle]),
    SOON,
  );
  expect([[...gone], has(west)]).toEqual([[], ALL]);

  east.api.remove({ kind: 'Node', metadata: { name: 'a' } });
  write(west, 3, '{"routingModes": ["VXLAN"]}');
  await vi.waitFor(() => expect(has(west)).toEqual(['shop/pay']), SOON);
  await vi.waitFor(() => expect(condition(west, 'ControlPlaneReachable')).toMatch(/^True Answering/), SOON);
});

test('what cannot be read and is deleted takes along what came from the cluster', async () => {
  const { west } = await taken();
  const controller = await west.control();
  await vi.waitFor(() => expect(has(west)).toEqual(ALL), SOON);
  write(west, 2, NEWER);
  await vi.waitFor(() => expect(controller.state?.remoteClusters.get('east')?.generation).toBe(2), SOON);
  west.api.remove({ kind: 'RemoteCluster', metadata: { name: 'east' } });
  await vi.waitFor(() => expect(has(west)).toEqual([]), SOON);
});
