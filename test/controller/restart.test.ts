import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { ControlledCluster } from '../kit/controlled-cluster.ts';
import { exportedService, joined, readiness, SOON, writtenIn } from '../kit/joined.ts';

/** Both export `pay`, so that west can do without east. */
async function shared(): Promise<{ east: ControlledCluster; west: ControlledCluster }> {
  const { east, west } = await joined();
  east.api.load(exportedService('pay'));
  west.api.load(exportedService('pay'));
  return { east, west };
}

function serving(west: ControlledCluster): string {
  const [remote] = west.api.store.objects('causeway.dev/remoteclusters');
  const { conditions = [] } = Object(remote?.['status']) as { conditions?: Record<string, string>[] };
  const found = conditions.find(({ type }) => type === 'Serving');
  return `${found?.['status']} ${found?.['reason']}`;
}

test('a cluster that was held for lost is lost for the next controller from its first moment', async () => {
  const { east, west } = await shared();
  const first = await west.control();
  await vi.waitFor(() => expect(readiness(west, 'east')).toEqual([true]), SOON);
  east.api.frozen = true;
  await vi.waitFor(() => expect(readiness(west, 'east')).toEqual([false]), SOON);
  await vi.waitFor(() => expect(serving(west)).toBe('False Lost'), SOON);
  await vi.waitFor(() => expect(first.term?.counts).toMatchObject({ ready: 0, running: 0 }), SOON);
  await first.stop();
  const before = writtenIn(west);

  const seen: unknown[] = [];
  west.api.store.follow(() => seen.push([serving(west), readiness(west, 'east')]));
  const second = await west.control();
  expect(second.remotes?.reportOf('east')?.health.serving).toBe(false);
  await sleep(1_500);
  expect(seen.filter(one => JSON.stringify(one) !== '["False Lost",[false]]')).toEqual([]);
  expect(writtenIn(west)).toEqual(before);

  east.api.frozen = false;
  await vi.waitFor(() => expect(readiness(west, 'east')).toEqual([true]), SOON);
});

test('a cluster that goes while no controller runs is found to be lost by the next one', async () => {
  const { east, west } = await shared();
  const first = await west.control();
  await vi.waitFor(() => expect(readiness(west, 'east')).toEqual([true]), SOON);
  await vi.waitFor(() => expect(first.term?.counts).toMatchObject({ ready: 0, running: 0 }), SOON);
  await first.stop();
  east.api.frozen = true;
  await west.control();
  await vi.waitFor(() => expect(readiness(west, 'east')).toEqual([false]), SOON);
  east.api.frozen = false;
  await vi.waitFor(() => expect(readiness(west, 'east')).toEqual([true]), SOON);
});
