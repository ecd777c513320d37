import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tokenClaims } from '../../../src/objects/token.ts';
import { remoteReference, untilImported } from '../bed/look.ts';
import { serviceExport } from '../bed/member.ts';
import { Workload } from '../bed/workload.ts';
import { waitFor } from '../kit/wait.ts';
import { ConnectScene, changesOf, connectOf, disconnectOf, kindsOfConnection } from './connect-scene.ts';

/** `causeway connect` on clusters whose controllers run with the rights of deploy/. */
let scene: ConnectScene;

beforeAll(async () => {
  scene = await ConnectScene.set();
});
beforeEach(() => scene.part());
afterAll(() => scene?.end());

const both = [
  ['east', 'west'],
  ['west', 'east'],
] as const;

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

describe('two clusters', () => {
  test('are connected, both ways, in less than ten seconds; again, nothing changes', async () => {
    const first = await scene.connect('-o', 'json');
    console.log(`connect to Synced: ${seconds(first.milliseconds)}`);
    expect(first).toMatchObject({ code: 0 });
    expect(first.milliseconds).toBeLessThan(10_000);
    expect(connectOf(first).links).toMatchObject([
      { reader: 'east', source: 'west', credential: 'new', synced: 'True', serving: 'True' },
      { reader: 'west', source: 'east', credential: 'new', synced: 'True', serving: 'True' },
    ]);
    expect(changesOf(connectOf(first))).toEqual(['created']);
    for (const [reader, source] of both) {
      const { life } = tokenClaims((await scene.connection(reader, source)).token) ?? {};
      expect((life?.to ?? 0) - (life?.from ?? 0)).toBe(30 * 86_400_000);
    }

    const credentials = () => Promise.all(both.map(([reader, source]) => scene.connection(reader, source)));
    const before = await credentials();
    const second = await scene.connect('-o', 'json');
    console.log(`connect again: ${seconds(second.milliseconds)}`);
    expect(second.code).toBe(0);
    expect(changesOf(connectOf(second))).toEqual(['unchanged']);
    expect(connectOf(second).links.map(({ credential }) => credential)).toEqual(['kept', 'kept']);
    expect(await credentials()).toEqual(before);
  });

  test('are shown in a table, with what an operator has to know', async () => {
    const { code, output, told } = await scene.connect();
    expect(code).toBe(0);
    const plain = output.replaceAll(/:\d{4,5}/g, ':PORT').replaceAll(/until \S+/g, 'until TIME');
    expect(plain.replaceAll(/ {2,}/g, '  ')).toMatchInlineSnapshot(`
      "LINK  SERVER  CREDENTIAL  OBJECTS  SYNCED  SERVING
      east reads west  https://127.0.0.1:PORT  new, until TIME  10 created  True  True
      west reads east  https://127.0.0.1:PORT  new, until TIME  10 created  True  True

      ⚠ east: https://127.0.0.1:PORT is an address that every machine has for itself: pods of another cluster do not reach it
        → give the address that they reach with --server-override or --destination-server-override
      ⚠ west: https://127.0.0.1:PORT is an address that every machine has for itself: pods of another cluster do not reach it
        → give the address that they reach with --server-override or --destination-server-override
      ? east and west: of one of them the ranges of its pods are not known: neither its nodes nor a ClusterProperty tell them
        → give them to \`causeway enable --pod-cidr\`, which records them for all

      Next: in a cluster that has a service to give, causeway export SERVICE -n NAMESPACE
      "
    `);
    const steps = told
      .trimEnd()
      .replaceAll(/ \(\d+\.\d s\)/g, '')
      .split('\n');
    // The last two go on side by side.
    expect([...steps.slice(0, 5), ...steps.slice(5).toSorted()]).toEqual([
      '✓ Look at the clusters',
      '✓ In west, let east read',
      '✓ In east, put the credential for west',
      '✓ In east, let west read',
      '✓ In west, put the credential for east',
      '✓ Wait until east follows west',
      '✓ Wait until west follows east',
    ]);
  });

  test('get each what the other exports, and lose it when they part; nothing of ours is left', async () => {
    const before = await scene.everything();
    await scene.connected();
    const namespace = `connect-${Date.now().toString(36)}`;
    const [east, west] = [scene.cluster('east'), scene.cluster('west')];
    await Promise.all([east, west].map(cluster => cluster.ensureNamespace(namespace)));
    await Workload.deploy(east, { namespace, name: 'pay' });
    await east.admin.apply(serviceExport(namespace, 'pay'));
    await untilImported(west, { namespace, name: 'pay' });
    const specs = async () => (await east.admin.list('v1', 'Service', namespace)).map(one => one['spec']);
    const native = await specs();

    const parted = await scene.disconnect('-o', 'json');
    expect(parted.code).toBe(0);
    const { removed, findings } = disconnectOf(parted);
    expect(findings).toEqual([]);
    for (const name of ['east', 'west']) {
      const there = removed.filter(({ cluster }) => cluster === name).map(({ kind }) => kind);
      expect(there.toSorted()).toEqual(kindsOfConnection);
    }
    const imports = () => west.admin.list('multicluster.x-k8s.io/v1beta1', 'ServiceImport', namespace);
    await waitFor('west has forgotten', imports, seen => seen.length === 0, 20_000);
    expect(await specs()).toEqual(native);
    const metadata = { name: namespace };
    for (const { admin } of [east, west])
      await admin.delete({ apiVersion: 'v1', kind: 'Namespace', metadata });
    const same = JSON.stringify(before);
    await waitFor(
      'all is as it was',
      () => scene.everything(),
      seen => JSON.stringify(seen) === same,
      60_000,
    );
  });

  test('one way: only the first reads the other', async () => {
    expect((await scene.connected('--one-way')).links).toHaveLength(1);
    expect(await scene.cluster('west').admin.get(remoteReference('east'))).toBeUndefined();
    expect(await scene.cluster('east').admin.get(remoteReference('west'))).toBeDefined();
  });

  test('take weight, region and address, and keep what is not said again', async () => {
    const { port } = new URL(/https:\S+/.exec(scene.cluster('east').kubeconfigText())?.[0] ?? '');
    const override = `https://localhost:${port}`;
    await scene.connected(
      '--weight',
      '80',
      '--region',
      'eu',
      '--destination-region',
      'us',
      '--server-override',
      override,
    );
    const remote = await scene.cluster('west').admin.get(remoteReference('east'));
    expect(remote).toMatchObject({ metadata: { labels: { region: 'eu' } }, spec: { weight: 80 } });
    expect((await scene.connection('west', 'east')).server).toBe(override);

    expect(changesOf(await scene.connected())).toEqual(['unchanged']);
    expect((await scene.connection('west', 'east')).server).toBe(override);

    await scene.connected('--server-override', `https://127.0.0.1:${port}`);
    expect((await scene.connection('west', 'east')).server).toBe(`https://127.0.0.1:${port}`);
    expect((await scene.cluster('west').admin.get(remoteReference('east')))?.['spec'].weight).toBe(80);
  });

  test('by a token without an end where that is asked for, and by one with an end again', async () => {
    const life = async () => tokenClaims((await scene.connection('west', 'east')).token);
    await scene.connected('--long-lived-token');
    expect(await life()).toMatchObject({ life: undefined });
    expect(changesOf(await scene.connected('--long-lived-token'))).toEqual(['unchanged']);
    const { findings } = await scene.connected();
    expect((await life())?.life).toBeDefined();
    expect(findings.filter(({ check }) => check === 'connect.token').map(({ found }) => found)).toEqual([
      'Secret causeway-exports-east/causeway-remote-reader of west still holds a token without an end',
      'Secret causeway-exports-west/causeway-remote-reader of east still holds a token without an end',
    ]);
  });

  test('--dry-run writes nothing', async () => {
    const before = await scene.everything();
    expect(changesOf(await scene.connected('--dry-run'))).toEqual(['created']);
    expect(await scene.everything()).toEqual(before);
  });
});

test('three clusters are connected each with each', async () => {
  const all = ['connect', '--all', '--contexts', 'east,west,north', '-o', 'json'];
  const ended = await scene.operator.run(all);
  console.log(`three clusters, each with each: ${seconds(ended.milliseconds)}`);
  expect(ended.code).toBe(0);
  const links = connectOf(ended).links.map(({ reader, source, synced }) => `${reader} ${source} ${synced}`);
  expect(links).toEqual([
    'east west True',
    'east north True',
    'west east True',
    'west north True',
    'north east True',
    'north west True',
  ]);
  expect(changesOf(connectOf(await scene.operator.run(all)))).toEqual(['unchanged']);
});

test('a controller that does not run has said nothing, whatever it has said before', async () => {
  await scene.connected();
  await Promise.all(scene.members.map(member => member.stop()));
  const { code, output } = await scene.connect('--timeout', '3s');
  await Promise.all(scene.members.map(member => member.startController()));
  expect(code).toBe(1);
  expect(output).toContain('✗ east reads west: no sign of the controller of east within 3 s');
  expect(output).toMatch(/unchanged +Unknown +Unknown/);
});
