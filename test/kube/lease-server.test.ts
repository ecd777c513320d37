import { expect, onTestFinished, test, vi } from 'vitest';
import { EventRecorder } from '../../src/kube/events.ts';
import { LeaderElection } from '../../src/kube/lease.ts';
import { loggerTo } from '../../src/ops/log.ts';
import { apiServer, clientOf } from '../kit/api-follower.ts';
import type { ApiServer } from '../kit/api-server.ts';

const silent = loggerTo({ write: () => {} }, 'silent');
const PATIENCE = { timeout: 10_000, interval: 5 };

async function candidate(server: ApiServer, identity: string): Promise<LeaderElection> {
  const election = new LeaderElection({
    client: clientOf(server.connection()),
    namespace: 'causeway-system',
    name: 'controller',
    identity,
    log: silent,
    gained: () => {},
    lost: () => {},
    times: { duration: 2_000, renewDeadline: 1_000, retry: 50 },
  });
  onTestFinished(() => election.stop());
  await election.start();
  return election;
}

function holderAt(server: ApiServer): unknown {
  const lease = server.store.get('coordination.k8s.io/leases', 'causeway-system', 'controller');
  return Object(lease?.['spec']).holderIdentity;
}

test('over HTTP: one leads, the next one takes over, and the API server may go and come back', async () => {
  const server = await apiServer();
  const east = await candidate(server, 'east');
  await vi.waitFor(() => expect(east.leading).toBe(true), PATIENCE);
  expect(holderAt(server)).toBe(east.identity);
  const west = await candidate(server, 'west');
  await east.stop();
  await vi.waitFor(() => expect(west.leading).toBe(true), PATIENCE);
  expect(holderAt(server)).toBe(west.identity);
  await server.stop();
  await vi.waitFor(() => expect(west.leading).toBe(false), PATIENCE);
  await server.start();
  await vi.waitFor(() => expect(west.leading).toBe(true), PATIENCE);
  await west.stop();
  expect(holderAt(server)).toBe('');
});

test('over HTTP: events arrive', async () => {
  const server = await apiServer();
  const recorder = new EventRecorder({
    client: clientOf(server.connection()),
    instance: 'host-1',
    log: silent,
  });
  const about = { apiVersion: 'causeway.dev/v1alpha1', kind: 'RemoteCluster', name: 'west' };
  recorder.emit(about, 'Warning', 'SecretMissing', 'there is no Secret west');
  await vi.waitFor(() => expect(recorder.counts.sent).toBe(1), PATIENCE);
  const [event] = server.store.objects('events.k8s.io/events');
  expect(event).toMatchObject({
    metadata: { namespace: 'default' },
    regarding: about,
    note: 'there is no Secret west',
  });
});
