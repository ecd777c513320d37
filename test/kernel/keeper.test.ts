import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Wanted } from '../../src/kernel/keeper.ts';
import { MARKS } from '../../src/routes/model.ts';
import { Kept, wants } from '../kit/kernel/kept.ts';
import { EAST, NORTH, WEST } from '../kit/kernel/nodes.ts';

let kept: Kept;

beforeEach(async () => {
  kept = await Kept.begin();
});

afterEach(() => kept.keeper.stop());

const ALL = ['10.21.1.0/24', '10.21.2.0/24', '10.31.1.0/24'];

test('many news are one look', async () => {
  for (let i = 0; i < 100; i++) kept.keeper.news();
  await kept.clock.advance(600);
  expect(kept.routes).toEqual(ALL);
  expect(kept.passes).toHaveLength(1);
});

test('news without end are two looks a second', async () => {
  for (let i = 0; i < 100; i++) {
    kept.keeper.news();
    await kept.clock.advance(20);
  }
  expect(kept.passes.length).toBeGreaterThanOrEqual(4);
  expect(kept.passes.length).toBeLessThanOrEqual(5);
});

test('a host without IPv6 has nothing of it', async () => {
  const { run } = kept.commands;
  kept.commands.run = (program, args, input) =>
    args.includes('-6')
      ? Promise.resolve({
          code: 2,
          output: '',
          errors: 'RTNETLINK answers: Address family not supported by protocol',
        })
      : run.call(kept.commands, program, args, input);
  const local = { ...EAST, podCIDRs: ['10.11.1.0/24'], source: { IPv4: '10.11.1.0' } };
  kept.wanted = { ...wants(`${WEST}\n${NORTH}`), local };
  await kept.news();
  expect(kept.failures).toEqual([]);
  expect(kept.routes).toEqual(ALL);
});

test('before it is known what is wanted nothing is done', async () => {
  kept.wanted = undefined;
  await kept.news();
  expect(kept.routes).toEqual([]);
});

test('what nobody told is found within half a minute', async () => {
  await kept.news();
  await kept.world.ip(`route del 10.21.1.0/24 table ${MARKS.table}`);
  await kept.clock.advance(30_700);
  expect(kept.routes).toEqual(ALL);
  expect(kept.passes.map(({ operations }) => operations.length).slice(1)).toEqual([1]);
});

test('where the kernel refuses, it is tried again', async () => {
  const { netlink } = kept.commands;
  const { change } = netlink;
  netlink.change = async (protocol, messages) =>
    protocol === 'route'
      ? new Map([[0, 'No buffer space available (ENOBUFS)']])
      : change.call(netlink, protocol, messages);
  await kept.news();
  expect(String(kept.failures[0])).toContain('bridge fdb replace');
  expect(String(kept.failures[0])).toContain('No buffer space available');
  netlink.change = change;
  await kept.clock.advance(2_000);
  expect(kept.passes.at(-1)?.refused).toEqual([]);
  expect(kept.routes).toEqual(ALL);
});

test('a program that is missing is named', async () => {
  kept.commands.run = () => Promise.reject(new Error('spawn ip ENOENT'));
  await kept.news();
  expect(String(kept.failures[0])).toMatch(/asking the kernel by "ip .*ENOENT; needs iproute2 and nftables/);
});

test('a look that fails has not failed before a program beside what did has ended', async () => {
  const { run, netlink } = kept.commands;
  const slow = Promise.withResolvers<void>();
  kept.commands.run = async (program, args, input) => {
    if (program === 'nft') await slow.promise;
    return run.call(kept.commands, program, args, input);
  };
  netlink.change = () => Promise.reject(new Error('recv: ENOBUFS'));
  const isFirewall = (): boolean => kept.commands.nft.told(MARKS.nftTable) !== undefined;
  await kept.news();
  expect(kept.failures).toEqual([]);
  expect(isFirewall()).toBe(false);
  slow.resolve();
  await kept.clock.advance(600);
  expect(String(kept.failures[0])).toContain('recv: ENOBUFS');
  expect(isFirewall()).toBe(true);
});

describe('many nodes that go a few at a time', () => {
  const many = Array.from({ length: 40 }, (_, n) => `west m${n} 172.31.2.${n + 1} 10.22.${n}.0/24`);
  const counts = (): number => kept.routes.length;

  /** Looks that each find eight nodes fewer. */
  async function drain(some: Partial<Wanted> = {}): Promise<void> {
    for (let left = many.length; left >= 0; left -= 8) {
      await kept.wants({ ...wants(many.slice(0, left).join('\n')), ...some });
    }
  }

  test('are as many as if they went at once', async () => {
    await drain();
    expect(counts()).toBe(32);
    expect(kept.passes.at(-1)?.held.map(({ cluster, why }) => `${cluster} ${why}`)).toEqual(['west Brake']);
  });

  test('may go where somebody says so, and later ones count from there', async () => {
    await kept.wants({ ...wants(many.join('\n')), released: new Set(['west']) });
    await drain({ released: new Set(['west']) });
    expect(counts()).toBe(0);
    await kept.wants(wants(many.slice(0, 12).join('\n')));
    await kept.wants(wants(many.slice(0, 4).join('\n')));
    expect(counts()).toBe(4);
  });

  test('may go when it takes them long enough', async () => {
    for (let left = many.length; left >= 16; left -= 8) {
      kept.wanted = wants(many.slice(0, left).join('\n'));
      kept.keeper.changed();
      await kept.clock.advance(21 * 60_000);
    }
    expect(counts()).toBe(16);
  });
});

describe('what went away', () => {
  test('goes, for this process knows whose it was, although another cluster is silent', async () => {
    await kept.news();
    kept.wanted = wants(NORTH, ['west']);
    await kept.news();
    expect(kept.routes).toEqual(['10.31.1.0/24']);
  });

  test('stays over a restart until every cluster has been heard', async () => {
    await kept.news();
    await kept.restart();
    expect(kept.routes).toEqual(ALL);
    kept.wanted = wants(NORTH, ['north']);
    await kept.news();
    expect(kept.routes).toEqual(ALL);
    expect(kept.passes.at(-1)?.held.map(({ why }) => why)).toEqual(['Unsynced']);
    kept.wanted = wants(NORTH);
    await kept.news();
    expect(kept.routes).toEqual(['10.31.1.0/24']);
  });
});
