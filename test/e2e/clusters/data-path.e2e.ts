import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { remoteReference, untilBackends, untilCondition } from '../bed/look.ts';
import type { Workload } from '../bed/workload.ts';
import { waitFor } from '../kit/wait.ts';
import { Scene } from './faults-scene.ts';
import { Tunnels } from './tunnels.ts';

/** Packets between west and east: DNS answers follow whether they get through, whatever the API servers say. */
let scene: Scene;
let tunnels: Tunnels;
let east: Workload;
let north: Workload;
let balanced: { readonly east: Workload; readonly north: Workload };

const SERVICE = 'pods';
/** One with a clusterset IP. */
const BALANCED = 'balanced';
/** From the cut to the last answer with an address that nothing gets to. */
const WINDOW = 10_000;

beforeAll(async () => {
  scene = await Scene.set('path', ['east', 'west', 'north']);
  await scene.member('east').connect(scene.member('west'));
  east = await scene.export('east', SERVICE, { headless: true, replicas: 2 });
  north = await scene.export('north', SERVICE, { headless: true });
  balanced = { east: await scene.export('east', BALANCED), north: await scene.export('north', BALANCED) };
  tunnels = await Tunnels.between([scene.cluster('east'), scene.cluster('west')]);
});
afterAll(async () => {
  await tunnels?.remove();
  await scene?.end();
});

const west = () => scene.cluster('west');
const both = (): string[] => [...east.addresses(), ...north.addresses()];
/** Where kube-proxy sends what goes to the clusterset IP. */
const balancedTo = (...workloads: readonly Workload[]): Promise<void> =>
  untilBackends(
    west(),
    { namespace: scene.namespace, name: BALANCED },
    workloads.flatMap(one => one.addresses()).map(address => `TCP/80 to ${address}:80`),
  );
const pathIs = (expected: string): Promise<unknown> =>
  untilCondition(west(), remoteReference('east'), 'DataPathReachable', expected);

test('agents that the API servers alone drive make a tunnel, and find that packets get through it', async () => {
  await waitFor(
    'both nodes say up',
    () =>
      Promise.all([tunnels.said(west(), scene.cluster('east')), tunnels.said(scene.cluster('east'), west())]),
    said => said.join() === 'up,up',
    60_000,
  ).catch(error => {
    throw new Error(tunnels.nodes.map(({ agent }) => agent.output()).join('\n'), { cause: error });
  });
  await pathIs('True');
  await scene.untilAnswered(SERVICE, both());
  await balancedTo(balanced.east, balanced.north);
});

test('the tunnel is cut, both API servers are well: answers move within 10 s, and back when it is healed', async () => {
  const asking = await scene.watch([SERVICE]);
  await sleep(1_000);
  const cut = performance.now();
  await tunnels.cut();
  await scene.untilAnswered(SERVICE, north.addresses());
  await balancedTo(balanced.north);
  await pathIs('False');
  for (const condition of ['ControlPlaneReachable', 'Synced'])
    await untilCondition(west(), remoteReference('east'), condition, 'True');
  const healed = performance.now();
  await tunnels.heal();
  await scene.untilAnswered(SERVICE, both());
  const back = performance.now() - healed;
  await balancedTo(balanced.east, balanced.north);
  await pathIs('True');
  const window = scene.judge('tunnel cut', await asking.stop(), SERVICE, [
    { from: 0, addresses: both() },
    { from: cut, addresses: north.addresses(), grace: WINDOW },
    { from: healed, addresses: both() },
  ]);
  console.log(`tunnel cut: moved after ${Math.round(window)} ms; healed: back after ${Math.round(back)} ms`);
  expect(window).toBeLessThan(WINDOW);
}, 180_000);
