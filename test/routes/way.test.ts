import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Encryption } from '../../src/objects/shapes.ts';
import { type LocalNode, MARKS, type Mode } from '../../src/routes/model.ts';
import { type Plan, plan } from '../../src/routes/plan.ts';
import { EAST, nodesOf, policies, publicKey } from '../kit/kernel/nodes.ts';

const KEY = publicKey(41);
const NODE = `west w1 172.31.1.41 10.21.1.0/24 key=${KEY}`;
const KEYLESS = 'west w1 172.31.1.41 10.21.1.0/24';

const answering = (...keys: string[]): LocalNode => ({
  ...EAST,
  wireguard: { engine: 'kernel', publicKey: publicKey(11), answering: new Set(keys) },
});

function planned(
  node: string,
  encryption: Encryption,
  local: LocalNode,
  modes: readonly Mode[] = ['vxlan'],
): Plan {
  const wishes = policies({ west: modes }, { west: encryption });
  return plan({ local, nodes: nodesOf(node), policies: wishes, marks: MARKS });
}

/** What is there for west: routes, peers and elements, a line each. */
function linesOf({ entries }: Plan): string[] {
  return Array.from(entries.values()).flatMap(({ entry, cluster }) => {
    if (cluster === undefined) return [];
    if (entry.kind === 'route') return `${entry.device ?? entry.type} ${entry.metric}`;
    if (entry.kind === 'peer') return `peer ${entry.publicKey === KEY}`;
    return entry.kind === 'element' ? `${entry.set} ${entry.block}` : [];
  });
}

const CLEAR = ['causeway-vx 24', 'tunnelled4 10.21.1.0/24', 'peers4 172.31.1.41/32'];
const SEALED = ['unreachable 10000', 'sealed4 10.21.1.0/24', 'tunnelled4 10.21.1.0/24'];
const TUNNEL = ['peer true', 'causeway-wg 24', 'tunnelled4 10.21.1.0/24'];

test.each<{
  row: string;
  node: string;
  encryption: Encryption;
  local: LocalNode;
  modes?: Mode[];
  is: string[];
}>([
  { row: 'off', node: NODE, encryption: 'Off', local: answering(KEY), is: CLEAR },
  { row: 'required', node: NODE, encryption: 'Required', local: answering(KEY), is: [...TUNNEL, ...SEALED] },
  {
    row: 'required, and the tunnel is silent: still no other way',
    node: NODE,
    encryption: 'Required',
    local: answering(),
    is: [...TUNNEL, ...SEALED],
  },
  {
    row: 'required, and it has no key',
    node: KEYLESS,
    encryption: 'Required',
    local: answering(),
    is: SEALED,
  },
  { row: 'required, and this node cannot', node: NODE, encryption: 'Required', local: EAST, is: SEALED },
  {
    row: 'required, of a cluster without modes of ours',
    node: NODE,
    encryption: 'Required',
    local: answering(),
    modes: ['none'],
    is: [...TUNNEL, ...SEALED],
  },
  {
    row: 'preferred, and it answers: in clear only where the device is gone',
    node: NODE,
    encryption: 'Preferred',
    local: answering(KEY),
    is: [...TUNNEL, 'causeway-vx 10024', 'peers4 172.31.1.41/32'],
  },
  {
    row: 'preferred, and it does not answer: in clear, while it is asked',
    node: NODE,
    encryption: 'Preferred',
    local: answering(),
    is: ['peer true', ...CLEAR],
  },
  {
    row: 'preferred, and it has no key',
    node: KEYLESS,
    encryption: 'Preferred',
    local: answering(),
    is: CLEAR,
  },
  { row: 'preferred, and this node cannot', node: NODE, encryption: 'Preferred', local: EAST, is: CLEAR },
  {
    row: 'preferred, and there is no way in clear',
    node: NODE,
    encryption: 'Preferred',
    local: answering(),
    modes: ['direct'],
    is: TUNNEL,
  },
  {
    row: 'preferred, and in clear the network itself knows the way',
    node: NODE,
    encryption: 'Preferred',
    local: answering(),
    modes: ['none'],
    is: ['peer true', 'tunnelled4 10.21.1.0/24'],
  },
])('$row', ({ node, encryption, local, modes, is }) => {
  expect(linesOf(planned(node, encryption, local, modes)).sort()).toEqual([...new Set(is)].sort());
});

