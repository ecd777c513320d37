import { describe, expect, test } from 'vitest';
import { blank } from '../../../src/routes/netlink/blank.ts';
import { progressOf } from '../../../src/routes/netlink/message.ts';
import {
  elementsRequest,
  readElements,
  readRules,
  readSets,
  rulesRequest,
  setsRequest,
} from '../../../src/routes/netlink/nftables.ts';
import {
  forwardingRequest,
  neighboursRequest,
  readForwarding,
  readNeighbours,
  readRoutes,
  routesRequest,
} from '../../../src/routes/netlink/rtnetlink.ts';
import { CAPTURED } from './captured.ts';

const octetsOf = (name: keyof typeof CAPTURED): Uint8Array =>
  Uint8Array.from(Buffer.from(CAPTURED[name].replaceAll(/\s/g, ''), 'hex'));

const DEVICES = new Map([
  [3, 'eth0'],
  [4, 'vx'],
]);

const TABLE = '0d000100636175736577617900000000';
const REMOTE4 = '0c00020072656d6f74653400';

// The header: length, type, flags, number, who asks; then the body, and attributes.
test.each([
  [
    'routes of IPv4',
    routesRequest('IPv4', 300),
    '240000001a00010300000000',
    `02${'00'.repeat(11)}`,
    '08000f002c010000',
  ],
  [
    'routes of IPv6',
    routesRequest('IPv6', 7),
    '240000001a00010300000000',
    `0a${'00'.repeat(11)}`,
    '08000f0007000000',
  ],
  ['neighbours', neighboursRequest(4), '240000001e00010300000000', '00'.repeat(12), '0800080004000000'],
  ['forwarding entries', forwardingRequest(4), '1c0000001e00010300000000', '070000000400000000000000', ''],
  ['sets', setsRequest('causeway'), '240000000a0a010300000000', '01000000', TABLE],
  ['rules', rulesRequest('causeway'), '24000000070a010300000000', '01000000', TABLE],
  [
    'elements',
    elementsRequest('causeway', 'remote4'),
    '300000000d0a010300000000',
    '01000000',
    TABLE + REMOTE4,
  ],
])('how the kernel is asked for %s', (_row, { message }, header, body, attributes) => {
  expect(Buffer.from(message).toString('hex')).toBe(`${header}00000000${body}${attributes}`);
});

