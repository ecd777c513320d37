import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Manifest } from '../bed/api.ts';
import { remoteReference } from '../bed/look.ts';
import { type Causeway, serviceExport } from '../bed/member.ts';
import { staysFor, waitFor } from '../kit/wait.ts';
import { health, Scene } from './faults-scene.ts';

/** What befalls the controller of west itself, of which there may be two. */
let scene: Scene;
const count = 150;
const names = Array.from({ length: count }, (_, index) => `many-${index}`);

beforeAll(async () => {
  scene = await Scene.set('controllers', ['east', 'west']);
  const { namespace } = scene;
  // Without pods: each Service has an (empty) slice all the same once somebody has made it.
  const { admin } = scene.cluster('east');
  await Promise.all(
    names.map(name =>
      admin.apply({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { namespace, name },
        spec: { ports: [{ name: 'http', port: 80 }], selector: { app: 'nothing' } },
      }),
    ),
  );
});

afterAll(async () => {
  await scene?.end();
});

function importedIn(objects: ReadonlyMap<string, Manifest>): string[] {
  const isWhole = (one: Manifest): boolean =>
    one['spec']?.ips?.length === 1 && one['status']?.clusters?.length === 1;
  return [...objects]
    .filter(([id, one]) => id.startsWith('2 ') && isWhole(one))
    .map(([, { metadata }]) => metadata.name);
}

async function untilAllImported(): Promise<ReadonlyMap<string, Manifest>> {
  const all = (seen: ReadonlyMap<string, Manifest>): boolean => importedIn(seen).length >= count;
  let last = new Map<string, Manifest>();
  await waitFor(
    `west has ${count} imports`,
    async () => {
      last = await scene.written();
      return importedIn(last).length;
    },
    () => all(last),
    60_000,
  );
  return last;
}

async function controller(name: string): Promise<Causeway> {
  const started = await scene.member('west').startController({ ...health, identity: name });
  scene.controllers.set(name, started);
  return started;
}

async function metric({ http }: Causeway, series: string): Promise<number> {
  const text = await (await fetch(`http://${http}/metrics`)).text();
  const line = text.split('\n').find(one => one.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}

const writesOf = (one: Causeway): Promise<number> =>
  metric(one, 'causeway_controller_writes_total{result="ok"}');
const leads = async (one: Causeway): Promise<boolean> =>
  (await metric(one, 'causeway_controller_leading')) === 1;

test('killed in the middle of applying and started again, it finishes: all there, nothing twice', async () => {
  const { namespace } = scene;
  await Promise.all(names.map(name => scene.cluster('east').admin.apply(serviceExport(namespace, name))));
  const first = scene.controllers.get('west');
  await waitFor(
    'some imports are there',
    async () => importedIn(await scene.written()).length,
    seen => seen > 10,
    30_000,
  );
  await first?.kill();
  expect(importedIn(await scene.written()).length).toBeLessThan(count);

  await controller('west-second');
  const objects = await untilAllImported();
  expect(importedIn(objects).toSorted()).toEqual(names.toSorted());
  const services = [...objects.keys()].filter(id => id.startsWith('0 '));
  const copies = [...objects.keys()].filter(id => id.startsWith('3 '));
  expect([services.length, copies.length]).toEqual([count, count]);
  const ips = [...objects].flatMap(([id, one]) => (id.startsWith('2 ') ? one['spec'].ips : []));
  expect(new Set(ips).size).toBe(count);
});

test('started again while east is away, it wipes nothing, changes nothing, and holds east for lost from the start', async () => {
  const west = scene.member('west');
  const pods = await scene.export('east', 'pods', { headless: true, replicas: 2 });
  const ours = await scene.export('west', 'pods', { headless: true, replicas: 1 });
  await scene.untilAnswered('pods', [...pods.addresses(), ...ours.addresses()]);
  await west.links.get('east')?.partition('refuse');
  await scene.untilServing('east', 'False Lost');
  await scene.untilAnswered('pods', ours.addresses());
  await sleep(1_000);
  const before = await scene.versions();
  const status = (await west.cluster.admin.get(remoteReference('east')))?.['status'];

  await scene.controllers.get('west-second')?.stop();
  const asking = await scene.watch(['pods']);
  const cutAt = performance.now();
  const second = await controller('west-third');
  await waitFor('the new one leads', () => leads(second), Boolean, 30_000);
  await staysFor(
    'nothing is written',
    () => scene.versions(),
    seen => `${seen}` === `${before}`,
    5_000,
  );
  expect((await west.cluster.admin.get(remoteReference('east')))?.['status'].clusterId).toEqual(
    status.clusterId,
  );
  await scene.untilServing('east', 'False Lost');
  scene.judge('controller restarted while east is lost', await asking.stop(), 'pods', [
    { from: 0, addresses: ours.addresses() },
    { from: cutAt, addresses: ours.addresses() },
  ]);

  await pods.scale(1);
  await scene.unexport('east', 'many-0');
  await west.links.get('east')?.heal();
  await scene.untilServing('east', 'True');
  await scene.untilAnswered('pods', [...pods.addresses(), ...ours.addresses()]);
  await scene.untilAnswered('many-0', []);
});

test('of two, the second takes over from one that hangs, which writes nothing when it wakes', async () => {
  const first = scene.controllers.get('west-third');
  if (first === undefined) throw new Error('no controller runs');
  const second = await controller('west-fourth');
  expect([await leads(first), await leads(second)]).toEqual([true, false]);
  const before = await writesOf(first);
  first.signal('SIGSTOP');
  await scene.export('east', 'later', { headless: true });
  await waitFor('the second leads', () => leads(second), Boolean, 30_000);
  await waitFor(
    'it imports',
    () => scene.answer('later'),
    seen => seen !== 'NXDOMAIN',
    30_000,
  );
  const after = await scene.versions();

  first.signal('SIGCONT');
  await sleep(3_000);
  expect([await leads(first), await leads(second)]).toEqual([false, true]);
  expect(await writesOf(first)).toBe(before);
  expect(await scene.versions()).toEqual(after);
});

test('of two, the second takes over at once from one that ends in good order', async () => {
  const first = scene.controllers.get('west-third');
  const leader = scene.controllers.get('west-fourth');
  if (first === undefined || leader === undefined) throw new Error('two controllers should run');
  await waitFor('the fourth leads', () => leads(leader));
  const stoppedAt = performance.now();
  await leader.stop();
  await waitFor('the third leads again', () => leads(first), Boolean, 10_000);
  expect(performance.now() - stoppedAt).toBeLessThan(8_000);
  const after = await scene.versions();
  const { namespace } = scene;
  const { admin } = scene.cluster('east');
  await Promise.all(names.map(name => admin.delete(serviceExport(namespace, name))));
  await scene.unexport('east', 'later');
  const gone = async (): Promise<number> => (await scene.written()).size;
  await waitFor('nothing of what was unexported is left', gone, seen => seen <= 12, 60_000);
  expect(after.length).toBeGreaterThan(count * 3);
});
