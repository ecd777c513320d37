import { beforeEach, describe, expect, test } from 'vitest';
import { ListChanges } from '../../src/kernel/list-changes.ts';
import type { Netlink } from '../../src/kernel/netlink.ts';
import type { Operation } from '../../src/routes/diff.ts';
import type { SetName } from '../../src/routes/entry.ts';
import { MARKS } from '../../src/routes/model.ts';
import { FakeCommands } from '../kit/kernel/fake-commands.ts';

const SETS: readonly SetName[] = ['tunnelled4', 'tunnelled6', 'peers4', 'peers6'];

let commands: FakeCommands;

beforeEach(async () => {
  commands = new FakeCommands();
  await commands.run('ip', 'link add vx type vxlan'.split(' '));
});

/** Of neighbours: `put 172.31.1.41 vx` */
function operationOf(line: string): Operation {
  const [verb = '', address = '', device = ''] = line.split(' ');
  const entry = { kind: 'neighbour', device, address, mac: '02:00:00:00:00:41' } as const;
  return { verb: verb === 'put' ? 'put' : 'delete', entry };
}

const NOT_THERE = 'ip neigh del 172.31.1.43 dev vx: RTNETLINK answers: No such file or directory';
const NO_DEVICE =
  'ip neigh replace 172.31.1.42 lladdr 02:00:00:00:00:41 dev gone nud permanent: if_nametoindex: ENODEV';
const NO_ADDRESS =
  'ip neigh replace nowhere lladdr 02:00:00:00:00:41 dev vx nud permanent: no address: "nowhere"';

describe('what is refused is named, whatever could not be told at all', () => {
  test.each([
    {
      row: 'nothing',
      tell: ['put 172.31.1.41 vx', 'delete 172.31.1.43 vx', 'put 172.31.1.44 vx'],
      refused: [NOT_THERE],
    },
    {
      row: 'one of a device that is not there, before it',
      tell: ['put 172.31.1.41 vx', 'put 172.31.1.42 gone', 'delete 172.31.1.43 vx', 'put 172.31.1.44 vx'],
      refused: [NO_DEVICE, NOT_THERE],
    },
    {
      row: 'one that is no address, before it',
      tell: ['put nowhere vx', 'put 172.31.1.41 vx', 'delete 172.31.1.43 vx', 'put 172.31.1.44 vx'],
      refused: [NO_ADDRESS, NOT_THERE],
    },
    {
      row: 'both, before and behind it',
      tell: [
        ...['put 172.31.1.42 gone', 'put 172.31.1.41 vx', 'delete 172.31.1.43 vx'],
        ...['put nowhere vx', 'put 172.31.1.44 vx'],
      ],
      refused: [NO_DEVICE, NO_ADDRESS, NOT_THERE],
    },
  ])('$row', async ({ tell, refused }) => {
    const found = await new ListChanges(commands.netlink, MARKS).carryOut(tell.map(operationOf));
    expect(found.map(({ what, message }) => `${what}: ${message}`)).toEqual(refused);
    expect(commands.network.neighbours.map(({ dst }) => dst)).toEqual(['172.31.1.41', '172.31.1.44']);
  });

  test('all of it: then the kernel is told nothing', async () => {
    const change = async () => Promise.reject(new Error('there is nothing to tell'));
    const netlink = { ...commands.netlink, indexOf: () => 4, change };
    const found = await new ListChanges(netlink, MARKS).carryOut([operationOf('put nowhere vx')]);
    expect(found.map(({ what, message }) => `${what}: ${message}`)).toEqual([NO_ADDRESS]);
  });
});

describe('the room that changes are written into', () => {
  const LONG = 'n'.repeat(255);
  const ROUTE = { kind: 'route', type: 'unicast', protocol: 205, metric: 1_024, device: 'vx' } as const;
  const longestRoute = (index: number): Operation => {
    const [destination, source] = [`fd00:${index.toString(16)}::/64`, 'fd00:11:1:1234:1234:1234:1234:1234'];
    const way = { via: 'fe80::1234:1234:1234:1234', onlink: true, source, mtu: 1_450 };
    return { verb: 'put', entry: { ...ROUTE, destination, ...way } };
  };
  const element = (index: number): Operation => {
    const set = SETS[index % 4] ?? 'tunnelled6';
    const block = `${set.endsWith('4') ? `10.${(index >> 8) + 1}.${index & 255}.0` : `fd00:${index.toString(16)}::`}/32`;
    return { verb: index % 3 === 0 ? 'delete' : 'put', entry: { kind: 'element', set, block } };
  };

  test.each([
    { row: 'a route', count: 1, make: longestRoute, kibibytes: 1 },
    { row: 'as many as are told at once', count: 128, make: longestRoute, kibibytes: 20 },
    { row: 'many more', count: 1_000, make: longestRoute, kibibytes: 20 },
    { row: 'an element', count: 1, make: element, kibibytes: 5 },
    { row: 'as many as are told at once, in all sets', count: 2_000, make: element, kibibytes: 161 },
    { row: 'many more of them', count: 5_000, make: element, kibibytes: 161 },
  ])('is enough and no more than that: $row', async ({ count, make, kibibytes }) => {
    const rooms: number[] = [];
    const change: Netlink['change'] = async (_protocol, { octets }) => {
      rooms.push(octets.buffer.byteLength / 1_024);
      return new Map();
    };
    const netlink = { ...commands.netlink, indexOf: () => 4, change };
    const operations = Array.from({ length: count }, (_, index) => make(index));
    const changes = new ListChanges(netlink, { ...MARKS, nftTable: LONG });
    expect(await changes.carryOut(operations)).toEqual([]);
    expect(Math.max(...rooms)).toBeLessThanOrEqual(kibibytes);
  });
});