describe('of what a kernel answered are read', () => {
  test('IPv4 routes', () => {
    expect([...readRoutes(octetsOf('routes4'), 'IPv4', DEVICES, 300)]).toEqual([
      {
        ...{ kind: 'route', table: 300, destination: '0.0.0.0/0', type: 'unicast', protocol: 4, metric: 7 },
        ...{ device: 'eth0', via: 'fe80::1' },
      },
      { kind: 'route', table: 300, destination: '10.11.1.0/24', type: 'throw', protocol: 205, metric: 0 },
      {
        ...{
          kind: 'route',
          table: 300,
          destination: '10.21.1.0/24',
          type: 'unicast',
          protocol: 205,
          metric: 0,
        },
        ...{ device: 'vx', via: '172.31.1.41', onlink: true, source: '10.11.1.0', mtu: 1450 },
      },
      {
        ...{
          kind: 'route',
          table: 300,
          destination: '10.30.0.0/16',
          type: 'unicast',
          protocol: 3,
          metric: 0,
        },
        via: 'several',
      },
    ]);
  });

  test('IPv6 routes, and those that lead nowhere are on no device', () => {
    expect([...readRoutes(octetsOf('routes6'), 'IPv6', DEVICES)]).toEqual([
      {
        ...{ kind: 'route', destination: 'fd00:21:1::/64', type: 'unicast', protocol: 205, metric: 1024 },
        ...{ device: 'vx', via: 'fe80::2', mtu: 1450 },
      },
      { kind: 'route', destination: 'fd00:22::/48', type: 'unreachable', protocol: 205, metric: 11_024 },
      {
        ...{ kind: 'route', destination: '::/0', type: 'unicast', protocol: 4, metric: 7 },
        ...{ device: 'eth0', via: 'fe80::1' },
      },
    ]);
  });

  test('no routes of the other family', () => {
    expect([...readRoutes(octetsOf('routes6'), 'IPv4', DEVICES)]).toEqual([]);
  });

  test('a route on a device that has come meanwhile has none of ours', () => {
    expect([...readRoutes(octetsOf('routes6'), 'IPv6', new Map())][0]).toMatchObject({ device: '4' });
  });

  test('neighbours that somebody put there', () => {
    const mac = '02:00:00:00:00:41';
    expect([...readNeighbours(octetsOf('neigh'), 'vx')]).toEqual([
      { kind: 'neighbour', device: 'vx', address: '172.31.1.41', mac },
      { kind: 'neighbour', device: 'vx', address: 'fe80::2', mac },
    ]);
  });

  test('where a hardware address is sent to', () => {
    const destination = '172.31.1.41';
    expect(readForwarding(octetsOf('fdb'), 'vx')).toEqual([
      { kind: 'forwarding', device: 'vx', mac: '02:00:00:00:00:41', destination },
    ]);
  });

  test('sets that have names', () => {
    expect(readSets(octetsOf('sets'))).toEqual(['peers4', 'remote4', 'remote6', 'theirs']);
  });

  test('rules by their chains and comments', () => {
    expect(readRules(octetsOf('rules'))).toEqual(['sources/ours-1', 'sources/']);
  });

  test('addresses in a set', () => {
    const { entries, foreign } = readElements(octetsOf('peers4'), 'peers4');
    expect(entries.map(({ block }) => block).sort()).toEqual(['172.31.1.41/32', '172.31.1.51/32']);
    expect(foreign).toEqual([]);
  });

  test('blocks in a set, side by side, from the first address and to the last; a range is none of ours', () => {
    const { entries, foreign } = readElements(octetsOf('remote4'), 'tunnelled4');
    const blocks = ['0.0.0.0/8', '10.21.1.0/24', '10.21.2.0/24', '10.77.0.1/32', '240.0.0.0/4'];
    expect(entries.map(({ block }) => block)).toEqual(blocks);
    expect(foreign).toEqual(['tunnelled4 10.99.0.1-10.99.0.9']);
  });

  test('IPv6 blocks in a set', () => {
    const { entries } = readElements(octetsOf('remote6'), 'tunnelled6');
    expect(entries.map(({ block }) => block)).toEqual(['fd00:21:1::/64', 'fd00:31::/127']);
  });
});

describe('a list is the same octets as the last time', () => {
  test('but for who asked, and how long ago neighbours were used', () => {
    const [one, other] = [octetsOf('neigh'), octetsOf('neigh')];
    // The number of the question, and the last octets of the first neighbour, which are those times.
    other[8] = 77;
    other[70] = 99;
    for (const octets of [one, other]) {
      blank('route', octets);
    }
    expect(other).toEqual(one);
    expect([...readNeighbours(one, 'vx')]).toHaveLength(2);
  });

  test('but for how often any firewall was changed', () => {
    const [one, other] = [octetsOf('remote4'), octetsOf('remote4')];
    other[19] = 99;
    for (const octets of [one, other]) {
      blank('netfilter', octets);
    }
    expect(other).toEqual(one);
    expect(readElements(one, 'tunnelled4').entries).toHaveLength(5);
  });
});

describe('a list', () => {
  const changed = (at: number, ...octets: number[]): Uint8Array => {
    const list = octetsOf('routes6');
    list.set(octets, at < 0 ? list.length + at : at);
    return list;
  };

  test.each([
    { row: 'is at its end', list: changed(0), is: { done: true, interrupted: false, errno: 0 } },
    { row: 'goes on', list: changed(0).subarray(0, -20), is: { done: false, interrupted: false, errno: 0 } },
    {
      row: 'was changed while it was made',
      list: changed(6, 0x12),
      is: { done: true, interrupted: true, errno: 0 },
    },
    {
      row: 'ends with why there is no more',
      list: changed(-4, 0xfe, 0xff, 0xff, 0xff),
      is: { done: true, interrupted: false, errno: 2 },
    },
    {
      row: 'is refused',
      list: changed(-16, 2, 0).subarray(-20).fill(0xff, 16).fill(0xea, 16, 17),
      is: { done: true, interrupted: false, errno: 22 },
    },
    { row: 'is nothing at all', list: new Uint8Array(0), is: { done: false, interrupted: false, errno: 0 } },
    // No message is shorter than its header: nobody waits for ever.
    { row: 'is nonsense', list: new Uint8Array(64), is: { done: false, interrupted: false, errno: 0 } },
  ])('$row', ({ list, is }) => {
    expect(progressOf(list)).toEqual(is);
  });
});
