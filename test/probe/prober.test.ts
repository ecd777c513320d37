import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DataPath } from '../../src/objects/node-annotations.ts';
import type { Target } from '../../src/paths/target.ts';
import { Prober } from '../../src/probe/prober.ts';
import { VirtualClock } from '../kit/clock.ts';
import { SimulatedPaths } from '../kit/simulated-paths.ts';

let clock: VirtualClock;
let network: SimulatedPaths;
let prober: Prober;
let published: Map<string, DataPath>;
/** `seconds cluster family: verdict finding`. */
let changes: string[];

const SOURCES = { IPv4: '10.11.1.0', IPv6: 'fd00:11:1::' };

function nodes(cluster: string, count: number, family: Target['family'] = 'IPv4'): Target[] {
  const network = { west: 21, north: 31 }[cluster];
  return Array.from({ length: count }, (_, number) => ({
    cluster,
    uid: `${cluster}${number}`,
    name: `node-${number}`,
    family,
    address: family === 'IPv4' ? `10.${network}.${number}.1` : `fd00:${network}:${number}::1`,
    mtu: 1450,
  }));
}

const probe = (targets: readonly Target[], sources: object = SOURCES): void =>
  prober.probe({ own: 'e1', sources, targets });

const verdicts = (): string =>
  [...prober.verdicts()].map(([cluster, verdict]) => `${cluster}=${verdict ?? '?'}`).join(' ');

/** Addresses that are asked on the only path. */
const asked = (): string[] =>
  [...prober.paths.values()].flatMap(({ readings }) => readings.map(({ address }) => address));

/** Advances to the first change of `what` and returns how many milliseconds that took. */
async function until(wanted: string, limit = 30_000): Promise<number> {
  const start = clock.now();
  while (verdicts() !== wanted) {
    if (clock.now() - start > limit) throw new Error(`not ${wanted} within ${limit} ms: ${verdicts()}`);
    await clock.advance(50);
  }
  return clock.now() - start;
}

beforeEach(() => {
  clock = new VirtualClock();
  network = new SimulatedPaths(clock);
  published = new Map();
  changes = [];
  let drawn = 0n;
  prober = new Prober({
    clock,
    random: () => 0.5,
    nonce: () => {
      drawn += 1n;
      return drawn;
    },
    asker: answered => network.answersTo(answered),
    published: () => published,
    changed: ({ path: { cluster, family }, state: { verdict, finding } }) =>
      changes.push(`${cluster} ${family}: ${verdict} ${finding ?? ''}`.trim()),
  });
});

afterEach(() => {
  prober.stop();
});

describe('one cluster', () => {
  test('unknown, then up within seconds, told once', async () => {
    probe(nodes('west', 5));
    expect(verdicts()).toBe('west=?');
    expect(await until('west=up')).toBeLessThan(3_000);
    await clock.advance(60_000);
    expect(changes).toEqual(['west IPv4: up']);
  });

  test.each([1, 2, 3, 100])('of %i nodes, cut: down within 6 s, and up again within 10 s', async count => {
    probe(nodes('west', count));
    await until('west=up');
    await clock.advance(7_300);
    network.cut = true;
    const took = await until('west=down');
    expect(took).toBeGreaterThan(3_000);
    expect(took).toBeLessThan(6_000);
    network.cut = false;
    expect(await until('west=up')).toBeLessThan(10_000);
    expect(changes).toEqual(['west IPv4: up', 'west IPv4: down silent', 'west IPv4: up']);
  });

  test('a path that is narrower than announced is found, and what it is', async () => {
    probe(nodes('west', 3));
    await until('west=up');
    network.width = 1_400 - 28;
    expect(await until('west=down')).toBeLessThan(8_000);
    expect(changes.at(-1)).toBe('west IPv4: down mtu');
  });

  test.each([
    { loss: 'datagrams', finding: 'datagrams' },
    { loss: 'streams', finding: 'stream' },
  ] as const)('$loss lost: down within 10 s by the finding $finding', async ({ loss, finding }) => {
    probe(nodes('west', 3));
    await until('west=up');
    network.lossOf = loss;
    expect(await until('west=down')).toBeLessThan(10_000);
    expect(changes.at(-1)).toBe(`west IPv4: down ${finding}`);
  });

  test('a slow path is not a dead one', async () => {
    network.roundTrip = 1_200;
    probe(nodes('west', 3));
    await until('west=up');
    await clock.advance(60_000);
    expect(changes).toEqual(['west IPv4: up']);
  });

  test('a process that was stopped for a minute blames nobody', async () => {
    probe(nodes('west', 3));
    await until('west=up');
    clock.jump(60_000);
    await clock.advance(10_000);
    expect(changes).toEqual(['west IPv4: up']);
  });

  test('a node that lost its own address cannot tell', async () => {
    probe(nodes('west', 3));
    await until('west=up');
    probe(nodes('west', 3), {});
    await clock.advance(60_000);
    expect(verdicts()).toBe('west=up');
  });
});

