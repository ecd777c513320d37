import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountToken, revokeTokens } from '../bed/accounts.ts';
import type { Cluster } from '../bed/cluster.ts';
import { remoteReference, untilCondition } from '../bed/look.ts';
import type { Member } from '../bed/member.ts';
import type { Workload } from '../bed/workload.ts';
import { waitFor } from '../kit/wait.ts';
import { Scene, settled, window } from './faults-scene.ts';

/** East and north give to west; their credentials end, and then they do. */
const reader = { namespace: 'causeway-exports-west', name: 'west' };
const remotes = ['east', 'north'] as const;

let scene: Scene;
let east: Cluster;
let west: Member;
let pods: Record<'east' | 'north' | 'west', Workload>;
let alone: Workload;

beforeAll(async () => {
  scene = await Scene.set('several', ['east', 'west', 'north']);
  east = scene.cluster('east');
  west = scene.member('west');
  const deploy = (cluster: string): Promise<Workload> => scene.export(cluster, 'pods', { headless: true });
  const [ofEast, ofNorth, ofWest, only] = await Promise.all([
    deploy('east'),
    deploy('north'),
    deploy('west'),
    scene.export('east', 'alone', { headless: true, replicas: 2 }),
  ]);
  pods = { east: ofEast, north: ofNorth, west: ofWest };
  alone = only;
  await scene.untilAnswered('pods', addressesOf('east', 'north', 'west'));
  await scene.untilAnswered('alone', alone.addresses());
});

afterAll(async () => {
  await scene?.end();
});

function addressesOf(...clusters: readonly (keyof typeof pods)[]): string[] {
  return clusters.flatMap(cluster => pods[cluster].addresses());
}

test('the token of a remote credential is revoked, and another is given: it is said, and no answer changes', async () => {
  const token = await accountToken(east, reader);
  const link = west.links.get('east');
  if (link === undefined) throw new Error('west has no link to east');
  const give = (text: string): Promise<void> =>
    west.giveKubeconfig('east', east.kubeconfigText({ token: text, link, namespace: reader.namespace }));
  await give(token);
  await untilCondition(west.cluster, remoteReference('east'), 'Synced', 'True');
  const asking = await scene.watch(['pods', 'alone']);
  await sleep(300);
  await revokeTokens(east, reader, token);
  const condition = await untilCondition(
    west.cluster,
    remoteReference('east'),
    'Synced',
    'False CredentialRefused',
  );
  expect(condition.message).toContain('Put a credential into the Secret');
  await sleep(window + 1_000);
  await untilCondition(west.cluster, remoteReference('east'), 'Serving', 'True');
  await untilCondition(west.cluster, remoteReference('east'), 'ControlPlaneReachable', 'True');

  await give(await accountToken(east, reader));
  await untilCondition(west.cluster, remoteReference('east'), 'Synced', 'True');
  const asked = await asking.stop();
  const everybody = addressesOf('east', 'north', 'west');
  scene.judge('token revoked', asked, 'pods', [{ from: 0, addresses: everybody }]);
  scene.judge('token revoked', asked, 'alone', [{ from: 0, addresses: alone.addresses() }]);
  await pods.east.scale(2);
  await scene.untilAnswered('pods', addressesOf('east', 'north', 'west'));
});

test('all others are away at once, seen through CoreDNS, and come back one by one', async () => {
  const coreDns = await west.startCoreDns(scene.port);
  await scene.untilAnswered('pods', addressesOf('east', 'north', 'west'), coreDns);
  await scene.untilAnswered('alone', alone.addresses(), coreDns);
  const asking = await scene.watch(['pods', 'alone'], coreDns);
  const cutAt = performance.now();
  await Promise.all(remotes.map(remote => west.links.get(remote)?.partition('drop')));
  await Promise.all(remotes.map(remote => scene.untilServing(remote, 'False Lost')));
  await pods.north.replace(0);
  await scene.untilAnswered('pods', addressesOf('west'));
  await sleep(Math.max(0, cutAt + window + cached - performance.now()));

  const northAt = performance.now();
  await west.links.get('north')?.heal();
  await scene.untilServing('north', 'True');
  await scene.untilAnswered('pods', addressesOf('north', 'west'));
  const eastAt = performance.now();
  await west.links.get('east')?.heal();
  await scene.untilServing('east', 'True');
  await scene.untilAnswered('pods', addressesOf('east', 'north', 'west'), coreDns);
  const asked = await asking.stop();
  const all = addressesOf('east', 'north', 'west');
  scene.judge('all others away, through CoreDNS', asked, 'pods', [
    {
      from: 0,
      addresses: [
        ...all,
        ...replaced(
          asked.map(each => each.addresses),
          all,
        ),
      ],
    },
    { from: cutAt, addresses: addressesOf('west'), grace: window + cached },
    { from: northAt, addresses: addressesOf('north', 'west') },
    { from: eastAt, addresses: all },
  ]);
  scene.judge('all others away, through CoreDNS', asked, 'alone', [
    { from: 0, addresses: alone.addresses() },
  ]);
  await waitFor(
    'nothing is stale',
    () => scene.answer('alone'),
    seen => seen !== 'NXDOMAIN',
    settled,
  );
});

/** CoreDNS keeps an answer for its time to live, 5 s where nobody says otherwise. */
const cached = 5_500;

/** What was given at first and is not any more: the pod of north that was replaced. */
function replaced(answers: readonly (readonly string[])[], now: readonly string[]): string[] {
  return (answers[0] ?? []).filter(address => !now.includes(address));
}
