import { beforeEach, describe, expect, test } from 'vitest';
import { MARKS } from '../../src/routes/model.ts';
import { FakeCommands, fakePlace } from '../kit/kernel/fake-commands.ts';
import { World } from '../kit/kernel/world.ts';

let commands: FakeCommands;
let world: World;

beforeEach(async () => {
  commands = new FakeCommands();
  world = await World.of(fakePlace(commands));
});

describe('a firewall with more elements than fit a transaction', () => {
  const many = Array.from({ length: 700 }, (_, index) => {
    const [high, low] = [index >> 8, index & 255];
    return `west m${index} 172.30.${high}.${low} fd00:30::${high}:${low} 10.${64 + high}.${low}.0/24 fd00:64:${high}:${low}::/64`;
  }).join('\n');
  const chains = (): number => commands.nft.told(MARKS.nftTable)?.chains.size ?? 0;

  test('has them before its rules', async () => {
    const { run } = commands;
    const seen: number[] = [];
    commands.run = async (program, args, input) => {
      if (program === 'nft')
        seen.push(commands.nft.told(MARKS.nftTable)?.sets.get('tunnelled4')?.elements.size ?? 0);
      return run.call(commands, program, args, input);
    };
    expect((await world.pass(many)).refused).toEqual([]);
    expect(seen).toEqual([0, 700]);
    expect((await world.pass(many)).operations).toEqual([]);
  });

  test('has no rules while some are missing, which would drop what comes from those', async () => {
    const { netlink } = commands;
    const { change } = netlink;
    let asked = 0;
    netlink.change = async (protocol, bundle) => {
      if (protocol === 'netfilter') asked += 1;
      if (asked === 2) return new Map([[1, 'Cannot allocate memory (ENOMEM)']]);
      return change.call(netlink, protocol, bundle);
    };
    const { refused } = await world.pass(many);
    expect(refused[0]?.message).toContain('ENOMEM');
    expect(chains()).toBe(0);
    netlink.change = change;
    expect((await world.pass(many)).refused).toEqual([]);
    expect(chains()).toBeGreaterThan(0);
    expect((await world.pass(many)).operations).toEqual([]);
  });
});
