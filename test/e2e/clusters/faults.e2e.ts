import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../bed/cluster.ts';
import type { Link } from '../bed/link.ts';
import { backendsOf } from '../bed/look.ts';
import type { Workload } from '../bed/workload.ts';
import { waitFor } from '../kit/wait.ts';
import { Scene, settled, window } from './faults-scene.ts';

/**
 * East is lost to west in every way that a cluster can be. Its services are exported by west too, or by it alone; what
 * is changed meanwhile, on either side, arrives.
 */
let scene: Scene;
let east: Cluster;
let link: Link;
/** Headless, of both. */
let pods: { east: Workload; west: Workload };
/** Weighted, so that its names lead to single clusters; of both. */
let shares: { east: Workload; west: Workload };
/** Headless, of east alone. */
let alone: Workload;
let round = 0;

beforeAll(async () => {
  scene = await Scene.set('faults', ['east', 'west']);
  east = scene.cluster('east');
  const found = scene.member('west').links.get('east');
  if (found === undefined) throw new Error('west has no link to east');
  link = found;
  const weighted = { 'causeway.dev/weight': '1' };
  const both = <T>(make: (cluster: string) => Promise<T>): Promise<[T, T]> =>
    Promise.all([make('east'), make('west')]);
  const [ofPods, ofShares, only] = await Promise.all([
    both(cluster => scene.export(cluster, 'pods', { headless: true, replicas: 2 })),
    both(cluster => scene.export(cluster, 'shares', { replicas: 2 }, weighted)),
    scene.export('east', 'alone', { headless: true, replicas: 2 }),
    scene.export('west', 'local', { headless: true }),
  ]);
  pods = { east: ofPods[0], west: ofPods[1] };
  shares = { east: ofShares[0], west: ofShares[1] };
  alone = only;
});

afterAll(async () => {
  await scene?.end();
});

interface Fault {
  readonly name: string;
  /** What was asked of east's API server meanwhile is done: it is away for west alone. */
  readonly onlyLink?: boolean;
  cut(): Promise<void>;
  mend(): Promise<void>;
}

const faults: readonly Fault[] = [
  { name: 'killed', cut: () => east.kill(), mend: () => east.start() },
  { name: 'paused', cut: () => east.pause(), mend: () => east.resume() },
  { name: 'stopped', cut: () => east.stop(), mend: () => east.start() },
  ...(['refuse', 'drop', 'reset'] as const).map(cut => ({
    name: `partitioned (${cut})`,
    onlyLink: true,
    cut: () => link.partition(cut),
    mend: () => link.heal(),
  })),
];

describe.each(faults)(
  "east's API server is $name, and comes back",
  ({ name, onlyLink = false, cut, mend }) => {
    test('no answer is wrong or missing where west can serve, and what east alone has stays', async () => {
      const before = [...pods.east.addresses(), ...pods.west.addresses()];
      await scene.untilAnswered('pods', before);
      await scene.untilAnswered('alone', alone.addresses());
      const toEast = await scene.clusterAddress('shares', 'east');
      const toWest = await scene.clusterAddress('shares', 'west');
      const lastKnown = alone.addresses();
      await waitFor(
        'shares is answered',
        () => scene.answer('shares'),
        seen => seen === toEast,
        settled,
      );
      await waitFor(
        'shares is answered',
        () => scene.answer('shares'),
        seen => seen === toWest,
        settled,
      );
      const asking = await scene.watch(['pods', 'shares', 'alone']);
      await sleep(500);

      const cutAt = performance.now();
      await cut();
      await scene.untilServing('east', 'False Lost');
      await changeWhileAway(onlyLink);
      await sleep(Math.max(0, cutAt + window + 500 - performance.now()));
      expect(await backendsBehind(toEast)).toEqual(
        shares.west
          .addresses()
          .map(address => `${address}:80`)
          .toSorted(),
      );

      const mendedAt = performance.now();
      await mend();
      await untilBack(toEast);
      const changedAt = performance.now();
      if (!onlyLink) await changeEast();
      await untilChanged();
      const asked = await asking.stop();

      const after = [...pods.east.addresses(), ...pods.west.addresses()];
      const measured = scene.judge(name, asked, 'pods', [
        { from: 0, addresses: before },
        { from: cutAt, addresses: pods.west.addresses(), grace: window },
        ...(onlyLink ? [] : [{ from: mendedAt, addresses: before }]),
        { from: onlyLink ? mendedAt : changedAt, addresses: after, grace: onlyLink ? 0 : settled },
      ]);
      expect(measured).toBeGreaterThan(0);
      scene.judge(name, asked, 'shares', [
        { from: 0, addresses: [toEast, toWest] },
        { from: cutAt, addresses: [toWest], grace: window },
        { from: mendedAt, addresses: [toEast, toWest] },
      ]);
      scene.judge(name, asked, 'alone', [
        { from: 0, addresses: lastKnown },
        { from: mendedAt, addresses: alone.addresses(), grace: settled },
      ]);
      const stale = asked.filter(({ extendedErrors }) => extendedErrors.includes(staleAnswer));
      expect(new Set(stale.map(each => each.name))).toEqual(new Set([scene.nameOf('alone')]));
      expect(stale.length).toBeGreaterThan(0);
      expect(stale.every(({ at }) => at >= cutAt)).toBe(true);
    });
  },
);

/** RFC 8914. */
const staleAnswer = 3;

/** West works on; and east, where it can be reached by others. */
async function changeWhileAway(onlyLink: boolean): Promise<void> {
  round++;
  const local = await scene.export('west', `local-${round}`, { headless: true, replicas: 2 });
  await scene.untilAnswered(`local-${round}`, local.addresses());
  await local.scale(1);
  await scene.untilAnswered(`local-${round}`, local.addresses());
  await scene.unexport('west', `local-${round}`);
  await scene.untilAnswered(`local-${round}`, []);
  if (onlyLink) await changeEast();
}

async function changeEast(): Promise<void> {
  const step = round % 2 === 0 ? 1 : 3;
  await Promise.all([
    pods.east.replace(0),
    alone.scale(step),
    scene.export('east', `new-${round}`, { headless: true }),
    scene.unexport('east', `new-${round - 1}`),
  ]);
}

async function untilBack(toEast: string): Promise<void> {
  await scene.untilServing('east', 'True');
  await scene.untilAnswered('pods', [...pods.east.addresses(), ...pods.west.addresses()]);
  const ofEast = shares.east
    .addresses()
    .map(address => `${address}:80`)
    .toSorted();
  await waitFor(
    'the address of east leads to east',
    () => backendsBehind(toEast),
    seen => `${seen}` === `${ofEast}`,
  );
}

async function untilChanged(): Promise<void> {
  await scene.untilAnswered('alone', alone.addresses());
  await scene.untilAnswered('pods', [...pods.east.addresses(), ...pods.west.addresses()]);
  await waitFor(
    `new-${round} is imported`,
    () => scene.answer(`new-${round}`),
    seen => seen !== 'NXDOMAIN',
    settled,
  );
  await scene.untilAnswered(`new-${round - 1}`, []);
}

/** Where the Service with this cluster IP leads to. */
async function backendsBehind(clusterIP: string): Promise<string[]> {
  const { namespace } = scene;
  const services = await scene.cluster('west').admin.list('v1', 'Service', namespace);
  const name = services.find(({ spec }) => spec.clusterIP === clusterIP)?.metadata.name ?? '';
  const backends = await backendsOf(scene.cluster('west'), { namespace, name });
  return backends.map(backend => backend.split(' to ')[1] ?? '').toSorted();
}
