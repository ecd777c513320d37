import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { FaultScope } from '../kit/api-faults.ts';
import type { ControlledCluster } from '../kit/controlled-cluster.ts';
import { exportedService, imports, joined, PUBLISHED, readiness, SOON } from '../kit/joined.ts';

/** West has imported `pay` and publishes `cart`, and then its controller is gone. */
async function settled(): Promise<{ east: ControlledCluster; west: ControlledCluster }> {
  const { east, west } = await joined();
  const first = await west.control();
  east.api.load(exportedService('pay'));
  west.api.load(exportedService('cart'));
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/cart', 'shop/pay']), SOON);
  await vi.waitFor(() => expect(readiness(west, 'east')).toEqual([true]), SOON);
  await vi.waitFor(
    () => expect(first.term?.counts).toMatchObject({ ready: 0, running: 0, delayed: 0 }),
    SOON,
  );
  await first.stop();
  return { east, west };
}

/** Milliseconds in which a controller that concludes too much has long begun to write. */
const LATE = 500;

const OWN_LISTS = [
  '/services',
  '/namespaces',
  '/secrets',
  'discovery.k8s.io/endpointslices',
  'multicluster.x-k8s.io/serviceexports',
  'multicluster.x-k8s.io/serviceimports',
  'causeway.dev/exportedservices',
  'causeway.dev/remoteclusters',
];

describe('the controller starts while its own API server refuses one list and answers all else', () => {
  test.each(OWN_LISTS)('%s: nothing is written until it is known', async collection => {
    const { west } = await settled();
    await holdsStill(west, { collection });
  });

  test('once it is known, all goes on', async () => {
    const { east, west } = await settled();
    await holdsStill(west, { collection: 'multicluster.x-k8s.io/serviceexports' });
    east.api.load(exportedService('late'));
    west.api.faults.clear();
    await vi.waitFor(() => expect(imports(west)).toEqual(['shop/cart', 'shop/late', 'shop/pay']), SOON);
  });
});

test('nor where what was last heard of other clusters cannot be read, and they are away', async () => {
  const { east, west } = await settled();
  east.api.frozen = true;
  await holdsStill(west, { collection: PUBLISHED, namespace: 'causeway-imports' });
  expect(imports(west)).toEqual(['shop/cart', 'shop/pay']);
});

async function holdsStill(west: ControlledCluster, scope: FaultScope): Promise<void> {
  const { revision } = west.api.store;
  west.api.faults.add('list', { status: 500 }, Number.POSITIVE_INFINITY, scope);
  const controller = west.controller();
  void controller.start();
  await vi.waitFor(() => expect(west.api.faults.met).toBeGreaterThan(0), SOON);
  await sleep(LATE);
  expect(west.api.store.revision).toBe(revision);
  expect(controller.writes).toEqual({ ok: 0, failed: 0 });
}
