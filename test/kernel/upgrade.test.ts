import { expect, test } from 'vitest';
import { MARKS } from '../../src/routes/model.ts';
import { FakeCommands, fakePlace } from '../kit/kernel/fake-commands.ts';
import type { FakeSet } from '../kit/kernel/fake-nft.ts';
import { EAST, policies } from '../kit/kernel/nodes.ts';
import { World } from '../kit/kernel/world.ts';

const NODES = Array.from({ length: 40 }, (_, number) => {
  return `west w${100 + number} 172.31.21.${number + 1} 10.21.${number}.0/24`;
});

/** Gives the sets the names and contents that an earlier version gave them. */
function makeFormer(sets: Map<string, FakeSet>): void {
  for (const version of ['4', '6']) {
    const [tunnelled, direct] = [sets.get(`tunnelled${version}`), sets.get(`direct${version}`)];
    if (tunnelled === undefined || direct === undefined) throw new Error('the table has other sets');
    for (const [block, element] of direct.elements) tunnelled.elements.set(block, element);
    sets.set(`remote${version}`, tunnelled);
    sets.delete(`tunnelled${version}`);
  }
}

function setsIn(commands: FakeCommands): Map<string, FakeSet> {
  return commands.nft.told(MARKS.nftTable)?.sets ?? new Map();
}

test.each([
  { row: 'in clear', policy: policies({ west: ['vxlan'] }), all: ['peers4', 'tunnelled4'] },
  {
    row: 'sealed',
    policy: policies({ west: ['vxlan'] }, { west: 'Required' }),
    all: ['sealed4', 'tunnelled4'],
  },
])(
  'an agent takes up the firewall of an earlier one with all that it holds back: $row',
  async ({ policy, all }) => {
    const commands = new FakeCommands();
    const world = await World.of(fakePlace(commands), { input: { policies: policy } });
    expect((await world.pass(NODES.join('\n'))).refused).toEqual([]);
    makeFormer(setsIn(commands));
    world.restart();
    const half = NODES.slice(20).join('\n');
    expect((await world.difference(half)).held.map(({ why }) => why)).toEqual(['Brake']);
    expect((await world.pass(half)).refused).toEqual([]);
    expect(all.map(name => setsIn(commands).get(name)?.elements.size)).toEqual([40, 40]);
    expect([...setsIn(commands).keys()]).not.toContain('remote4');
    expect((await world.difference(half)).operations).toEqual([]);
  },
);

test('a block that came without a tunnel is no longer among those that come by one', async () => {
  const commands = new FakeCommands();
  const onLink = new Map(NODES.map((_, number) => [`172.31.21.${number + 1}`, 'eth0']));
  const input = { local: { ...EAST, onLink }, policies: policies({ west: ['direct'] }) };
  const world = await World.of(fakePlace(commands), { input });
  expect((await world.pass(NODES.join('\n'))).refused).toEqual([]);
  makeFormer(setsIn(commands));
  world.restart();
  expect((await world.pass(NODES.join('\n'))).refused).toEqual([]);
  expect(['direct4', 'tunnelled4'].map(name => setsIn(commands).get(name)?.elements.size)).toEqual([40, 0]);
});

test.each(['theirs', 'constructor'])(
  "a set named %s is nobody's former one: the table is built anew",
  async name => {
    const commands = new FakeCommands();
    const world = await World.of(fakePlace(commands));
    expect((await world.pass(NODES.join('\n'))).refused).toEqual([]);
    setsIn(commands).set(name, { interval: false, elements: new Map([['192.0.2.1', {}]]) });
    expect((await world.pass(NODES.join('\n'))).refused).toEqual([]);
    expect([...setsIn(commands).keys()]).not.toContain(name);
    expect((await world.difference(NODES.join('\n'))).operations).toEqual([]);
  },
);
