import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backendsOf } from '../bed/look.ts';
import type { Workload } from '../bed/workload.ts';
import { draw } from '../kit/draws.ts';
import { waitFor } from '../kit/wait.ts';
import { Scene, settled, window } from './faults-scene.ts';

/** Three clusters share one service; two of them are lost to a client in west, one after the other, and come back. */
type Name = 'east' | 'north' | 'west';
const names: readonly Name[] = ['east', 'north', 'west'];
type Each<T> = Readonly<Record<Name, T>>;

let scene: Scene;

beforeAll(async () => {
  scene = await Scene.set('shares', names);
});

afterAll(async () => {
  await scene?.end();
});

async function each<T>(make: (cluster: Name) => Promise<T>): Promise<Each<T>> {
  const made = await Promise.all(names.map(async name => [name, await make(name)] as const));
  return Object.fromEntries(made) as unknown as Each<T>;
}

interface Shared {
  readonly service: string;
  readonly pods: Each<Workload>;
  /** The addresses in west that stand for one cluster each. */
  readonly addresses: Each<string>;
}

async function share(service: string, annotations: (cluster: Name) => object): Promise<Shared> {
  const pods = await each(name => scene.export(name, service, {}, { ...annotations(name) }));
  const addresses = await each(name => scene.clusterAddress(service, name));
  return { service, pods, addresses };
}

/** Resolves once clients are led to just these clusters. */
async function untilLedTo({ service, addresses }: Shared, expected: readonly Name[]): Promise<void> {
  const look = async (): Promise<Name[]> => {
    const seen = await draw(scene.port, scene.nameOf(service), 64);
    return names.filter(name => seen.has(addresses[name]));
  };
  await waitFor(`${service} leads to ${expected}`, look, seen => `${seen}` === `${expected}`, settled);
}

/** Where connections to the address that stands for a cluster go. */
async function untilBehind(shared: Shared, name: Name, expected: readonly Name[]): Promise<void> {
  const address = shared.addresses[name];
  const { namespace } = scene;
  const look = async (): Promise<string[]> => {
    const services = await scene.cluster('west').admin.list('v1', 'Service', namespace);
    const found = services.find(({ spec }) => spec.clusterIP === address);
    return found === undefined
      ? []
      : backendsOf(scene.cluster('west'), { namespace, name: found.metadata.name });
  };
  const pods = expected.flatMap(one => shared.pods[one].addresses().map(each => `TCP/80 to ${each}:80`));
  await waitFor(
    `the address of ${name} leads to ${expected}`,
    look,
    seen => `${seen}` === `${pods.toSorted()}`,
    settled,
  );
}

async function lose(name: Name): Promise<void> {
  await scene.member('west').links.get(name)?.partition('drop');
  await scene.untilServing(name, 'False Lost');
}

async function find(name: Name): Promise<void> {
  await scene.member('west').links.get(name)?.heal();
  await scene.untilServing(name, 'True');
}

describe('weights of 6 (east), 3 (north) and 1 (west)', () => {
  const weights: Each<number> = { east: 6, north: 3, west: 1 };

  /** Five standard deviations of a binomial distribution: by chance alone fails one run in 1.7 million. */
  async function expectShares({ service, addresses }: Shared, clusters: readonly Name[]): Promise<void> {
    const count = 3_000;
    const seen = await draw(scene.port, scene.nameOf(service), count);
    const sum = clusters.reduce((total, name) => total + weights[name], 0);
    for (const name of names) {
      const share = clusters.includes(name) ? weights[name] / sum : 0;
      const far = Math.abs((seen.get(addresses[name]) ?? 0) - count * share);
      expect({ name, share, isNear: far <= 5 * Math.sqrt(count * share * (1 - share)) }).toMatchObject({
        isNear: true,
      });
    }
  }

  test('hold among those that are left, and among all when they are back', async () => {
    const shared = await share('weighted', name => ({ 'causeway.dev/weight': `${weights[name]}` }));
    const { addresses } = shared;
    await untilLedTo(shared, names);
    await expectShares(shared, names);
    const asking = await scene.watch([shared.service]);

    const eastAt = performance.now();
    await lose('east');
    await untilLedTo(shared, ['north', 'west']);
    await expectShares(shared, ['north', 'west']);
    await untilBehind(shared, 'east', ['north', 'west']);
    await untilBehind(shared, 'north', ['north']);
    await sleep(Math.max(0, eastAt + window - performance.now()));

    const northAt = performance.now();
    await lose('north');
    await untilLedTo(shared, ['west']);
    await expectShares(shared, ['west']);
    await untilBehind(shared, 'east', ['west']);
    await untilBehind(shared, 'north', ['west']);
    await sleep(Math.max(0, northAt + window - performance.now()));

    const backAt = performance.now();
    await find('east');
    await untilLedTo(shared, ['east', 'west']);
    await expectShares(shared, ['east', 'west']);
    await find('north');
    await untilLedTo(shared, names);
    await expectShares(shared, names);
    for (const name of names) await untilBehind(shared, name, [name]);
    scene.judge('two of three lost', await asking.stop(), shared.service, [
      { from: 0, addresses: Object.values(addresses) },
      { from: eastAt, addresses: [addresses.north, addresses.west], grace: window },
      { from: northAt, addresses: [addresses.west], grace: window },
      { from: backAt, addresses: Object.values(addresses) },
    ]);
  });
});

describe('affinity', () => {
  const to = (affinity: string) => () => ({ 'causeway.dev/affinity': affinity });

  test('remote: the other one of two remote clusters, then the own one, then the first again', async () => {
    const shared = await share('remote', to('remote'));
    await untilLedTo(shared, ['east', 'north']);
    await lose('east');
    await untilLedTo(shared, ['north']);
    await untilBehind(shared, 'east', ['north', 'west']);
    await lose('north');
    await untilLedTo(shared, ['west']);
    await untilBehind(shared, 'north', ['west']);
    await find('east');
    await untilLedTo(shared, ['east']);
    await untilBehind(shared, 'east', ['east']);
    await find('north');
    await untilLedTo(shared, ['east', 'north']);
  });

  test('local: all remote clusters, then the one that is not lost; the last known where none is', async () => {
    const shared = await share('local', to('local'));
    await untilLedTo(shared, ['west']);
    await shared.pods.west.ready(0, false);
    await untilLedTo(shared, ['east', 'north']);
    await lose('north');
    await untilLedTo(shared, ['east']);
    await untilBehind(shared, 'west', ['east']);
    await lose('east');
    // Nobody is left: an old address beats none.
    await untilLedTo(shared, ['east', 'north']);
    await untilBehind(shared, 'east', ['east']);
    await shared.pods.west.ready(0, true);
    await untilLedTo(shared, ['west']);
    await untilBehind(shared, 'east', ['west']);
    await find('east');
    await find('north');
    await untilBehind(shared, 'east', ['east']);
    await untilLedTo(shared, ['west']);
  });
});
