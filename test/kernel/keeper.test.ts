import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Keeper, type Pass, type Wanted } from '../../src/kernel/keeper.ts';
import { MARKS } from '../../src/routes/model.ts';
import { VirtualClock } from '../kit/clock.ts';
import { FakeCommands, fakePlace } from '../kit/kernel/fake-commands.ts';
import { EAST, NORTH, nodesOf, WEST, WEST_AND_NORTH } from '../kit/kernel/nodes.ts';
import { World } from '../kit/kernel/world.ts';

let clock: VirtualClock;
let commands: FakeCommands;
let world: World;
let keeper: Keeper;
let wanted: Wanted | undefined;
let passes: Pass[];
let failures: unknown[];

function keep(): Keeper {
  return new Keeper({
    kernel: world.kernel,
    marks: MARKS,
    clock,
    random: () => 0.5,
    wanted: async () => wanted,
    passed: pass => passes.push(pass),
    failed: reason => failures.push(reason),
  });
}

const wants = (nodes: string, synced = ['west', 'north']): Wanted => ({
  local: EAST,
  nodes: nodesOf(nodes),
  policies: WEST_AND_NORTH,
  synced: new Set(synced),
  released: new Set(),
});

const routes = (): string[] =>
  commands.network.routes
    .filter(({ table, type, family }) => table === MARKS.table && type === 'unicast' && family === '-4')
    .map(({ dst }) => dst)
    .sort();

beforeEach(async () => {
  clock = new VirtualClock();
  commands = new FakeCommands();
  world = await World.of(fakePlace(commands));
  passes = [];
  failures = [];
  wanted = wants(`${WEST}\n${NORTH}`);
  keeper = keep();
});

afterEach(() => keeper.stop());

const ALL = ['10.21.1.0/24', '10.21.2.0/24', '10.31.1.0/24'];

test('many news are one look', async () => {
  for (let i = 0; i < 100; i++) keeper.news();
  await clock.advance(600);
  expect(routes()).toEqual(ALL);
  expect(passes).toHaveLength(1);
});

test('news without end are two looks a second', async () => {
  for (let i = 0; i < 100; i++) {
    keeper.news();
    await clock.advance(20);
  }
  expect(passes.length).toBeGreaterThanOrEqual(4);
  expect(passes.length).toBeLessThanOrEqual(5);
});

test('a host without IPv6 has nothing of it', async () => {
  const { run } = commands;
  commands.run = (program, args, input) =>
    args.includes('-6')
      ? Promise.resolve({
          code: 2,
          output: '',
          errors: 'RTNETLINK answers: Address family not supported by protocol',
        })
      : run.call(commands, program, args, input);
  const local = { ...EAST, podCIDRs: ['10.11.1.0/24'], source: { IPv4: '10.11.1.0' } };
  wanted = { ...wants(`${WEST}\n${NORTH}`), local };
  keeper.news();
  await clock.advance(600);
  expect(failures).toEqual([]);
  expect(routes()).toEqual(ALL);
});

test('before it is known what is wanted nothing is done', async () => {
  wanted = undefined;
  keeper.news();
  await clock.advance(600);
  expect(routes()).toEqual([]);
});

test('what nobody told is found within half a minute', async () => {
  keeper.news();
  await clock.advance(600);
  await world.ip(`route del 10.21.1.0/24 table ${MARKS.table}`);
  await clock.advance(30_700);
  expect(routes()).toEqual(ALL);
  expect(passes.map(({ operations }) => operations.length).slice(1)).toEqual([1]);
});

test('where the kernel refuses, it is tried again', async () => {
  const { netlink } = commands;
  const { change } = netlink;
  netlink.change = async (protocol, messages) =>
    protocol === 'route'
      ? new Map([[0, 'No buffer space available (ENOBUFS)']])
      : change.call(netlink, protocol, messages);
  keeper.news();
  await clock.advance(600);
  expect(String(failures[0])).toContain('bridge fdb replace');
  expect(String(failures[0])).toContain('No buffer space available');
  netlink.change = change;
  await clock.advance(2_000);
  expect(passes.at(-1)?.refused).toEqual([]);
  expect(routes()).toEqual(ALL);
});

