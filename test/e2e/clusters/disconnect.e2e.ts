import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { remoteReference } from '../bed/look.ts';
import { ConnectScene, disconnectOf, kindsOfConnection } from './connect-scene.ts';

/** `causeway disconnect`, whatever the other cluster is up to. */
let scene: ConnectScene;

beforeAll(async () => {
  scene = await ConnectScene.set();
});
beforeEach(() => scene.part());
afterAll(() => scene?.end());

test.each([
  { how: 'is paused', away: () => scene.cluster('west').pause() },
  { how: 'has crashed', away: () => scene.cluster('west').kill() },
])(
  'a peer that $how: in less than ten seconds it is gone here, and it is said what is left there',
  async ({ away }) => {
    const before = await scene.everything();
    await scene.connected();
    await away();
    const { code, output, milliseconds } = await scene.disconnect();
    console.log(`disconnect from a dead peer: ${(milliseconds / 1_000).toFixed(1)} s`);
    expect(code).toBe(0);
    expect(output).toMatch(
      /⚠ west: it could not be reached \(.*\); if it still exists it has RemoteCluster east, Secret/,
    );
    expect(output).toContain('→ when it can be reached: causeway disconnect --context west east');
    expect(milliseconds).toBeLessThan(10_000);

    await scene.bed.restore();
    const later = await scene.operator.run(['disconnect', '--context', 'west', 'east', '-o', 'json']);
    expect(later.code).toBe(0);
    expect(
      disconnectOf(later)
        .removed.map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(kindsOfConnection);
    // Of a cluster that has just come back, namespaces take their time to go.
    await expect.poll(() => scene.everything(), { timeout: 60_000, interval: 500 }).toEqual(before);
  },
);

test('by name, where there is no context for the other one any more', async () => {
  const { east } = await scene.everything();
  await scene.connected();
  const { code, output } = await scene.operator.run(['disconnect', '--context', 'east', 'west']);
  expect(code).toBe(0);
  expect(output.replaceAll(/ {2,}/g, '  ')).toBe(`CLUSTER  KIND  NAME  CHANGE
east  RemoteCluster  west  removed
east  Secret  causeway-system/causeway-remote-west  removed
east  RoleBinding  causeway-exports/causeway-remote-reader-west  removed
east  ClusterRoleBinding  causeway-remote-reader-west  removed
east  Namespace  causeway-exports-west  removed

⚠ west: it was not asked; if it still exists it has RemoteCluster east, Secret causeway-system/causeway-remote-east, RoleBinding causeway-exports/causeway-remote-reader-east, ClusterRoleBinding causeway-remote-reader-east, Namespace causeway-exports-east
  → when it can be reached: causeway disconnect --context west east
`);
  expect((await scene.everything())['east']).toEqual(east);
});

test('one way: the other one reads on', async () => {
  await scene.connected();
  expect((await scene.disconnect('--one-way')).code).toBe(0);
  expect(await scene.cluster('east').admin.get(remoteReference('west'))).toBeUndefined();
  expect((await scene.connection('west', 'east')).namespace).toBe('causeway-exports-west');
});

test('--dry-run removes nothing, and lists the same', async () => {
  await scene.connected();
  const before = await scene.everything();
  const listed = async (...flags: string[]) =>
    disconnectOf(await scene.disconnect(...flags, '-o', 'json')).removed;
  const dry = await listed('--dry-run');
  expect(await scene.everything()).toEqual(before);
  expect(await listed()).toEqual(dry);
  expect(await listed()).toEqual([]);
});

test('leaves a Secret that somebody wrote by hand, and says so', async () => {
  const east = scene.cluster('east').admin;
  const metadata = { namespace: 'causeway-system', name: 'by-hand' };
  await east.apply({ apiVersion: 'v1', kind: 'Secret', metadata, data: {} });
  await east.apply({ ...remoteReference('west'), spec: { secretRef: { name: 'by-hand' } } });
  const { output } = await scene.disconnect();
  expect(output).toContain(
    '⚠ east: Secret causeway-system/by-hand was not made by causeway connect and is left',
  );
  await east.delete({ apiVersion: 'v1', kind: 'Secret', metadata });
});
