import { expect, test, vi } from 'vitest';
import { Writer, type Writes } from '../../src/controller/writer.ts';
import { joined, SOON } from '../kit/joined.ts';

test('the status of a RemoteCluster is a write like any other, counted when it is taken and when it is not', async () => {
  const { west } = await joined();
  // West has no services, so there is nothing else to write.
  west.api.faults.add('apply', { status: 500 }, 2, { collection: 'causeway.dev/remoteclusters' });
  const controller = await west.control();
  const status = (): object | undefined =>
    west.api.store.objects('causeway.dev/remoteclusters').find(({ status }) => status !== undefined);
  await vi.waitFor(() => expect(status()).toMatchObject({ status: { clusterId: 'east' } }), SOON);
  await vi.waitFor(() => expect(controller.writes.ok).toBeGreaterThan(0), SOON);
  expect(controller.writes.failed).toBe(2);
});

test('without the lease nothing is tried and nothing is counted', async () => {
  const writes: Writes = { ok: 0, failed: 0 };
  let leads = true;
  let tried = 0;
  const writer = new Writer(() => leads, writes);
  const write = async (): Promise<void> => {
    tried++;
  };
  expect(await writer.attempt(write)).toBeUndefined();
  leads = false;
  await expect(writer.attempt(write)).rejects.toThrow('another process may lead by now');
  expect({ tried, writes }).toEqual({ tried: 1, writes: { ok: 1, failed: 0 } });
});
