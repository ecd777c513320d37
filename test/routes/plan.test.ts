import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { difference, type Operation } from '../../src/routes/diff.ts';
import { type LocalNode, MARKS, type Mode } from '../../src/routes/model.ts';
import { plan } from '../../src/routes/plan.ts';
import { wordsOf } from '../../src/routes/words.ts';
import { EAST, NORTH, nodesOf, policies, publicKey, WEST, WEST_AND_NORTH } from '../kit/kernel/nodes.ts';

const NOTHING_KNOWN = {
  clusters: new Set(''),
  synced: new Set(''),
  owners: new Map(),
  released: new Set(''),
};

/** What `ip` and `bridge` would be told. */
function linesOf(operations: readonly Operation[]): string[] {
  return wordsOf(operations, MARKS).flatMap(line => /^(?:ip|ip -6|bridge) (?!-)(.*)$/.exec(line)?.[1] ?? []);
}

/** What a new node gets to read, without the lines for the node itself. */
function lines(nodes: string, local: Partial<LocalNode> = {}, modes: readonly Mode[] = ['vxlan']): string[] {
  const input = { local: { ...EAST, ...local }, marks: MARKS, policies: policies({ west: modes }) };
  const of = (text: string): string[] =>
    linesOf(difference(plan({ ...input, nodes: nodesOf(text) }), new Map(), NOTHING_KNOWN).operations);
  const own = of('');
  return of(nodes).filter(line => !own.includes(line));
}

const routes = (...args: Parameters<typeof lines>): string[] =>
  lines(...args).filter(line => line.startsWith('route'));

const faultsOf = (
  nodes: string,
  local: Partial<LocalNode> = {},
  modes: readonly Mode[] = ['vxlan'],
): string[] =>
  plan({
    local: { ...EAST, ...local },
    marks: MARKS,
    policies: policies({ west: modes }),
    nodes: nodesOf(nodes),
  }).faults.map(({ reason, message }) => `${reason}: ${message}`);

test('the node itself: its device, and what must not be found in our table', () => {
  const { operations } = difference(
    plan({ local: EAST, nodes: [], policies: [], marks: MARKS }),
    new Map(),
    NOTHING_KNOWN,
  );
  const text = wordsOf(operations, MARKS).filter(line => !line.startsWith('nft'));
  expect(text.map(line => line.replace(/^(ip|bridge|sysctl -w) (-6 )?(net\/)?/, ''))).toEqual([
    'link add causeway-vx address 02:a8:c5:ff:5d:65 type vxlan id 7795 local 172.31.1.11 dev eth0 dstport 4795 nolearning',
    'link set causeway-vx mtu 1450 up',
    'ipv4/conf/causeway-vx/rp_filter=2',
    'ipv6/conf/causeway-vx/accept_ra=0',
    'addr replace 10.11.1.0/32 dev causeway-vx',
    'addr replace fd00:11:1::/128 dev causeway-vx nodad',
    'route replace throw 10.11.1.0/24 proto 205 metric 0 table 7795',
    'route replace throw fd00:11:1::/64 proto 205 metric 1024 table 7795',
    'rule add pref 90 lookup 7795 protocol kernel',
    'rule add pref 90 lookup 7795 protocol kernel',
  ]);
});

