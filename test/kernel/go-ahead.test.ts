import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Operation } from '../../src/routes/diff.ts';
import { keyOf } from '../../src/routes/entry.ts';
import { MARKS } from '../../src/routes/model.ts';
import { Kept, wants } from '../kit/kernel/kept.ts';
import { NORTH } from '../kit/kernel/nodes.ts';

let kept: Kept;

beforeEach(async () => {
  kept = await Kept.begin();
});

afterEach(() => kept.keeper.stop());

/** Where the node w1 of west is, and how it is reached. */
const wayTo = (destination: string): string | undefined =>
  kept.commands.network.routes.find(({ dst, table }) => dst === destination && table === MARKS.table)?.via;

const MOVED = `west w1 172.31.1.61 10.21.1.0/24\n${NORTH}`;

const inWords = ({ verb, entry }: Operation): string => `${verb} ${keyOf(entry)}`;

test('a change of what is wanted is in the kernel before the kernel is looked at', async () => {
  await kept.wants();
  const { run } = kept.commands;
  const looking = Promise.withResolvers<void>();
  kept.commands.run = async (program, args, input) => {
    if (args.includes('show')) await looking.promise;
    return run.call(kept.commands, program, args, input);
  };
  await kept.wants(wants(MOVED));
  expect(wayTo('10.21.1.0/24')).toBe('172.31.1.61');
  expect(kept.routes).toEqual(['10.21.1.0/24', '10.31.1.0/24']);
  expect(kept.passes).toHaveLength(1);
  looking.resolve();
  await kept.clock.advance(600);
  expect(kept.passes[1]?.operations.length).toBeGreaterThan(0);
  expect(kept.failures).toEqual([]);
});

test.each([
  { row: 'the device is gone', ip: `link del ${MARKS.vxlan.device}` },
  { row: 'the device is down', ip: `link set ${MARKS.vxlan.device} down` },
  { row: 'the neighbour is gone already', ip: `neigh del 172.31.1.41 dev ${MARKS.vxlan.device}` },
  { row: 'a route is gone', ip: `route del 10.31.1.0/24 table ${MARKS.table}` },
  { row: 'a route was altered', ip: `route replace unreachable 10.31.1.0/24 table ${MARKS.table}` },
])('it is made, and the rest repaired, where the kernel is not as it was left: $row', async ({ ip }) => {
  await kept.wants();
  await kept.world.ip(ip);
  await kept.wants(wants(MOVED));
  expect(kept.failures).toEqual([]);
  expect(wayTo('10.21.1.0/24')).toBe('172.31.1.61');
  expect((await kept.world.difference(MOVED)).operations).toEqual([]);
});

test.each([
  { row: 'is refused', answer: async () => new Map([[0, 'No buffer space available (ENOBUFS)']]) },
  { row: 'is not answered', answer: () => Promise.reject(new Error('recv: EAGAIN')) },
])('it is made by the look where going ahead $row', async ({ answer }) => {
  await kept.wants();
  const { netlink } = kept.commands;
  const { change } = netlink;
  netlink.change = () => Object.assign(netlink, { change }) && answer();
  await kept.wants(wants(MOVED));
  expect(kept.failures).toEqual([]);
  expect(wayTo('10.21.1.0/24')).toBe('172.31.1.61');
  expect((await kept.world.difference(MOVED)).operations).toEqual([]);
});

test.each([
  { row: 'nothing', ip: 'route show', again: [] },
  { row: 'a deletion of what is gone', ip: `neigh del 172.31.1.41 dev ${MARKS.vxlan.device}`, again: [] },
  {
    row: 'a route',
    ip: `link set ${MARKS.vxlan.device} down`,
    again: ['put route 10.21.1.0/24 24'],
  },
])(
  'it is counted with what the look does again, where going ahead is refused $row',
  async ({ ip, again }) => {
    await kept.wants();
    const needed = (await kept.world.difference(MOVED)).operations.map(inWords);
    await kept.world.ip(ip);
    await kept.wants(wants(MOVED));
    const tried = kept.passes[1]?.operations.map(inWords) ?? [];
    expect(tried.slice(0, needed.length).sort()).toEqual(needed.sort());
    expect(tried.slice(needed.length).filter(one => needed.includes(one))).toEqual(again);
    expect(kept.passes[1]).toMatchObject({ refused: [], refusedAhead: again.length });
  },
);

test('it takes nothing away that the brake holds back', async () => {
  const many = Array.from(
    { length: 20 },
    (_, index) => `west m${index} 172.31.2.${index + 1} 10.22.${index}.0/24`,
  );
  await kept.wants(wants(many.join('\n')));
  await kept.wants(wants(NORTH));
  expect(kept.routes).toHaveLength(21);
  expect(kept.passes.at(-1)?.held.map(({ why }) => why)).toEqual(['Brake']);
});
