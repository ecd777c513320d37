import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tokenClaims } from '../../../src/objects/token.ts';
import { accountToken } from '../bed/accounts.ts';
import { remoteReference, untilImported } from '../bed/look.ts';
import { serviceExport } from '../bed/member.ts';
import { Operator } from '../bed/operator.ts';
import { Workload } from '../bed/workload.ts';
import { waitFor } from '../kit/wait.ts';
import { ConnectScene, changesOf, connectOf, pair } from './connect-scene.ts';

/** What comes in the way of `causeway connect`, and of what it has connected. */
let scene: ConnectScene;

beforeAll(async () => {
  scene = await ConnectScene.set();
});
beforeEach(() => scene.part());
afterAll(() => scene?.end());

const reader = { namespace: 'causeway-exports-west', name: 'west' };
const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'causeway-system', name: 'causeway-remote-east' },
};

describe('what was left half done is mended', () => {
  test('by anything that is missing or spoilt', async () => {
    await scene.connected();
    const [east, west] = [scene.cluster('east').admin, scene.cluster('west').admin];
    for (const spoil of [
      () => west.delete(secret),
      () => west.delete(remoteReference('east')),
      () => west.merge(secret, { data: { kubeconfig: 'bm90aGluZw==' } }),
      () => east.delete({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: reader }),
    ]) {
      await spoil();
      expect((await scene.connected()).links).toMatchObject([{ synced: 'True' }, { synced: 'True' }]);
    }
  });

  test.each([
    { step: 'looking at the clusters', after: '' },
    { step: 'letting the other read', after: 'Look at the clusters' },
    { step: 'putting the credential', after: 'In west, let east read' },
    { step: 'the second direction', after: 'In east, put the credential for west' },
    { step: 'waiting', after: 'In west, put the credential for east' },
  ])('Ctrl-C while $step, then again', async ({ after }) => {
    const command = scene.operator.start(['connect', ...pair]);
    await waitFor(
      'the step before is done',
      () => command.told(),
      told => told.includes(after),
    );
    command.signal('SIGINT');
    const { code, told } = await command.ended;
    // Null: it had not even begun, and ended as any program does.
    expect([0, 130, null]).toContain(code);
    expect(told).not.toMatch(/\.ts:\d+/);
    await scene.connected();
  });

  test('both sides at once', async () => {
    const other = ['connect', '--context', 'west', '--destination-context', 'east', '--weight', '30'];
    const ended = await Promise.all([scene.connect('--weight', '70'), scene.operator.run(other)]);
    expect(ended.map(({ code, told }) => (code === 0 ? 0 : told))).toEqual([0, 0]);
    const weight = async (name: string, remote: string) =>
      (await scene.cluster(name).admin.get(remoteReference(remote)))?.['spec'].weight;
    expect([await weight('west', 'east'), await weight('east', 'west')]).toEqual([70, 30]);
    expect(changesOf(await scene.connected())).toEqual(['unchanged']);
  });
});