describe('nodes of a cluster', () => {
  test('one of three that dies is not the cluster, and another is asked beside it', async () => {
    probe(nodes('west', 10));
    await until('west=up');
    const before = asked();
    expect(before).toHaveLength(3);
    network.set(before[0] ?? '', 'dead');
    await clock.advance(30_000);
    expect(changes).toEqual(['west IPv4: up']);
    expect(asked()).toHaveLength(4);
    expect(asked()).toEqual(expect.arrayContaining(before));
  });

  test('nor are all three that are asked, of more', async () => {
    probe(nodes('west', 10));
    await until('west=up');
    for (const address of asked()) network.set(address, 'dead');
    await clock.advance(60_000);
    expect(changes).toEqual(['west IPv4: up']);
    expect(asked()).toHaveLength(6);
  });

  test('one of two is enough', async () => {
    probe(nodes('west', 2));
    await until('west=up');
    network.set('10.21.0.1', 'dead');
    await clock.advance(60_000);
    expect(changes).toEqual(['west IPv4: up']);
  });

  test('agents that are being replaced are no dead path: the kernel refuses', async () => {
    probe(nodes('west', 1));
    await until('west=up');
    network.set('10.21.0.1', 'refuses');
    await clock.advance(60_000);
    expect(changes).toEqual(['west IPv4: up']);
  });

  test('those that go are asked no more, and others are', async () => {
    const all = nodes('west', 10);
    probe(all);
    await until('west=up');
    const [gone] = asked();
    probe(all.filter(({ address }) => address !== gone));
    const before = network.asked.get(gone ?? '');
    await clock.advance(5_000);
    expect(network.asked.get(gone ?? '')).toBe(before);
    expect(asked()).toHaveLength(3);
  });

  test('all of them replaced at once: the path goes on', async () => {
    probe(nodes('west', 3));
    await until('west=up');
    probe(nodes('west', 9).slice(6));
    await clock.advance(30_000);
    expect(changes).toEqual(['west IPv4: up']);
  });
});

describe('several paths', () => {
  test('a cluster is up while one family is', async () => {
    const six = nodes('west', 1, 'IPv6');
    probe([...nodes('west', 1), ...six]);
    await until('west=up');
    network.set(six[0]?.address ?? '', 'dead');
    await clock.advance(20_000);
    expect(changes.at(-1)).toBe('west IPv6: down silent');
    expect(verdicts()).toBe('west=up');
    network.cut = true;
    expect(await until('west=down')).toBeLessThan(6_000);
  });

  test('one dead cluster leaves the others alone; one that is gone leaves nothing', async () => {
    probe([...nodes('west', 2), ...nodes('north', 2)]);
    await until('west=up north=up');
    for (const { address } of nodes('west', 2)) network.set(address, 'dead');
    await until('west=down north=up');
    probe(nodes('north', 2));
    expect(verdicts()).toBe('north=up');
    probe([]);
    expect(verdicts()).toBe('');
    expect(clock.timers).toBeLessThan(10);
  });

  test('what was published is where it starts from', async () => {
    published = new Map([['west', 'down']]);
    probe(nodes('west', 2));
    expect(verdicts()).toBe('west=down');
    expect(await until('west=up')).toBeGreaterThan(5_000);
  });
});

test('what it costs: a second is three small datagrams, one large, half a stream, and never two streams to one node', async () => {
  probe(nodes('west', 100));
  await clock.advance(100_000);
  const total = [...network.asked.values()].reduce((sum, count) => sum + count, 0);
  expect(total / 100).toBeGreaterThan(4.4);
  expect(total / 100).toBeLessThan(4.6);
  network.cut = true;
  await clock.advance(100_000);
  expect(network.mostStreams).toBe(1);
});

test('answers that nobody asked for, or not like this, count as none', async () => {
  network.cut = true;
  probe(nodes('west', 1));
  const small = () => [...prober.paths.values()][0]?.readings[0]?.probes.small;
  for (let second = 0; second < 5; second++) {
    await clock.advance(1_000);
    network.forge('10.21.0.1', 16, 10_000n);
    for (let nonce = 1n; nonce < 50n; nonce++) {
      network.forge('10.21.0.1', 17, nonce);
      network.forge('10.21.0.2', 16, nonce);
    }
  }
  expect(small()).toEqual({ last: 'lost' });
  // As asked it would have counted.
  for (let nonce = 1n; nonce < 50n; nonce++) network.forge('10.21.0.1', 16, nonce);
  expect(small()).toEqual({ last: 'answered', heardAgo: 0 });
});

test('stopped, it leaves nothing running', async () => {
  probe([...nodes('west', 3), ...nodes('north', 3, 'IPv6')]);
  await clock.advance(5_000);
  prober.stop();
  await clock.advance(5_000);
  expect(clock.timers).toBe(0);
});