describe('vxlan', () => {
  test('of thousands of IPv4 routes few are of one metric: the kernel compares all that are', () => {
    const nodes = Array.from({ length: 4_000 }, (_, index) => {
      const [high, low] = [index >> 8, index & 255];
      return `west w${index} 172.20.${high}.${low} 10.${100 + high}.${low}.0/24`;
    });
    const counts = new Map<string, number>();
    for (const line of routes(nodes.join('\n'))) {
      const metric = / dev causeway-vx .* metric (\d+) /.exec(line)?.[1] ?? 'none';
      counts.set(metric, (counts.get(metric) ?? 0) + 1);
    }
    expect(counts.size).toBeGreaterThan(900);
    expect(Math.max(...counts.values())).toBeLessThan(20);
    expect([counts.has('0'), counts.has('none')]).toEqual([false, false]);
  });

  test('both families through one tunnel over IPv4', () => {
    expect(lines('west w1 172.31.1.41 10.21.1.0/24 fd00:21:1::/64 mac=02:00:00:00:00:41')).toEqual([
      'fdb replace 02:00:00:00:00:41 dev causeway-vx dst 172.31.1.41 self permanent',
      'neigh replace 172.31.1.41 lladdr 02:00:00:00:00:41 dev causeway-vx nud permanent',
      'neigh replace fe80::ff:fe00:41 lladdr 02:00:00:00:00:41 dev causeway-vx nud permanent',
      'route replace unicast 10.21.1.0/24 via 172.31.1.41 dev causeway-vx onlink src 10.11.1.0 proto 205 metric 24 table 7795 mtu 1450',
      'route replace unicast fd00:21:1::/64 via fe80::ff:fe00:41 dev causeway-vx src fd00:11:1:: proto 205 metric 1024 table 7795 mtu 1450',
    ]);
  });

  test('IPv4 pods over an IPv6 network', () => {
    const underlay = { IPv6: 'fd00:31::11', mtu: 1500, device: 'eth0' };
    expect(lines('west w1 fd00:31::41 10.21.1.0/24 mac=02:00:00:00:00:41', { underlay })).toEqual([
      'fdb replace 02:00:00:00:00:41 dev causeway-vx dst fd00:31::41 self permanent',
      'neigh replace fe80::ff:fe00:41 lladdr 02:00:00:00:00:41 dev causeway-vx nud permanent',
      'route replace unicast 10.21.1.0/24 via inet6 fe80::ff:fe00:41 dev causeway-vx onlink src 10.11.1.0 proto 205 metric 24 table 7795 mtu 1430',
    ]);
  });

  test.each([
    { row: 'the smaller network is here', mtu: 1400, peer: '', is: 'mtu 1350' },
    { row: 'the smaller network is there', mtu: 1500, peer: 'mtu=1400', is: 'mtu 1350' },
    { row: 'both are large', mtu: 9001, peer: 'mtu=8950', is: 'mtu 8900' },
  ])('the packets of a route fit both networks: $row', ({ mtu, peer, is }) => {
    const underlay = { ...EAST.underlay, mtu };
    expect(routes(`west w1 172.31.1.41 10.21.1.0/24 ${peer}`, { underlay })[0]).toContain(is);
  });

  test.each([
    { row: 'no common family', node: 'west w1 fd00:31::41 10.21.1.0/24', says: 'it has no IPv4 address' },
    { row: 'too small for IPv6', node: 'west w1 172.31.1.41 fd00:21::/64 mtu=1300', says: 'IPv6 needs 1280' },
  ])('no way: $row', ({ node, says }) => {
    expect(routes(node)).toEqual([]);
    expect(faultsOf(node).join()).toContain(says);
  });
});

describe('ipip', () => {
  test('the far end is the next hop, with room for one more header', () => {
    expect(lines('west w1 172.31.1.41 10.21.1.0/24 mtu=1400', { ipip: true }, ['ipip'])).toEqual([
      'route replace unicast 10.21.1.0/24 via 172.31.1.41 dev causeway-ipip onlink src 10.11.1.0 proto 205 metric 24 table 7795 mtu 1380',
    ]);
  });

  test('the device of the node itself, and nothing of IPv6 on it', () => {
    const local = { ...EAST, ipip: true } as const;
    const { operations } = difference(
      plan({ local, nodes: [], policies: [], marks: MARKS }),
      new Map(),
      NOTHING_KNOWN,
    );
    expect(linesOf(operations).filter(line => line.includes('causeway-ipip'))).toEqual([
      'link add causeway-ipip type ipip local 172.31.1.11 ttl 64',
      'link set causeway-ipip mtu 1480 up',
      'addr replace 10.11.1.0/32 dev causeway-ipip',
    ]);
  });

  test.each([
    {
      row: 'no such device',
      ipip: 'this kernel has no IPIP devices',
      says: 'ipip: this kernel has no IPIP devices',
    },
    {
      row: 'IPv6 pods',
      ipip: true as const,
      node: 'west w1 172.31.1.41 fd00:21:1::/64',
      says: 'ipip: it carries IPv4 only',
    },
    {
      row: 'no IPv4',
      ipip: true as const,
      node: 'west w1 fd00:31::41 10.21.1.0/24',
      says: 'ipip: it has no IPv4 address to send to',
    },
  ])('no way: $row', ({ ipip, node = 'west w1 172.31.1.41 10.21.1.0/24', says }) => {
    expect(routes(node, { ipip }, ['ipip'])).toEqual([]);
    expect(faultsOf(node, { ipip }, ['ipip'])[0]).toContain(`no way to it: ${says}`);
    expect(routes(node, { ipip }, ['ipip', 'vxlan']).length).toBe(node.includes('fd00:31') ? 0 : 1);
  });
});

