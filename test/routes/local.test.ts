import { describe, expect, test } from 'vitest';
import type { NodeObject } from '../../src/objects/node.ts';
import type { Host } from '../../src/routes/host.ts';
import { localNodeOf, notesOn, type Overrides } from '../../src/routes/local.ts';

/** A host as lines: `eth0 1500 172.31.1.11 fd00:31::11`. */
function host(text: string, rest: Partial<Host> = {}): Host {
  const lines = text.trim().split('\n');
  const devices = lines.map(line => {
    const [name = '', mtu = '', ...addresses] = line.trim().split(/\s+/);
    return { name, mtu: Number(mtu), addresses };
  });
  return { devices, gateways: [], nameServers: [], ...rest };
}

const E1: NodeObject = {
  kind: 'Node',
  name: 'e1',
  uid: 'e-1',
  podCIDRs: ['10.11.1.0/24', 'fd00:11:1::/64'],
  addresses: ['172.31.1.11', 'fd00:31::11'],
};
const PLAIN = `
  lo 65536 127.0.0.1 ::1
  eth0 1500 172.31.1.11 fd00:31::11
  causeway-vx 1450 10.11.1.0 fd00:11:1::
`;

function local(text: string, overrides: Partial<Overrides> = {}, node: Partial<NodeObject> = {}) {
  const own = { ...E1, ...node };
  return localNodeOf({
    cluster: 'east',
    node: own,
    nodes: [own],
    apiServers: [],
    services: ['10.96.0.0/16'],
    host: host(text, { gateways: ['172.31.1.254'], nameServers: ['192.0.2.53'] }),
    overrides: { underlayAddresses: [], sourceAddresses: [], ...overrides },
    ownDevices: new Set(['causeway-vx']),
  });
}

/** By an operator, in both families. */
const TOLD = { podCIDRs: ['10.11.1.0/26', 'fd00:11:1::/64'], arePodCIDRsTold: true } as const;

type Found = Exclude<ReturnType<typeof local>, string>;

