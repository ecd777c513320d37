import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Controller } from '../../src/controller/controller.ts';
import type { ControlledCluster } from '../kit/controlled-cluster.ts';
import { exportedService, imports, joined, SOON } from '../kit/joined.ts';

const LEASES = 'coordination.k8s.io/leases';

// Before the controller is made, which takes its clock from here.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
});

afterEach(() => {
  vi.useRealTimers();
});

async function leading(): Promise<{
  east: ControlledCluster;
  west: ControlledCluster;
  controller: Controller;
}> {
  const { east, west } = await joined();
  const controller = await west.control({ identity: 'first' });
  east.api.load(exportedService('pay'));
  west.api.load(exportedService('cart'));
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/cart', 'shop/pay']), SOON);
  await sleep(GATHERED);
  return { east, west, controller };
}

/** Milliseconds after which the status of a RemoteCluster has been written, too. */
const GATHERED = 1_000;

test('a leader that was stopped for longer than its lease writes nothing, though no timer has told it yet', async () => {
  const { east, west, controller } = await leading();
  // A renewal is under way and gets no answer, so the election looks at no clock for a while.
  west.api.faults.add('get', 'silent', 1, { collection: LEASES });
  await vi.waitFor(() => expect(west.api.faults.met).toBe(1), SOON);
  const { revision } = west.api.store;
  const writes = { ...controller.writes };
  vi.setSystemTime(Date.now() + 11_000);

  east.api.load(exportedService('late'));
  await vi.waitFor(() => expect(controller.term?.counts.failing).toBeGreaterThan(0), SOON);
  await vi.waitFor(() => expect(controller.remotes?.importsOf('east')?.services).toBe(2), SOON);
  await sleep(GATHERED);
  expect(controller.term).toBeDefined();
  expect(west.api.store.revision).toBe(revision);
  expect(controller.writes).toEqual(writes);
});

test('a leader whose lease another has taken writes nothing from then on', async () => {
  const { east, west, controller } = await leading();
  const [lease] = west.api.store.objects(LEASES);
  const spec = { ...Object(lease?.['spec']), holderIdentity: 'second' };
  west.api.put({ ...lease, apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec });
  await vi.waitFor(() => expect(controller.term).toBeUndefined(), SOON);
  const { revision } = west.api.store;
  east.api.load(exportedService('late'));
  await vi.waitFor(() => expect(controller.remotes?.importsOf('east')?.services).toBe(2), SOON);
  await sleep(GATHERED);
  expect(west.api.store.revision).toBe(revision);
});