describe('why there is no way', () => {
  const faults = (...args: Parameters<typeof planned>): string[] =>
    planned(...args).faults.map(({ message }) => message);

  test('required', () => {
    expect(faults(KEYLESS, 'Required', answering())).toEqual([
      '10.21.1.0/24: no way to it: wireguard: it has published no public key; its packets go nowhere, for encryption is required',
    ]);
    expect(planned(KEYLESS, 'Required', answering()).peers.map(({ ways }) => ways)).toEqual([[]]);
  });

  test('preferred, and not in clear either', () => {
    expect(faults(KEYLESS, 'Preferred', EAST, ['direct'])).toEqual([
      '10.21.1.0/24: no way to it: wireguard: this node has none; direct: 172.31.1.41 is behind a router',
    ]);
  });

  test('preferred, and in clear there is: no fault', () => {
    expect(faults(KEYLESS, 'Preferred', answering())).toEqual([]);
  });
});

const sealedOf = (node: string, local = answering(KEY)): string[] =>
  linesOf(planned(node, 'Required', local)).filter(line => line.startsWith('sealed'));

describe('required, of a node that lost a conflict', () => {
  const taken = `${NODE}\nwest w2 172.31.1.42`;

  test('its block is not reached in clear', () => {
    const lines = linesOf(planned(`${taken} 10.21.2.0/24 key=${KEY}`, 'Required', answering(KEY)));
    expect(lines.filter(line => line.startsWith('unreachable'))).toHaveLength(2);
    expect(sealedOf(`${taken} 10.21.2.0/24 key=${KEY}`)).toEqual([
      'sealed4 10.21.1.0/24',
      'sealed4 10.21.2.0/24',
    ]);
  });

  test('of blocks that overlap the widest counts', () => {
    const blocks = '10.21.2.0/24 10.21.2.128/25';
    expect(sealedOf(`${taken} ${blocks} key=${KEY}\nwest w3 172.31.1.43 10.21.2.0/23 key=${KEY}`)).toEqual([
      'sealed4 10.21.1.0/24',
      'sealed4 10.21.2.0/23',
    ]);
  });

  test.each([
    { row: 'the block of another node', block: '10.21.1.0/25' },
    { row: 'pods of this cluster', block: '10.11.0.0/16' },
    { row: 'the address of a node', block: '172.31.0.0/16' },
  ])('$row stays whose it is', ({ block }) => {
    expect(sealedOf(`${taken} ${block} key=${KEY}`)).toEqual(['sealed4 10.21.1.0/24']);
  });
});

describe('required, of a node that cannot be planned with', () => {
  const many = Array.from({ length: 17 }, (_, index) => `10.22.${index}.0/24`);

  test.each([
    { row: 'without an address', node: '10.21.2.0/24' },
    { row: 'at an address that is none', node: '127.0.0.1 10.21.2.0/24' },
    { row: 'with a tiny MTU', node: '172.31.1.42 10.21.2.0/24 mtu=576' },
    { row: 'with no key', node: '172.31.1.42 10.21.2.0/24 key=abc' },
    { row: 'with a group address', node: '172.31.1.42 10.21.2.0/24 mac=03:00:00:00:00:01' },
    { row: 'with a shell in its name', node: '172.31.1.42 10.21.2.0/24 name=$(reboot)' },
    { row: 'with a block that is none besides', node: '10.300.0.0/16 0.0.0.0/0 10.21.2.0/24' },
  ])('$row: its block is not reached in clear, and nothing else changes', ({ node }) => {
    const lines = linesOf(planned(`${NODE}\nwest w2 ${node}`, 'Required', answering(KEY)));
    const itself = SEALED.map(line => line.replace('10.21.1.', '10.21.2.'));
    expect(lines.sort()).toEqual([...new Set(TUNNEL), ...SEALED, ...itself].filter(unlikeBefore).sort());
  });

  test('nor are those that are too many of a node', () => {
    const lines = sealedOf(`west w1 172.31.1.41 ${many.join(' ')} key=${KEY}`);
    expect(lines.sort()).toEqual(many.map(cidr => `sealed4 ${cidr}`).sort());
  });

  test('nor those of nodes that are too many', () => {
    const nodes = Array.from(
      { length: 5_002 },
      (_, index) =>
        `west w${10_000 + index} 172.${20 + (index >> 12)}.${(index >> 4) & 255}.${index & 15} 10.${
          100 + (index >> 8)
        }.${index & 255}.0/24`,
    );
    expect(new Set(sealedOf(nodes.join('\n'))).size).toBe(5_002);
  });

  test('the address of a node stays reachable, its own among them', () => {
    expect(sealedOf('west w2 172.31.1.42 172.31.1.0/24 10.21.2.0/24 mtu=576')).toEqual([
      'sealed4 10.21.2.0/24',
    ]);
  });

  test.each(['Preferred', 'Off'] as const)('%s: it is not sealed', encryption => {
    expect(linesOf(planned('west w2 10.21.2.0/24', encryption, answering(KEY)))).toEqual([]);
  });
});