describe('where the nodes of other clusters reach this one', () => {
  const reached = (...args: Parameters<typeof local>): string => {
    const found = local(...args);
    if (typeof found === 'string') return found;
    const { IPv4 = '-', IPv6 = '-', device, mtu } = found.underlay;
    return `${IPv4} ${IPv6} on ${device}, ${mtu}`;
  };

  test.each([
    { row: 'at its InternalIPs', text: PLAIN, is: '172.31.1.11 fd00:31::11 on eth0, 1500' },
    {
      row: 'at those on the device that has the first of them',
      text: 'eth0 1400 172.31.1.11\neth1 9000 fd00:31::11',
      is: '172.31.1.11 - on eth0, 1400',
    },
    {
      row: 'where the device is named: at the InternalIP that it has',
      text: 'eth0 1500 172.31.1.11\neth1 9000 fd00:31::11',
      overrides: { underlayDevice: 'eth1' },
      is: '- fd00:31::11 on eth1, 9000',
    },
    {
      row: 'where the device is named and has no InternalIP: at its own addresses',
      text: 'eth0 1500 172.31.1.11\neth1 9000 192.0.2.11 192.0.2.12',
      overrides: { underlayDevice: 'eth1' },
      is: '192.0.2.11 - on eth1, 9000',
    },
    {
      row: 'with packets no larger than get there',
      text: PLAIN.replace('1500', '9001'),
      overrides: { underlayMTU: 1500 },
      is: '172.31.1.11 fd00:31::11 on eth0, 1500',
    },
    {
      row: 'with packets no larger than the device takes',
      text: PLAIN,
      overrides: { underlayMTU: 9000 },
      is: '172.31.1.11 fd00:31::11 on eth0, 1500',
    },
    {
      row: 'where an address is named: there',
      text: 'eth0 1500 172.31.1.11\neth1 9000 192.0.2.11 192.0.2.12',
      overrides: { underlayAddresses: ['192.0.2.12'] },
      is: '192.0.2.12 - on eth1, 9000',
    },
    {
      row: 'where the address is on loopback and the device is named: there, by that device',
      text: 'lo 65536 192.0.2.11\neth0 1500 172.31.1.11',
      overrides: { underlayDevice: 'eth0', underlayAddresses: ['192.0.2.11'] },
      is: '192.0.2.11 - on eth0, 1500',
    },
    {
      row: 'not by loopback',
      text: 'lo 65536 172.31.1.11\neth0 1500 192.0.2.1',
      is: 'no device of this host (lo apart) has "172.31.1.11", "fd00:31::11"; name one by --underlay-device or --underlay-address',
    },
    {
      row: 'not by a device that is not there',
      text: PLAIN,
      overrides: { underlayDevice: 'eth7' },
      is: 'this host has no device eth7, which --underlay-device names',
    },
    {
      row: 'not at an address that it does not have',
      text: PLAIN,
      overrides: { underlayDevice: 'eth0', underlayAddresses: ['192.0.2.12'] },
      is: 'Node e1 cannot be reached at eth0: it has none of the addresses "192.0.2.12"',
    },
    {
      row: 'nowhere without an address',
      text: PLAIN,
      node: { addresses: [] },
      is: 'no device of this host (lo apart) has an InternalIP of the Node, which has none; name one by --underlay-device or --underlay-address',
    },
    {
      row: 'nowhere where nothing would find back to what the host sends from',
      text: PLAIN,
      overrides: { sourceAddresses: ['192.0.2.7'] },
      is: '--source-address 192.0.2.7 is in no pod CIDR of Node e1 (10.11.1.0/24, fd00:11:1::/64), so nothing would find back to it',
    },
    {
      row: 'nowhere as long as its pods have no addresses',
      text: PLAIN,
      node: { podCIDRs: [] },
      is: 'Node e1 has no spec.podCIDRs: the controller manager has to give it some, or, where the network plugin has blocks of its own, an operator in the annotation causeway.dev/pod-cidrs',
    },
    {
      row: 'nowhere where an operator gave it its blocks, and it has no address in any',
      text: 'eth0 1500 172.31.1.11',
      node: TOLD,
      is: 'this host has no address in 10.11.1.0/26, fd00:11:1::/64, which its Node has by the annotation causeway.dev/pod-cidrs: reserve one that no pod gets, and name it by --source-address',
    },
  ])('$row', ({ text, overrides, node, is }) => {
    expect(reached(text, overrides, node)).toBe(is);
  });
});

describe('what the host sends from to pods of other clusters', () => {
  const source = (...args: Parameters<typeof local>): unknown => Object(local(...args)).source;

  test.each([
    {
      row: 'the first of its pod CIDRs, where no plugin has given it one; our own device is no plugin',
      text: PLAIN,
      is: { IPv4: '10.11.1.0', IPv6: 'fd00:11:1::' },
    },
    {
      row: 'what the network plugin gave to its bridge',
      text: `${PLAIN}\n cni0 1450 10.11.1.1 fd00:11:1::1`,
      is: { IPv4: '10.11.1.1', IPv6: 'fd00:11:1::1' },
    },
    {
      row: 'the lowest of several, in whatever order the kernel lists them',
      text: `cni0 1450 10.11.1.10\nflannel.1 1450 10.11.1.9\n${PLAIN}`,
      is: { IPv4: '10.11.1.9', IPv6: 'fd00:11:1::' },
    },
    {
      row: 'what the operator says',
      text: `${PLAIN}\n cni0 1450 10.11.1.1`,
      overrides: { sourceAddresses: ['10.11.1.250'] },
      is: { IPv4: '10.11.1.250', IPv6: 'fd00:11:1::' },
    },
    {
      row: 'nothing of a family that its pods do not have',
      text: PLAIN,
      node: { podCIDRs: ['10.11.1.0/24', 'nonsense'] },
      is: { IPv4: '10.11.1.0' },
    },
  ])('$row', ({ text, overrides, node, is }) => {
    expect(source(text, overrides, node)).toEqual(is);
  });
});

