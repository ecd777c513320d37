import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../bed/cluster.ts';
import { Member } from '../bed/member.ts';
import { podsOf, untilAvailable } from '../bed/node/pods.ts';
import { sharedBed } from '../bed/shared.ts';
import { waitFor } from '../kit/wait.ts';

/** Pods of the bed that run: what is in deploy/ is started as in any cluster. */
const namespace = 'causeway-system';
const dns = 'app.kubernetes.io/component=dns';

let east: Cluster;

beforeAll(async () => {
  const bed = await sharedBed();
  east = bed.cluster('east');
  await east.node.start();
  await Member.install(east);
});

afterAll(async () => {
  await east?.node.stop();
});

test('the Deployments of deploy/ become available', async () => {
  const started = Date.now();
  for (const name of ['causeway-controller', 'causeway-dns']) await untilAvailable(east, { namespace, name });
  console.log(`available after ${((Date.now() - started) / 1_000).toFixed(1)} s`);
});

test('the API server reaches pods', async () => {
  const [pod] = await podsOf(east, namespace, dns);
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}:9353/proxy/readyz`;
  expect(await east.admin.request('GET', path)).toMatchObject({ status: 200 });
});

test('for a pod that is deleted comes another', async () => {
  const before = await podsOf(east, namespace, dns);
  const [name = ''] = before;
  await east.admin.delete({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name } });
  await waitFor(
    'two others',
    () => podsOf(east, namespace, dns),
    seen => seen.length === 2 && !seen.includes(name),
  );
  await untilAvailable(east, { namespace, name: 'causeway-dns' });
});

test('what crashes is started again', async () => {
  const [name = ''] = await podsOf(east, namespace, dns);
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name } };
  await east.node.crash({ namespace, name });
  const look = async () => (await east.admin.get(pod))?.['status'].containerStatuses[0];
  await waitFor('it is ready again', look, ({ ready, restartCount }) => ready && restartCount === 1, 30_000);
});

test('stopped, no pod is left that would look as if it ran', async () => {
  const look = async () => (await east.admin.list('v1', 'Pod', namespace)).map(({ status }) => status.phase);
  await east.node.stop();
  await waitFor(
    'all wait for a node',
    look,
    seen => seen.length === 4 && seen.every(one => one === 'Pending'),
  );
});