describe('is refused in words', () => {
  test('the same id twice, and nothing is written', async () => {
    const before = await scene.everything();
    const texts = [scene.cluster('east').kubeconfigText(), scene.cluster('east').kubeconfigText()];
    const twice = texts.map((text, index) =>
      text.replaceAll(/name: east$/gm, `name: east-${index}`).replaceAll(/: east$/gm, `: east-${index}`),
    );
    const operator = await Operator.withKubeconfigs(join(scene.folder.path, 'twice'), twice);
    const { code, output } = await operator.run([
      'connect',
      '--context',
      'east-0',
      '--destination-context',
      'east-1',
    ]);
    expect(code).toBe(1);
    expect(output).toContain(
      '✗ east-0 and east-1: both have the cluster id east, or both contexts lead to the same cluster',
    );
    expect(output).toContain('Nothing was changed.');
    expect(await scene.everything()).toEqual(before);
  });

  test('an operator whose token has expired, or who may not', async () => {
    const account = { namespace: 'default', name: 'connect-nobody' };
    const east = scene.cluster('east');
    const rows = [
      { token: await accountToken(east, account, 1), says: '401 Unauthorized' },
      { token: await accountToken(east, account), says: '403 Forbidden' },
    ];
    const [expired] = rows;
    const api = east.api({ token: expired?.token ?? '' });
    await waitFor(
      'it has ended',
      () => api.request('GET', '/api/v1/namespaces'),
      ({ status }) => status === 401,
    );
    api.close();
    for (const { token, says } of rows) {
      const texts = [east.kubeconfigText({ token }), scene.cluster('west').kubeconfigText()];
      const stranger = await Operator.withKubeconfigs(join(scene.folder.path, says.slice(0, 3)), texts);
      const { code, told } = await stranger.run(['connect', ...pair]);
      expect(code).toBe(3);
      expect(told.trim().split('\n').at(-1)).toMatch(
        new RegExp(`^causeway: could not get namespaces .*${says}`),
      );
    }
    await east.admin.delete({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: account });
  });

  test('an address at which another cluster answers', async () => {
    const foreign = /https:\S+/.exec(scene.cluster('north').kubeconfigText())?.[0] ?? '';
    const { code, output } = await scene.connect('--server-override', foreign, '-o', 'json');
    expect(code).toBe(1);
    const bad = connectOf({ output }).findings.filter(({ verdict }) => verdict === 'bad');
    expect(bad).toMatchObject([
      { check: 'member.certificate', found: expect.stringContaining('behind a proxy') },
    ]);
  });
});

test('a credential that is about to end is renewed by the controller, and nothing is lost', async () => {
  const [east, west] = [scene.cluster('east'), scene.cluster('west')];
  const link = await east.link();
  const override = ['--server-override', `https://127.0.0.1:${link.port}`];
  await scene.connected(...override);
  const namespace = `renewal-${Date.now().toString(36)}`;
  await Promise.all([east, west].map(cluster => cluster.ensureNamespace(namespace)));
  const give = async (name: string): Promise<void> => {
    await Workload.deploy(east, { namespace, name });
    await east.admin.apply(serviceExport(namespace, name));
    await untilImported(west, { namespace, name });
  };
  await give('before');
  const conditionsNow = async () =>
    (await west.admin.get(remoteReference('east')))?.['status'].conditions.map(
      ({ type, status, lastTransitionTime }: Record<string, string>) => ({
        type,
        status,
        lastTransitionTime,
      }),
    );
  const serving = (await conditionsNow()).find(({ type }: { type: string }) => type === 'Serving');

  const { token: old } = await scene.connection('west', 'east');
  const ending = await accountToken(east, reader, 5);
  const text = Buffer.from((await west.admin.get(secret))?.['data'].kubeconfig, 'base64').toString();
  const putAt = performance.now();
  await west.admin.merge(secret, {
    data: { kubeconfig: Buffer.from(text.replace(old, ending)).toString('base64') },
  });
  const { token } = await waitFor(
    'the controller has put a new token',
    () => scene.connection('west', 'east'),
    seen => seen.token !== ending,
  );
  console.log(`renewed after ${((performance.now() - putAt) / 1_000).toFixed(1)} s`);
  const { life } = tokenClaims(token) ?? {};
  expect((life?.to ?? 0) - (life?.from ?? 0)).toBe(600_000);

  const api = east.api({ token: ending });
  const refused = () => api.request('GET', '/apis/about.k8s.io/v1beta1/clusterproperties');
  await waitFor('the old one has ended', refused, ({ status }) => status === 401, 30_000);
  api.close();
  // From here on every request has to bear the new one.
  link.resetConnections();
  await sleep(500);
  await give('after');
  // A question that was on its way when its connection was reset counts as unanswered, until the next.
  const conditions = await waitFor('it answers and is synced', conditionsNow, seen =>
    ['ControlPlaneReachable', 'Synced'].every(wanted =>
      seen.some(({ type, status }: Record<string, string>) => type === wanted && status === 'True'),
    ),
  );
  expect(conditions).toContainEqual(serving);
  const metadata = { name: namespace };
  for (const { admin } of [east, west]) await admin.delete({ apiVersion: 'v1', kind: 'Namespace', metadata });
  await scene.part();
  await link.close();
});