test('packets that are to be larger than the device takes are told of', () => {
  const note = (underlayMTU: number) => {
    const overrides = { underlayAddresses: [], sourceAddresses: [], underlayMTU };
    return notesOn(local(PLAIN, overrides) as Found, overrides);
  };
  expect(note(9_000)).toEqual(['--underlay-mtu 9000 is more than eth0 takes, which is 1500: that holds']);
  expect([note(1_500), note(1_400)]).toEqual([[], []]);
});

test('a family in which an operator gave it blocks, and it has no address, is left out and told of', () => {
  const found = local('eth0 1500 172.31.1.11\ntunl0 1480 10.11.1.7', {}, TOLD) as Found;
  expect(found).toMatchObject({ podCIDRs: ['10.11.1.0/26'], source: { IPv4: '10.11.1.7' } });
  expect(notesOn(found, { underlayAddresses: [], sourceAddresses: [] })).toEqual([
    'this host has no address in fd00:11:1::/64, which its Node has by the annotation causeway.dev/pod-cidrs: reserve one that no pod gets, and name it by --source-address; until then pods in there and those of other clusters do not reach each other',
  ]);
  expect(found.guarded).toContainEqual(expect.objectContaining({ cidr: 'fd00:11:1::/64' }));
});

describe('where the network plugin takes the address of a node with blocks of an operator away', () => {
  const OURS = 'eth0 1500 172.31.1.11\ncauseway-vx 1450 10.11.1.7 fd00:11:1::7';
  const LOST =
    'which only devices of causeway still have, and has no other address of the family in the blocks of the annotation causeway.dev/pod-cidrs: it goes on sending from there until it gets one, but a pod may get the same; reserve one that no pod gets, and name it by --source-address';

  test.each([
    {
      row: 'of one family: it goes on with that, which is told, and in the order of before',
      text: `${OURS}\ncilium_host 1500 fd00:11:1::7`,
      is: '10.11.1.7,fd00:11:1::7',
      notes: [`this host has lost 10.11.1.7, ${LOST}`],
    },
    {
      row: 'of both: with both',
      text: OURS,
      is: '10.11.1.7,fd00:11:1::7',
      notes: [`this host has lost 10.11.1.7, fd00:11:1::7, ${LOST}`],
    },
    {
      row: 'and gives it another: with that, also in another block',
      text: `${OURS}\ntunl0 1480 10.11.7.65\ncilium_host 1500 fd00:11:1::7`,
      is: '10.11.7.65,fd00:11:1::7',
      notes: [],
    },
    {
      row: 'and an operator names another: with that',
      text: `${OURS}\ncilium_host 1500 fd00:11:1::7`,
      overrides: { sourceAddresses: ['10.11.1.9'] },
      is: '10.11.1.9,fd00:11:1::7',
      notes: [],
    },
  ])('$row', ({ text, overrides = {}, is, notes }) => {
    const node = { ...TOLD, podCIDRs: [...TOLD.podCIDRs, '10.11.7.64/26'] };
    const found = local(text, overrides, node) as Found;
    expect(Object.values(found.source).join()).toBe(is);
    expect(found.podCIDRs).toEqual(node.podCIDRs);
    expect(notesOn(found, { underlayAddresses: [], sourceAddresses: [], ...overrides })).toEqual(notes);
  });

  test('and the operator that block: our own device speaks for no other', () => {
    const node = { ...TOLD, podCIDRs: ['10.11.2.0/26', 'fd00:11:1::/64'] };
    expect(local(OURS, {}, node)).toMatchObject({
      podCIDRs: ['fd00:11:1::/64'],
      sourceless: ['10.11.2.0/26'],
    });
  });
});

test('no other cluster may take the gateway or the name server', () => {
  const { guarded } = local(PLAIN) as Found;
  expect(guarded.map(({ cidr, what }) => `${cidr}, ${what}`)).toEqual(
    expect.arrayContaining([
      '10.96.0.0/16, the services of this cluster',
      '172.31.1.254/32, a gateway of this node',
      '192.0.2.53/32, a name server of this node',
    ]),
  );
});
