import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  ElementEntry,
  ForwardingEntry,
  NeighbourEntry,
  RouteEntry,
  SetName,
} from '../../../src/routes/entry.ts';
import { MARKS } from '../../../src/routes/model.ts';
import { BundleWriter, CHANGE } from '../../../src/routes/netlink/bundle.ts';
import { viewOf } from '../../../src/routes/netlink/message.ts';
import { behind, readElements } from '../../../src/routes/netlink/nftables.ts';
import { MOST_TOGETHER, writeElements } from '../../../src/routes/netlink/nftables-changes.ts';
import { readForwarding, readNeighbours, readRoutes } from '../../../src/routes/netlink/rtnetlink.ts';
import {
  writeForwarding,
  writeNeighbour,
  writeRoute,
} from '../../../src/routes/netlink/rtnetlink-changes.ts';

const DEVICES = new Map([
  [3, 'eth0'],
  [4, 'vx'],
]);

/** The octets of what is written. */
function written(write: (writer: BundleWriter) => void): Uint8Array {
  const writer = new BundleWriter(4_096);
  // What was written before shows in nothing.
  writer.hardwareAddress(1, 'ff:ff:ff:ff:ff:ff');
  writer.bytes(1, new Uint8Array(1_000).fill(255));
  writer.clear();
  write(writer);
  return writer.bundle().octets;
}

const mac = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map(octets => Array.from(octets, octet => octet.toString(16).padStart(2, '0')).join(':'));

const ROUTES: readonly (RouteEntry & { readonly row: string })[] = [
  {
    ...{
      row: 'through a tunnel',
      kind: 'route',
      destination: '10.21.1.0/24',
      type: 'unicast',
      protocol: 205,
    },
    ...{ metric: 0, device: 'vx', via: '172.31.1.41', onlink: true, source: '10.11.1.0', mtu: 1450 },
  },
  {
    ...{ row: 'to whom IPv6 alone knows', kind: 'route', destination: '10.21.1.0/24', type: 'unicast' },
    ...{ protocol: 205, metric: 10_000, device: 'eth0', via: 'fe80::2', mtu: 1500 },
  },
  {
    ...{ row: 'on the link', kind: 'route', destination: '10.21.1.0/24', type: 'unicast', protocol: 205 },
    ...{ metric: 0, device: 'vx' },
  },
  {
    ...{ row: 'of IPv6', kind: 'route', destination: 'fd00:21:1::/64', type: 'unicast', protocol: 205 },
    ...{ metric: 1_024, device: 'vx', via: 'fe80::2', source: 'fd00:11:1::', mtu: 1450 },
  },
  {
    ...{ row: 'to nowhere', kind: 'route', destination: 'fd00:22::/48', type: 'unreachable', protocol: 205 },
    ...{ metric: 11_024 },
  },
  {
    ...{ row: 'past our table', kind: 'route', destination: '10.11.1.0/24', type: 'throw', protocol: 205 },
    ...{ metric: 0 },
  },
];

describe('what the kernel is told of is what it would tell of', () => {
  test.each(ROUTES)('a route $row', ({ row: _, ...route }) => {
    const family = route.destination.includes(':') ? 'IPv6' : 'IPv4';
    const device = [...DEVICES].find(([, name]) => name === route.device)?.[0];
    const octets = written(writer => writeRoute(writer, 'put', route, MARKS, device));
    expect([...readRoutes(octets, family, DEVICES)]).toEqual([route]);
  });

  test('a neighbour, and where a hardware address is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.constant('fe80::2:ff:fe00:41')), mac, (address, mac) => {
        const neighbour = { kind: 'neighbour', device: 'vx', address, mac } as const;
        const told = written(writer => writeNeighbour(writer, 'put', neighbour, 4));
        expect([...readNeighbours(told, 'vx')]).toEqual([neighbour]);
        const forwarding = { kind: 'forwarding', device: 'vx', mac, destination: address } as const;
        const sent = written(writer => writeForwarding(writer, 'put', forwarding, 4));
        expect(readForwarding(sent, 'vx')).toEqual([forwarding]);
      }),
    );
  });

  test.each<[SetName, readonly string[]]>([
    ['tunnelled4', ['10.21.1.0/24', '10.21.2.0/24', '10.32.0.0/12', '192.0.2.1/32', '255.255.255.0/24']],
    ['tunnelled6', ['fd00:21:1::/64', 'fd00:21:2::/64', 'fd00:22::1/128', 'ffff::/16']],
    ['peers4', ['172.31.1.41/32', '172.31.1.42/32']],
    ['peers6', ['fd00:31::41/128']],
  ])('elements of %s', (set, blocks) => {
    const entries = blocks.map((block): ElementEntry => ({ kind: 'element', set, block }));
    const operations = entries.map(entry => ({ verb: 'put', entry }) as const);
    const octets = written(writer => writeElements(writer, operations, 'causeway'));
    const { entries: found, foreign } = readElements(octets, set);
    expect(foreign).toEqual([]);
    expect(found.map(({ block }) => block).sort()).toEqual([...blocks].sort());
  });
});

/** The type of a message, its flags, and its body. */
function headOf(octets: Uint8Array): string {
  const view = viewOf(octets);
  const flags = view.getUint16(6, true) & ~CHANGE.acknowledge;
  return `${view.getUint16(4, true)} ${flags.toString(16)} ${Buffer.from(octets.subarray(16, 28)).toString('hex')}`;
}

