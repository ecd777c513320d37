import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../bed/cluster.ts';
import { kubectl } from '../bed/kubectl.ts';
import { importLimit, type Named, untilImported } from '../bed/look.ts';
import { Member, serviceExport } from '../bed/member.ts';
import { forwardClusterSet, installCoreDns } from '../bed/node/coredns.ts';
import { deployEcho, podsOf, untilAvailable } from '../bed/node/pods.ts';
import { sharedBed } from '../bed/shared.ts';
import { waitFor } from '../kit/wait.ts';

/** Pods of the bed that run: deploy/ as in any cluster, behind a CoreDNS as in any cluster. */
const system = 'causeway-system';
const dns = 'app.kubernetes.io/component=dns';
const shop = { namespace: `shop-${Date.now().toString(36)}`, name: 'echo' };

let members: Member[];
let east: Cluster;
let west: Cluster;

beforeAll(async () => {
  const bed = await sharedBed();
  [east, west] = [bed.cluster('east'), bed.cluster('west')];
  members = await Promise.all([east, west].map(cluster => Member.install(cluster)));
  await Promise.all([east, west].map(({ node }) => node.start()));
});

afterAll(async () => {
  await Promise.all((members ?? []).map(member => member.leave()));
  for (const { admin, node } of [east, west]) {
    await admin.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: shop.namespace } });
    await node.stop();
  }
});

test('Deployments of Causeway and of CoreDNS become available', async () => {
  const started = Date.now();
  const ours = ['causeway-controller', 'causeway-dns'].map(name => ({ namespace: system, name }));
  const all = [east, west].flatMap(cluster => [
    installCoreDns(cluster),
    ...ours.map(named => untilAvailable(cluster, named)),
  ]);
  await Promise.all(all);
  console.log(`available after ${((Date.now() - started) / 1_000).toFixed(1)} s`);
});

test('the API server reaches pods', async () => {
  const [pod] = await podsOf(east, system, dns);
  const path = `/api/v1/namespaces/${system}/pods/${pod}:9353/proxy/readyz`;
  expect(await east.admin.request('GET', path)).toMatchObject({ status: 200 });
});

test('kubectl shows what pods log', async () => {
  const [pod = ''] = await podsOf(east, system, dns);
  const log = await kubectl(east, ['logs', '-n', system, pod, '--tail', '5']);
  expect(
    log
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).msg),
  ).toContain('ready');
});

test('for a pod that is deleted comes another', async () => {
  const [name = ''] = await podsOf(east, system, dns);
  await east.admin.delete({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: system, name } });
  const look = (): Promise<string[]> => podsOf(east, system, dns);
  await waitFor('two others', look, seen => seen.length === 2 && !seen.includes(name), 30_000);
});

test('what crashes is started again', async () => {
  const [name = ''] = await podsOf(east, system, dns);
  const metadata = { namespace: system, name };
  await east.node.crash(metadata);
  const look = async () => {
    const pod = await east.admin.get({ apiVersion: 'v1', kind: 'Pod', metadata });
    return pod?.['status'].containerStatuses[0];
  };
  await waitFor('it is ready', look, ({ ready, restartCount }) => ready && restartCount === 1, 30_000);
});

describe('a pod of west', () => {
  const client = { ...shop, name: 'client' };
  let pod: Named;

  beforeAll(async () => {
    await deployEcho(west, client);
    const [name = ''] = await podsOf(west, client.namespace, 'app=client');
    pod = { ...client, name };
  });

  const fetched = (host: string): Promise<string> =>
    west.node.exec(pod, ['node', '-e', `fetch('http://${host}/').then(it => it.text()).then(console.log)`]);

  test('resolves names of its cluster through the ClusterIP of kube-dns', async () => {
    const address = await west.node.exec(pod, ['dig', '+short', 'kubernetes.default.svc.cluster.local']);
    expect(address).toBe('10.120.0.1\n');
  });

  test('reaches itself by the name of its Service', async () => {
    expect(await fetched('client')).toContain(`west ${pod.name}`);
  });

  test('reaches a service of east by its name in the cluster set', async () => {
    const [eastern, western] = members;
    if (eastern === undefined || western === undefined) throw new Error('two members');
    await western.connect(eastern, {}, true);
    await deployEcho(east, { ...shop, replicas: 2 });
    await east.admin.apply(serviceExport(shop.namespace, shop.name));
    await untilImported(west, shop);
    await forwardClusterSet(west);
    const look = (): Promise<string> => fetched(`echo.${shop.namespace}.svc.clusterset.local`);
    const answer = await waitFor('east answers', look, seen => seen.startsWith('east '), importLimit);
    expect(await podsOf(east, shop.namespace, 'app=echo')).toContain(answer.trim().split(' ')[1]);
  });
});

test('stopped, no pod is left that would look as if it ran', async () => {
  await east.node.stop();
  const look = async (): Promise<string[]> =>
    (await east.admin.list('v1', 'Pod', system)).map(({ status }) => status.phase);
  await waitFor('all wait', look, seen => seen.length === 4 && seen.every(one => one === 'Pending'));
});