test('a program that is missing is named', async () => {
  commands.run = () => Promise.reject(new Error('spawn ip ENOENT'));
  keeper.news();
  await clock.advance(600);
  expect(String(failures[0])).toMatch(/asking the kernel by "ip .*ENOENT; needs iproute2 and nftables/);
});

test('a look that fails has not failed before a program beside what did has ended', async () => {
  const { run, netlink } = commands;
  const slow = Promise.withResolvers<void>();
  commands.run = async (program, args, input) => {
    if (program === 'nft') await slow.promise;
    return run.call(commands, program, args, input);
  };
  netlink.change = () => Promise.reject(new Error('recv: ENOBUFS'));
  const isFirewall = (): boolean => commands.nft.told(MARKS.nftTable) !== undefined;
  keeper.news();
  await clock.advance(600);
  expect(failures).toEqual([]);
  expect(isFirewall()).toBe(false);
  slow.resolve();
  await clock.advance(600);
  expect(String(failures[0])).toContain('recv: ENOBUFS');
  expect(isFirewall()).toBe(true);
});

describe('a change of what is wanted', () => {
  /** Where the node w1 of west is, and how it is reached. */
  const wayTo = (destination: string): string | undefined =>
    commands.network.routes.find(({ dst, table }) => dst === destination && table === MARKS.table)?.via;

  const MOVED = `west w1 172.31.1.61 10.21.1.0/24\n${NORTH}`;

  test('is in the kernel before the kernel is looked at', async () => {
    keeper.changed();
    await clock.advance(600);
    const { run } = commands;
    const looking = Promise.withResolvers<void>();
    commands.run = async (program, args, input) => {
      if (args.includes('show')) await looking.promise;
      return run.call(commands, program, args, input);
    };
    wanted = wants(MOVED);
    keeper.changed();
    await clock.advance(600);
    expect(wayTo('10.21.1.0/24')).toBe('172.31.1.61');
    expect(routes()).toEqual(['10.21.1.0/24', '10.31.1.0/24']);
    expect(passes).toHaveLength(1);
    looking.resolve();
    await clock.advance(600);
    expect(passes[1]?.operations.length).toBeGreaterThan(0);
    expect(failures).toEqual([]);
  });

  test.each([
    { row: 'the device is gone', ip: `link del ${MARKS.vxlan.device}` },
    { row: 'the device is down', ip: `link set ${MARKS.vxlan.device} down` },
    { row: 'the neighbour is gone already', ip: `neigh del 172.31.1.41 dev ${MARKS.vxlan.device}` },
    { row: 'a route is gone', ip: `route del 10.31.1.0/24 table ${MARKS.table}` },
    { row: 'a route was altered', ip: `route replace unreachable 10.31.1.0/24 table ${MARKS.table}` },
  ])('is made, and the rest repaired, where the kernel is not as it was left: $row', async ({ ip }) => {
    keeper.changed();
    await clock.advance(600);
    await world.ip(ip);
    wanted = wants(MOVED);
    keeper.changed();
    await clock.advance(600);
    expect(failures).toEqual([]);
    expect(wayTo('10.21.1.0/24')).toBe('172.31.1.61');
    expect((await world.difference(MOVED)).operations).toEqual([]);
  });

  test.each([
    { row: 'is refused', answer: async () => new Map([[0, 'No buffer space available (ENOBUFS)']]) },
    { row: 'is not answered', answer: () => Promise.reject(new Error('recv: EAGAIN')) },
  ])('is made by the look where going ahead $row', async ({ answer }) => {
    keeper.changed();
    await clock.advance(600);
    const { netlink } = commands;
    const { change } = netlink;
    netlink.change = () => Object.assign(netlink, { change }) && answer();
    wanted = wants(MOVED);
    keeper.changed();
    await clock.advance(600);
    expect(failures).toEqual([]);
    expect(wayTo('10.21.1.0/24')).toBe('172.31.1.61');
    expect((await world.difference(MOVED)).operations).toEqual([]);
  });

  test('takes nothing away that the brake holds back', async () => {
    const many = Array.from(
      { length: 20 },
      (_, index) => `west m${index} 172.31.2.${index + 1} 10.22.${index}.0/24`,
    );
    wanted = wants(many.join('\n'));
    keeper.changed();
    await clock.advance(600);
    wanted = wants(NORTH);
    keeper.changed();
    await clock.advance(600);
    expect(routes()).toHaveLength(21);
    expect(passes.at(-1)?.held.map(({ why }) => why)).toEqual(['Brake']);
  });
});

describe('many nodes that go a few at a time', () => {
  const many = Array.from({ length: 40 }, (_, n) => `west m${n} 172.31.2.${n + 1} 10.22.${n}.0/24`);
  const counts = (): number => routes().length;

  /** Looks that each find eight nodes fewer. */
  async function drain(some: Partial<Wanted> = {}): Promise<void> {
    for (let left = many.length; left >= 0; left -= 8) {
      wanted = { ...wants(many.slice(0, left).join('\n')), ...some };
      keeper.changed();
      await clock.advance(600);
    }
  }

  test('are as many as if they went at once', async () => {
    await drain();
    expect(counts()).toBe(32);
    expect(passes.at(-1)?.held.map(({ cluster, why }) => `${cluster} ${why}`)).toEqual(['west Brake']);
  });

  test('may go where somebody says so, and later ones count from there', async () => {
    wanted = { ...wants(many.join('\n')), released: new Set(['west']) };
    keeper.changed();
    await clock.advance(600);
    await drain({ released: new Set(['west']) });
    expect(counts()).toBe(0);
    wanted = wants(many.slice(0, 12).join('\n'));
    keeper.changed();
    await clock.advance(600);
    wanted = wants(many.slice(0, 4).join('\n'));
    keeper.changed();
    await clock.advance(600);
    expect(counts()).toBe(4);
  });

  test('may go when it takes them long enough', async () => {
    for (let left = many.length; left >= 16; left -= 8) {
      wanted = wants(many.slice(0, left).join('\n'));
      keeper.changed();
      await clock.advance(21 * 60_000);
    }
    expect(counts()).toBe(16);
  });
});

describe('what went away', () => {
  test('goes, for this process knows whose it was, although another cluster is silent', async () => {
    keeper.news();
    await clock.advance(600);
    wanted = wants(NORTH, ['west']);
    keeper.news();
    await clock.advance(600);
    expect(routes()).toEqual(['10.31.1.0/24']);
  });

  test('stays over a restart until every cluster has been heard', async () => {
    keeper.news();
    await clock.advance(600);
    await keeper.stop();
    expect(routes()).toEqual(ALL);
    keeper = keep();
    wanted = wants(NORTH, ['north']);
    keeper.news();
    await clock.advance(600);
    expect(routes()).toEqual(ALL);
    expect(passes.at(-1)?.held.map(({ why }) => why)).toEqual(['Unsynced']);
    wanted = wants(NORTH);
    keeper.news();
    await clock.advance(600);
    expect(routes()).toEqual(['10.31.1.0/24']);
  });
});