describe('the first mode that can', () => {
  const onLink = new Map([['172.31.1.41', 'eth0']]);
  const node = 'west w1 172.31.1.41 10.21.1.0/24 fd00:21:1::/64';

  test('direct for the family whose next hop is on the link, the tunnel for the other', () => {
    expect(routes(node, { onLink }, ['direct', 'vxlan']).map(line => line.replace(/ src.*/, ''))).toEqual([
      'route replace unicast 10.21.1.0/24 via 172.31.1.41 dev eth0',
      expect.stringContaining('route replace unicast fd00:21:1::/64 via fe80::'),
    ]);
  });

  test('only direct: what is behind a router has no way', () => {
    expect(routes(node, {}, ['direct'])).toEqual([]);
    expect(faultsOf(node, {}, ['direct'])).toEqual([
      'NoWay: 10.21.1.0/24: no way to it: direct: 172.31.1.41 is behind a router',
      'NoWay: fd00:21:1::/64: no way to it: direct: it has no IPv6 address to route IPv6 pods through',
    ]);
  });

  test('none leaves the way to the network, and is no fault', () => {
    expect(lines(node, {}, ['none'])).toEqual([]);
    expect(faultsOf(node, {}, ['none'])).toEqual([]);
  });

  test('a cluster without a policy is not routed to', () => {
    expect(lines(NORTH)).toEqual([]);
  });
});

test('a node without IPv6 pods has no use for those of others', () => {
  const local = { podCIDRs: ['10.11.1.0/24'], source: { IPv4: '10.11.1.0' } };
  expect(routes('west w1 172.31.1.41 10.21.1.0/24 fd00:21:1::/64', local)).toHaveLength(1);
});

test('the order in which anything is told does not matter', () => {
  const text = `${WEST}\n${NORTH}\n
    west w3 172.31.1.43 10.21.1.0/25 10.21.0.0/16 10.0.0.0/8
    north n2 172.31.1.41 10.31.1.0/24
    zoo z1 172.31.1.61 10.21.2.128/25 mac=02:00:00:00:00:41
    zoo z2 172.31.1.62 10.41.2.0/24 mac=02:00:00:00:00:41`;
  const nodes = nodesOf(text);
  const of = (
    some: typeof nodes,
    clusters = [...WEST_AND_NORTH, ...policies({ zoo: ['direct', 'vxlan'] })],
  ) => plan({ local: EAST, marks: MARKS, nodes: some, policies: clusters });
  const first = of(nodes);
  expect(first.faults.length).toBeGreaterThan(4);
  fc.assert(
    fc.property(fc.shuffledSubarray(nodes, { minLength: nodes.length }), shuffled => {
      expect(of(shuffled)).toEqual(first);
      expect([...of(shuffled).entries.keys()]).toEqual([...first.entries.keys()]);
    }),
  );
});

test('what was worked out for a node before makes no difference to the plan', () => {
  const told = nodesOf(`${WEST}\n${NORTH}\n
    west w3 172.31.1.43 10.21.1.0/25 10.300.0.0/16 fd00:21:3::/64
    north n2 172.31.1.41 10.31.2.0/24 mtu=1400
    west w4 172.31.1.44 10.21.4.0/24 key=${publicKey(4)}
    west w4 172.31.1.44 10.21.4.0/24 key=${publicKey(4)} next=${publicKey(5)}
    west w4 172.31.1.44 10.21.4.0/24 next=${publicKey(5)}
    north n3 172.31.1.53 10.31.3.0/24 key=${publicKey(6)}`);
  const tunnels = { engine: 'kernel', publicKey: publicKey(1), answering: new Set([publicKey(4)]) } as const;
  const [next, answeringOnDetour] = [publicKey(2), new Set([publicKey(5), publicKey(6)])];
  const locals: readonly LocalNode[] = [
    ...[1500, 1400].map(mtu => ({ ...EAST, underlay: { ...EAST.underlay, mtu } })),
    { ...EAST, cluster: 'west' },
    { ...EAST, wireguard: tunnels },
    { ...EAST, wireguard: { ...tunnels, answeringOnDetour } },
    { ...EAST, wireguard: { ...tunnels, nextPublicKey: next } },
    { ...EAST, wireguard: { ...tunnels, nextPublicKey: next, answeringOnDetour } },
    { ...EAST, wireguard: { ...tunnels, publicKey: next, nextPublicKey: next, answeringOnDetour } },
  ];
  const clusters = (['Off', 'Preferred', 'Required'] as const).map(west =>
    policies({ west: ['vxlan'], north: ['vxlan'] }, { west, north: 'Preferred' }),
  );
  const looks = fc.array(
    fc.record({
      nodes: fc.subarray(told),
      local: fc.constantFrom(...locals),
      policies: fc.constantFrom(...clusters),
    }),
    { minLength: 2, maxLength: 5 },
  );
  fc.assert(
    fc.property(looks, all => {
      for (const look of all) {
        const incremental = plan({ ...look, marks: MARKS });
        expect(incremental).toEqual(plan({ ...structuredClone(look), marks: MARKS }));
      }
    }),
  );
});
