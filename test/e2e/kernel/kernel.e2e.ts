import { constants } from 'node:os';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { SystemCallError } from '../../../src/ops/c-library.ts';
import type { Operation } from '../../../src/routes/diff.ts';
import type { SetName } from '../../../src/routes/entry.ts';
import { MARKS } from '../../../src/routes/model.ts';
import { wordsOf } from '../../../src/routes/words.ts';
import { NORTH, WEST } from '../../kit/kernel/nodes.ts';
import { kernelSuite } from '../../kit/kernel/suite.ts';
import { wireguardSuite } from '../../kit/kernel/wireguard-suite.ts';
import { World } from '../../kit/kernel/world.ts';
import { namespace } from './namespace.ts';

describe('on the kernel of this machine', () => {
  kernelSuite(() => namespace('kernel'), 8);
  describe('with WireGuard by a process', () => wireguardSuite(() => namespace('kernel'), 8));
});

/** Of the cluster west. */
function nodes(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const [high, low] = [index >> 8, index & 255];
    return `west m${index} 172.30.${high}.${low} fd00:30::${high}:${low} 10.${64 + high}.${low}.0/24 fd00:64:${high}:${low}::/64`;
  });
}

describe('what the kernel is told directly', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.of(await namespace('told'));
  });

  afterEach(() => world.place.remove());

  test.each([
    { row: 'nodes come', from: NORTH, to: `${WEST}\n${NORTH}` },
    { row: 'nodes go', from: `${WEST}\n${NORTH}`, to: NORTH },
    { row: 'a node moves', from: WEST, to: WEST.replaceAll('172.31.1.41', '172.31.1.44') },
  ])('is what programs would do by the words that stand for it: $row', async ({ from, to }) => {
    const gates = { released: new Set(['west', 'north']) };
    await world.pass(from);
    const { operations } = await world.difference(to, { gates });
    const words = wordsOf(operations, MARKS);
    expect(words.length).toBeGreaterThan(5);
    for (const line of words) {
      const [program = '', ...args] = line.split(' ');
      const { code, errors } = await world.place.commands.run(program, args);
      expect({ line, code, errors }).toEqual({ line, code: 0, errors: '' });
    }
    expect((await world.difference(to, { gates })).operations).toEqual([]);
  });

  test('is refused one by one: nobody can be reached over a device that is down', async () => {
    await world.pass(NORTH);
    const { operations } = await world.difference(`${WEST}\n${NORTH}`);
    await everyRouteIsRefused(world, operations);
  });

  test('of elements all or none, by the name of those in the way', async () => {
    await world.pass(`${WEST}\n${NORTH}`);
    const byHand = ['add', 'element', 'inet', MARKS.nftTable, 'tunnelled4', '{ 10.99.0.0/16 }'];
    expect(await world.place.commands.run('nft', byHand)).toMatchObject({ code: 0 });
    const put = (set: SetName, block: string) =>
      ({ verb: 'put', entry: { kind: 'element', set, block } }) as const;
    const gone = { verb: 'delete', entry: put('tunnelled6', 'fd00:21:1::/64').entry } as const;
    const inTheWay = put('tunnelled4', '10.99.1.0/24');
    for (const operations of [
      [put('peers4', '172.31.9.9/32'), inTheWay, put('tunnelled6', 'fd00:99::/64'), gone],
      [put('tunnelled6', 'fd00:99::/64'), put('peers6', 'fd00:31::99/128'), gone, inTheWay],
    ]) {
      const before = await world.kernel.observe();
      const refused = await world.kernel.apply(operations);
      expect(refused).toEqual([
        { what: wordsOf([inTheWay], MARKS)[0], message: expect.stringMatching(/ \(EEXIST\)$/) },
      ]);
      expect(await world.kernel.observe()).toEqual(before);
    }
  });

  test('by hundreds', async () => {
    const many = nodes(1_100);
    const gates = { released: new Set(['west']) };
    const some = many.slice(0, 120).join('\n');
    for (const those of [many.join('\n'), some, many.join('\n')]) {
      expect((await world.pass(those, { gates })).refused).toEqual([]);
      expect((await world.pass(those, { gates })).operations).toEqual([]);
    }
  });
});

test('who may have no more room than sockets have by default tells the kernel as much, and hears all that it refuses', async () => {
  const refuse = () => {
    throw new SystemCallError('setsockopt', constants.errno.EPERM);
  };
  const world = await World.of(await namespace('room', { makeRoom: refuse }));
  onTestFinished(() => world.place.remove());
  await world.pass(NORTH);
  const { operations } = await world.difference([NORTH, ...nodes(450)].join('\n'));
  await everyRouteIsRefused(world, operations);
});

/** By its own name and with the kernel's reason, and nothing else is, where the device that they lead over is down. */
async function everyRouteIsRefused(world: World, operations: readonly Operation[]): Promise<void> {
  await world.ip(`link set ${MARKS.vxlan.device} down`);
  const refused = await world.kernel.apply(operations);
  const routes = operations.filter(({ entry }) => entry.kind === 'route');
  expect(refused.map(({ what }) => what).sort()).toEqual(wordsOf(routes, MARKS).sort());
  expect(new Set(refused.map(({ message }) => message))).toEqual(
    new Set(['Nexthop device is not up (ENETDOWN)']),
  );
}
