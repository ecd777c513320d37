import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../bed/cluster.ts';
import { remoteReference, untilCondition } from '../bed/look.ts';
import { Member } from '../bed/member.ts';
import type { Workload } from '../bed/workload.ts';
import { waitFor } from '../kit/wait.ts';
import { health, Scene, settled, window } from './faults-scene.ts';

/** East keeps its address and loses its past. */
let scene: Scene;
let east: Cluster;
let west: Member;
let alone: Workload;
let ours: Workload;

beforeAll(async () => {
  scene = await Scene.set('store', ['east', 'west']);
  east = scene.cluster('east');
  west = scene.member('west');
  [alone, ours] = await Promise.all([
    scene.export('east', 'alone', { headless: true, replicas: 2 }),
    scene.export('west', 'pods', { headless: true, replicas: 2 }),
    scene.export('east', 'gone', { headless: true }),
  ]);
  await scene.untilAnswered('alone', alone.addresses());
  await waitFor(
    'gone is imported',
    () => scene.answer('gone'),
    seen => seen !== 'NXDOMAIN',
    settled,
  );
});

afterAll(async () => {
  await scene?.end();
});

test('410 on watch: east changes while the connection is dead, and forgets the versions in between', async () => {
  const link = west.links.get('east');
  const pods = await scene.export('east', 'pods', { headless: true, replicas: 2 });
  const before = [...pods.addresses(), ...ours.addresses()];
  await scene.untilAnswered('pods', before);
  const asking = await scene.watch(['pods', 'alone']);
  await sleep(300);
  const cutAt = performance.now();
  await link?.partition('drop');
  await scene.untilServing('east', 'False Lost');
  await pods.scale(1);
  await pods.replace(0);
  await scene.unexport('east', 'gone');
  // A new watch cache begins with the present, and everything before is compacted.
  await compact(east);
  await east.kill();
  await east.start();
  await sleep(Math.max(0, cutAt + window + 500 - performance.now()));
  const mendedAt = performance.now();
  await link?.heal();
  await scene.untilAnswered('pods', [...pods.addresses(), ...ours.addresses()]);
  await scene.untilAnswered('gone', []);
  const asked = await asking.stop();
  expect(scene.controllers.get('west')?.output()).toContain('410');
  scene.judge('410', asked, 'pods', [
    { from: 0, addresses: before },
    { from: cutAt, addresses: ours.addresses(), grace: window },
    { from: mendedAt, addresses: [...pods.addresses(), ...ours.addresses()] },
  ]);
  scene.judge('410', asked, 'alone', [{ from: 0, addresses: alone.addresses() }]);
});

test('etcd wiped: what east gave stays while east is nobody, and is what it gives when it is somebody again', async () => {
  const { namespace } = scene;
  // An administrator's certificate outlives the store: with it an empty cluster can be read, and looks like one without
  // exports.
  await west.giveKubeconfig('east', east.kubeconfigText({ namespace: 'causeway-exports-west' }));
  await untilCondition(west.cluster, remoteReference('east'), 'Synced', 'True');
  const lastKnown = alone.addresses();
  const asking = await scene.watch(['alone']);
  await sleep(300);
  await scene.controllers.get('east')?.stop();
  await east.wipeEtcd();
  const condition = await untilCondition(west.cluster, remoteReference('east'), 'Synced', 'False');
  console.log(`wiped: ${condition.reason}: ${condition.message}`);
  await sleep(6_000);
  const kept = asking.stop();
  scene.judge('wiped', await kept, 'alone', [{ from: 0, addresses: lastKnown }]);

  await scene.bed.restore();
  await east.ensureNamespace(namespace);
  const again = await Member.install(east);
  const different = await scene.export('east', 'other', { headless: true, replicas: 1 });
  await again.startController(health);
  await west.connect(again);
  await untilCondition(west.cluster, remoteReference('east'), 'Synced', 'True');
  await scene.untilAnswered('other', different.addresses());
  await scene.untilAnswered('alone', []);
  const left = await west.cluster.admin.list('causeway.dev/v1alpha1', 'ExportedService', 'causeway-imports');
  expect(left.map(one => one.metadata.name)).toEqual([`east.${namespace}.other`]);
  await again.stop();
});

/** Has etcd forget every revision but the last, by its own API in JSON. */
async function compact(cluster: Cluster): Promise<void> {
  const url = `http://127.0.0.1:${cluster.description.ports.etcd}/v3/kv`;
  const post = async (method: string, body: object) => {
    const reply = await fetch(`${url}/${method}`, { method: 'POST', body: JSON.stringify(body) });
    expect(reply.status).toBe(200);
    return reply.json();
  };
  const { header } = (await post('range', { key: 'AA==' })) as { header: { revision: string } };
  await post('compaction', { revision: header.revision, physical: true });
}