describe('on a node without IPv6 pods', () => {
  const local: LocalNode = {
    ...answering(KEY),
    podCIDRs: ['10.11.1.0/24'],
    source: { IPv4: '10.11.1.0' },
  };
  const both = `west w1 172.31.1.41 10.21.1.0/24 fd00:21:1::/64 key=${KEY}`;

  test.each([
    { row: 'required', node: both, encryption: 'Required' as const },
    {
      row: 'required, of a node that lost',
      node: `${NODE}\n${both.replace('w1', 'w2')}`,
      encryption: 'Required' as const,
    },
  ])('$row: IPv6 pods are not reached in clear, and no route of IPv6 is made', ({ node, encryption }) => {
    const lines = linesOf(planned(node, encryption, local));
    expect(lines.filter(line => line.includes('fd00')).sort()).toEqual([
      'sealed6 fd00:21:1::/64',
      'tunnelled6 fd00:21:1::/64',
    ]);
    expect(lines.sort()).toEqual(
      [...TUNNEL, ...SEALED, 'tunnelled6 fd00:21:1::/64', 'sealed6 fd00:21:1::/64']
        .filter(unlikeBefore)
        .sort(),
    );
  });

  test.each(['Preferred', 'Off'] as const)('%s: nothing is said of them', encryption => {
    expect(linesOf(planned(both, encryption, local)).filter(line => line.includes('fd00'))).toEqual([]);
  });
});

function unlikeBefore(line: string, index: number, all: readonly string[]): boolean {
  return line.startsWith('unreachable') || all.indexOf(line) === index;
}

test('whatever the nodes of a cluster say: what can be read of their blocks is never reached in clear', () => {
  const CIDRS = ['10.21.1.0/24', '10.21.2.0/24', '10.21.3.0/24', 'fd00:21:1::/64', 'fd00:21:2::/64'];
  const node = fc.record({
    cluster: fc.constant('west'),
    uid: fc.constantFrom('w1', 'w2', 'w3', '-force'),
    name: fc.constantFrom('node', 'n2', '$(id)'),
    addresses: fc.subarray(['172.31.1.41', '172.31.1.42', 'fd00:31::41', '127.0.0.1', 'junk']),
    podCIDRs: fc.array(fc.constantFrom(...CIDRS, '0.0.0.0/0', 'junk'), { maxLength: 20 }),
    mtu: fc.constantFrom(1_500, 576),
    vtepMAC: fc.constantFrom('02:00:00:00:00:41', '03:00:00:00:00:01'),
    wireguardPublicKey: fc.constantFrom(KEY, publicKey(42), 'junk'),
  });
  const family = fc.constantFrom({ IPv4: '10.11.1.0', IPv6: 'fd00:11:1::' }, { IPv4: '10.11.1.0' });
  fc.assert(
    fc.property(fc.array(node, { maxLength: 5 }), family, fc.boolean(), (nodes, source, able) => {
      const podCIDRs = EAST.podCIDRs.slice(0, Object.keys(source).length);
      const local = { ...(able ? answering(KEY) : EAST), source, podCIDRs };
      const wishes = policies({ west: ['direct', 'vxlan'] }, { west: 'Required' });
      const { entries } = plan({ local, nodes, policies: wishes, marks: MARKS });
      for (const cidr of CIDRS) {
        const isSaid = nodes.some(one => one.podCIDRs.includes(cidr));
        const version = cidr.includes(':') ? 6 : 4;
        expect(entries.has(`element sealed${version} ${cidr}`)).toBe(isSaid);
        const ways = Array.from(entries.values(), ({ entry }) => entry).filter(
          entry => entry.kind === 'route' && entry.destination === cidr && entry.type === 'unicast',
        );
        for (const way of ways) expect(way).toMatchObject({ device: MARKS.wireguard.device });
      }
    }),
    { numRuns: 500 },
  );
});
