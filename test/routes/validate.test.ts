import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { difference } from '../../src/routes/diff.ts';
import { MARKS, type RemoteNode } from '../../src/routes/model.ts';
import { plan } from '../../src/routes/plan.ts';
import { checkNodes } from '../../src/routes/validate.ts';
import { wordsOf } from '../../src/routes/words.ts';
import { EAST, nodesOf, WEST_AND_NORTH } from '../kit/kernel/nodes.ts';

const said = (text: string): string[] =>
  checkNodes(nodesOf(text), 'east', 1500).faults.map(
    ({ cluster, node, reason, message }) => `${cluster} ${node}: ${reason}: ${message}`,
  );

const blocksOf = (text: string): string[] =>
  checkNodes(nodesOf(text), 'east', 1500).peers.flatMap(({ blocks }) => blocks.map(({ cidr }) => cidr));

describe('blocks that are not routed', () => {
  test.each([
    ['0.0.0.0/0', 'this network'],
    ['0.0.0.0/1', 'this network'],
    ['128.0.0.0/1', 'link-local'],
    ['64.0.0.0/2', 'loopback'],
    ['32.0.0.0/3', 'must be /16 or longer'],
    ['8.0.0.0/8', 'must be /16 or longer'],
    ['8.8.0.0/15', 'must be /16 or longer'],
    ['10.0.0.0/8', 'must be /12 or longer'],
    ['100.64.0.0/10', 'must be /12 or longer'],
    ['172.0.0.0/11', 'must be /16 or longer'],
    ['::/0', 'unspecified'],
    ['2000::/3', 'must be /48 or longer'],
    ['2001:db8::/32', 'must be /48 or longer'],
    ['fd00:10::/47', 'must be /48 or longer'],
    ['127.0.0.0/24', 'loopback'],
    ['169.254.169.254/32', 'link-local'],
    ['224.0.0.0/24', 'multicast'],
    ['255.255.255.255/32', 'reserved'],
    ['fe80::/64', 'link-local'],
    ['ff02::/64', 'multicast'],
    ['::ffff:10.1.2.0/120', 'without host bits'],
    ['10.1.2.3/24', 'without host bits'],
    ['10.1.2.0/24;reboot', 'without host bits'],
  ])('%s', (cidr, why) => {
    const text = `west w1 172.31.1.41 10.21.1.0/24 ${cidr}`;
    expect(said(text).join('\n')).toContain(why);
    expect(blocksOf(text)).toEqual(['10.21.1.0/24']);
  });

  test.each([
    '10.48.0.0/12',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '100.64.0.0/12',
    '198.18.0.0/15',
    '203.0.0.0/16',
    'fd00:10:244::/48',
    '2001:db8:1::/48',
  ])('unlike %s, the most that one may have there', cidr => {
    expect(blocksOf(`west w1 172.31.1.41 ${cidr}`)).toEqual([cidr]);
  });

  test('more than a node may have', () => {
    const many = Array.from({ length: 3_000 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`);
    const text = `west w1 172.31.1.41 ${many.join(' ')}`;
    expect(said(text)).toEqual(['west node-w1: TooMany: podCIDRs: has 3000; only the first 16 are used']);
    expect(blocksOf(text)).toHaveLength(16);
  });
});

describe('nodes that are not routed to', () => {
  test.each([
    { row: 'of this cluster', text: 'east w1 172.31.1.41', says: 'is this cluster' },
    { row: 'of no cluster', text: '../etc w1 172.31.1.41', says: 'must be a cluster id' },
    { row: 'with a shell in its name', text: 'west w1 172.31.1.41 name=$(reboot)', says: '"$(reboot)"' },
    { row: 'with an option as its uid', text: 'west -force 172.31.1.41;id', says: 'must be an IP address' },
    { row: 'without an address', text: 'west w1 10.21.1.0/24', says: 'no way to its pods' },
    { row: 'at loopback', text: 'west w1 127.0.0.1', says: '127.0.0.1: is loopback' },
    { row: 'at a mapped address', text: 'west w1 ::ffff:172.31.1.41', says: 'must be an IP address' },
    { row: 'with a group address', text: 'west w1 172.31.1.41 mac=03:00:00:00:00:01', says: 'vtepMAC' },
    { row: 'with no hardware address', text: 'west w1 172.31.1.41 mac=02:00', says: 'vtepMAC' },
    { row: 'with no key', text: 'west w1 172.31.1.41 key=abc', says: 'wireguardPublicKey' },
    { row: 'with a tiny MTU', text: 'west w1 172.31.1.41 mtu=576', says: 'must be 1280 to 65535' },
    { row: 'with half an MTU', text: 'west w1 172.31.1.41 mtu=1400.5', says: 'must be 1280 to 65535' },
  ])('$row', ({ text, says }) => {
    expect(said(text).join('\n')).toContain(says);
    expect(checkNodes(nodesOf(text), 'east', 1500).peers).toEqual([]);
  });

  test('a long name is not repeated in full', () => {
    expect(said(`west w1 172.31.1.41 name=${'x'.repeat(10_000)}`)[0]?.length).toBeLessThan(300);
  });

  test('too many of one cluster are one fault, and other clusters keep theirs', () => {
    const many = Array.from(
      { length: 5_003 },
      (_, index) => `west w${10_000 + index} 172.16.${index >> 8}.${index & 255}`,
    );
    const { peers, faults } = checkNodes(nodesOf([...many, 'zoo z1 172.31.1.61'].join('\n')), 'east', 1500);
    expect(faults).toMatchObject([{ cluster: 'west', reason: 'TooMany' }]);
    expect(peers).toHaveLength(5_001);
  });
});

describe("a node's own addresses in the pod network", () => {
  const ownOf = (own: string): (string | undefined)[] =>
    checkNodes(
      nodesOf(`west w1 172.31.1.41 10.21.1.0/24 10.22.1.0/24 fd00:21::/64 own=${own}`),
      'east',
      1500,
    ).peers.flatMap(({ blocks }) => blocks.map(({ nodeAddress }) => nodeAddress));

  test.each([
    {
      row: 'one in each block',
      own: 'fd00:21::0:1,10.22.1.9,10.21.1.255',
      found: ['10.21.1.255', '10.22.1.9', 'fd00:21::1'],
    },
    {
      row: 'of several in a block the first',
      own: '10.21.1.2,10.21.1.1',
      found: ['10.21.1.2', undefined, undefined],
    },
    { row: 'the first and the last address', own: '10.21.1.0', found: ['10.21.1.0', undefined, undefined] },
  ])('$row', ({ own, found }) => {
    expect(ownOf(own)).toEqual(found);
  });

  test.each([
    '10.21.2.1',
    '172.31.1.41',
    '127.0.0.1',
    '::ffff:10.21.1.1',
    'fd00:22::1',
    '10.21.1.1/24',
    '$(id)',
  ])('not outside its pod CIDRs: %s', own => {
    expect(ownOf(own)).toEqual([undefined, undefined, undefined]);
    expect(said(`west w1 172.31.1.41 10.21.1.0/24 own=${own}`).join()).toContain(
      'must be an address inside its podCIDRs',
    );
  });

  test('nor in a block that another has', () => {
    const nodes = nodesOf('west w1 172.31.1.41 10.21.1.0/24\nwest w2 172.31.1.42 10.21.1.0/24 own=10.21.1.1');
    const { peers } = plan({ local: EAST, nodes, policies: WEST_AND_NORTH, marks: MARKS });
    expect(peers.map(({ ways }) => ways)).toEqual([[{ cidr: '10.21.1.0/24', mode: 'vxlan', mtu: 1450 }], []]);
  });
});

test('whatever other clusters say, only words of the right kind reach a command line', () => {
  const junk = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '10.1.2.0/24 dev lo',
      '-force',
      '02:00:00:00:00:01\nlink del eth0',
      '10.21.1.0/24',
      '172.31.1.41',
    ),
  );
  const node: fc.Arbitrary<RemoteNode> = fc.record({
    cluster: fc.oneof(junk, fc.constantFrom('west', 'north')),
    uid: fc.oneof(junk, fc.constantFrom('w1', 'w2')),
    name: fc.oneof(junk, fc.constant('node')),
    addresses: fc.array(fc.oneof(junk, fc.ipV4(), fc.ipV6()), { maxLength: 3 }),
    podCIDRs: fc.array(fc.oneof(junk, fc.constantFrom('10.21.1.0/24', 'fd00:21::/64')), { maxLength: 3 }),
    vtepMAC: fc.oneof(junk, fc.constant('02:00:00:00:00:41')),
  });
  fc.assert(
    fc.property(fc.array(node, { maxLength: 6 }), nodes => {
      const wanted = plan({ local: EAST, nodes, policies: WEST_AND_NORTH, marks: MARKS });
      const gates = { clusters: new Set(''), synced: new Set(''), owners: new Map(), released: new Set('') };
      for (const line of wordsOf(difference(wanted, new Map(), gates).operations, MARKS))
        if (!line.includes('#'))
          expect(line).toMatch(/^(ip|bridge|nft|sysctl)( ([a-z0-9:][a-z0-9:._/=-]*|-6|-w|\{|\}))+$/i);
    }),
    { numRuns: 500 },
  );
});