const OWN = { kind: 'route', destination: '10.21.1.0/24', type: 'throw', protocol: 205, metric: 0 } as const;
const ROUTE = { ...OWN, type: 'unicast', device: 'vx' } as const;
const IPV6 = { ...ROUTE, destination: 'fd00:21:1::/64', via: 'fe80::2', metric: 1_024 } as const;
const ROUTED = { ...ROUTE, via: '172.31.1.41', onlink: true } as const;
const NEIGHBOUR: NeighbourEntry = {
  ...{ kind: 'neighbour', device: 'vx' },
  ...{ address: '172.31.1.41', mac: '02:00:00:00:00:41' },
};
const FORWARDING: ForwardingEntry = {
  ...{ kind: 'forwarding', device: 'vx' },
  ...{ mac: '02:00:00:00:00:41', destination: '172.31.1.41' },
};

// struct rtmsg: family, prefix, -, -, table, protocol, scope, type, flags; struct ndmsg: family, device, state, flags.
test.each<[string, string, (writer: BundleWriter) => void]>([
  ['a route is put', '24 501 0218000000cd000104000000', w => writeRoute(w, 'put', ROUTED, MARKS, 4)],
  ['one on the link', '24 501 0218000000cdfd0100000000', w => writeRoute(w, 'put', ROUTE, MARKS, 4)],
  ['one to nowhere', '24 501 0218000000cd000900000000', w => writeRoute(w, 'put', OWN, MARKS)],
  ['one of IPv6', '24 501 0a40000000cd000100000000', w => writeRoute(w, 'put', IPV6, MARKS, 4)],
  ['a route goes', '25 1 021800000000ff0000000000', w => writeRoute(w, 'delete', ROUTED, MARKS, 4)],
  ['one of IPv6 goes', '25 1 0a4000000000000000000000', w => writeRoute(w, 'delete', IPV6, MARKS, 4)],
  ['a neighbour is put', '28 501 020000000400000080000000', w => writeNeighbour(w, 'put', NEIGHBOUR, 4)],
  ['a neighbour goes', '29 1 020000000400000080000000', w => writeNeighbour(w, 'delete', NEIGHBOUR, 4)],
  ['an address is put', '28 501 070000000400000080000200', w => writeForwarding(w, 'put', FORWARDING, 4)],
  ['an address goes', '29 1 070000000400000080000200', w => writeForwarding(w, 'delete', FORWARDING, 4)],
])('how the kernel is told: %s', (_row, head, write) => {
  expect(headOf(written(write))).toBe(head);
});

test.each<[string, (writer: BundleWriter) => void]>([
  [
    'several destinations',
    w => writeForwarding(w, 'put', { ...FORWARDING, destination: '10.0.0.1,10.0.0.2' }, 4),
  ],
  ['several next hops', w => writeRoute(w, 'put', { ...ROUTED, via: 'several' }, MARKS, 4)],
  ['a type without a name', w => writeRoute(w, 'put', { ...ROUTE, type: '2' }, MARKS, 4)],
  ['no hardware address', w => writeNeighbour(w, 'put', { ...NEIGHBOUR, mac: '' }, 4)],
])('what is found and cannot be put is refused, and nothing is begun: %s', (_row, write) => {
  const writer = new BundleWriter(1_024);
  expect(() => write(writer)).toThrow(/^no (address|hardware address|type of a route): /);
  writeNeighbour(writer, 'put', NEIGHBOUR, 4);
  expect([...readNeighbours(writer.bundle().octets, 'vx')]).toEqual([NEIGHBOUR]);
});

test('elements that go are told of before those that come, each set by itself, in one transaction', () => {
  const put = (set: SetName, block: string) =>
    ({ verb: 'put', entry: { kind: 'element', set, block } }) as const;
  const gone = {
    verb: 'delete',
    entry: { kind: 'element', set: 'tunnelled4', block: '10.0.0.0/8' },
  } as const;
  const operations = [put('tunnelled4', '10.1.0.0/16'), put('peers4', '172.31.1.1/32'), gone];
  const writer = new BundleWriter(4_096);
  expect(writeElements(writer, operations, 'causeway')).toEqual([
    ...[[], [gone]],
    ...[[operations[0]], [operations[1]], []],
  ]);
  const { octets, last } = writer.bundle();
  const view = viewOf(octets);
  const types: number[] = [];
  for (let at = 0; at < octets.length; at += view.getUint32(at, true))
    types.push(view.getUint16(at + 4, true));
  expect(types).toEqual([16, 0x0a0e, 0x0a0c, 0x0a0c, 17]);
  // Those before it are answered as well, and its end never.
  expect(last).toBe(3);
});

test('as many elements as are told at once fit what a socket may have waiting to be sent by default', () => {
  const operations = Array.from({ length: MOST_TOGETHER }, (_, index) => {
    const block = `fd00:${(index + 1).toString(16)}::/64`;
    return { verb: 'put', entry: { kind: 'element', set: 'tunnelled6', block } } as const;
  });
  const writer = new BundleWriter(256 * 1_024);
  writeElements(writer, operations, 'causeway');
  // net.core.wmem_default, of which netlink_sendmsg() keeps 32.
  expect(writer.bundle().octets.length).toBeLessThan(212_992 - 32);
});

test.each([
  ['10.1.2.0', 24, '10.1.3.0'],
  ['10.1.255.0', 24, '10.2.0.0'],
  ['10.16.0.0', 12, '10.32.0.0'],
  ['10.1.2.128', 25, '10.1.3.0'],
  ['10.1.2.3', 32, '10.1.2.4'],
  ['255.255.255.0', 24, undefined],
  ['0.0.0.0', 0, undefined],
])('behind %s/%i is %s', (first, prefix, expected) => {
  const found = behind(Uint8Array.from(first.split('.'), Number), prefix);
  expect(found?.join('.')).toBe(expected);
});
