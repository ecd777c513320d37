import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Causeway, Member } from '../bed/member.ts';
import type { Workload } from '../bed/workload.ts';
import { dig } from '../kit/dig.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/leftovers.ts';
import { freePort } from '../kit/ports.ts';
import { waitFor } from '../kit/wait.ts';
import { Scene, settled } from './faults-scene.ts';

/** West's own API server is away: what its DNS daemon, running or started anew, makes of it. */
let scene: Scene;
let west: Member;
let state: TemporaryFolder;
let pods: Workload;
let daemon: Causeway;

beforeAll(async () => {
  scene = await Scene.set('dns', ['east', 'west']);
  west = scene.member('west');
  state = await temporaryFolder('state');
  pods = await scene.export('east', 'pods', { headless: true, replicas: 2 });
  await scene.export('east', 'gone', { headless: true });
  await scene.untilAnswered('pods', pods.addresses());
  await waitFor(
    'gone is imported',
    () => scene.answer('gone'),
    seen => seen !== 'NXDOMAIN',
    settled,
  );
});

afterAll(async () => {
  await scene?.end();
  await state?.remove();
});

async function mesh({ http }: Causeway): Promise<{ stale: boolean; synced: boolean; services: number }> {
  const reply = await fetch(`http://${http}/debug/mesh`);
  return (await reply.json()) as { stale: boolean; synced: boolean; services: number };
}

async function isStale({ http }: Causeway): Promise<boolean> {
  const text = await (await fetch(`http://${http}/metrics`)).text();
  return /^causeway_source_stale 1$/m.test(text);
}

describe("west's API server is away", () => {
  test('a daemon that runs answers on, and follows again when it is back', async () => {
    const port = await freePort();
    daemon = await west.startDns(port, { stateDir: state.path });
    await scene.untilAnswered('pods', pods.addresses(), port);
    const asking = await scene.watch(['pods', 'gone'], port);
    const gone = await scene.answer('gone', port);
    await sleep(300);
    await west.cluster.kill();
    await waitFor('it says that it is stale', () => isStale(daemon), Boolean, settled);
    expect(await mesh(daemon)).toMatchObject({ synced: true, stale: true });
    await sleep(2_000);
    await west.cluster.start();
    await waitFor('it is current again', async () => !(await isStale(daemon)), Boolean, 40_000);
    const asked = await asking.stop();
    scene.judge('own API server killed', asked, 'pods', [{ from: 0, addresses: pods.addresses() }]);
    scene.judge('own API server killed', asked, 'gone', [{ from: 0, addresses: [gone] }]);
    await pods.scale(3);
    await scene.untilAnswered('pods', pods.addresses(), port);
  });

  test('one that starts answers from the snapshot, one without says SERVFAIL; both converge', async () => {
    const before = pods.addresses();
    await waitForSnapshot(before);
    const gone = await scene.answer('gone');
    await daemon.stop();
    const [withPort, withoutPort] = [await freePort(), await freePort()];
    const kubeconfig = await west.dnsKubeconfig();
    await west.cluster.kill();
    const withState = await west.startDns(withPort, { stateDir: state.path, kubeconfig });
    const without = await west.startDns(withoutPort, { untilReady: false, kubeconfig });
    await scene.untilAnswered('pods', before, withPort);
    expect(await scene.answer('gone', withPort)).toBe(gone);
    expect(await mesh(withState)).toMatchObject({ synced: true, stale: true });
    expect(await isStale(withState)).toBe(true);
    await waitFor(
      'without a snapshot',
      () => scene.answer('pods', withoutPort),
      seen => seen === 'SERVFAIL',
      settled,
    );
    expect((await fetch(`http://${without.http}/readyz`)).status).toBe(503);

    // Deleted while neither daemon can see it: the export goes in east, and west's controller tells when it can.
    await scene.unexport('east', 'gone');
    const asking = await scene.watch(['pods'], withPort);
    await west.cluster.start();
    await scene.untilAnswered('gone', [], withPort);
    await scene.untilAnswered('gone', [], withoutPort);
    await scene.untilAnswered('pods', before, withoutPort);
    await waitFor('it is current', async () => !(await isStale(withState)), Boolean, 40_000);
    scene.judge('started from a snapshot', await asking.stop(), 'pods', [{ from: 0, addresses: before }]);
    expect((await dig(withPort, scene.nameOf('nothing'))).status).toBe('NXDOMAIN');
  });
});

/** The snapshot is written some seconds after the last change. */
async function waitForSnapshot(addresses: readonly string[]): Promise<void> {
  const look = (): Promise<string> => readFile(`${state.path}/snapshot.ndjson`, 'utf8');
  const holds = (text: string): boolean => addresses.every(address => text.includes(`"${address}"`));
  await waitFor('the snapshot has the last change', look, holds, 20_000);
}
