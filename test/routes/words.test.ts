import { expect, test } from 'vitest';
import { difference, removal } from '../../src/routes/diff.ts';
import { stateOf } from '../../src/routes/entry.ts';
import { MARKS } from '../../src/routes/model.ts';
import { plan } from '../../src/routes/plan.ts';
import { wordsOf } from '../../src/routes/words.ts';
import { EAST, nodesOf, policies } from '../kit/kernel/nodes.ts';

const GATES = {
  clusters: new Set<string>(),
  synced: new Set<string>(),
  owners: new Map(),
  released: new Set<string>(),
};

const wanted = plan({
  local: { ...EAST, podCIDRs: ['10.11.1.0/24'], source: { IPv4: '10.11.1.0' } },
  nodes: nodesOf('west w1 172.31.1.41 10.21.1.0/24 mac=02:00:00:00:00:41'),
  policies: policies({ west: ['vxlan'] }),
  marks: MARKS,
});

test('operations are a line each, in the words of the programs and in the order in which they happen', () => {
  const { operations } = difference(wanted, stateOf([]), GATES);
  const lines = wordsOf(operations, MARKS);
  expect(lines.map(line => line.replace(/\d+ rules/, 'some rules'))).toEqual([
    expect.stringMatching(
      /^ip link add causeway-vx address 02(:..){5} type vxlan id 7795 local 172\.31\.1\.11 dev eth0 dstport 4795 nolearning$/,
    ),
    'ip link set causeway-vx mtu 1450 up',
    'sysctl -w net/ipv4/conf/causeway-vx/rp_filter=2',
    'ip addr replace 10.11.1.0/32 dev causeway-vx',
    'nft add table inet causeway # built anew, with some rules',
    'nft add element inet causeway tunnelled4 { 10.21.1.0/24 }',
    'nft add element inet causeway peers4 { 172.31.1.41 }',
    'bridge fdb replace 02:00:00:00:00:41 dev causeway-vx dst 172.31.1.41 self permanent',
    'ip neigh replace 172.31.1.41 lladdr 02:00:00:00:00:41 dev causeway-vx nud permanent',
    'ip route replace throw 10.11.1.0/24 proto 205 metric 0 table 7795',
    'ip route replace unicast 10.21.1.0/24 via 172.31.1.41 dev causeway-vx onlink src 10.11.1.0 proto 205 metric 24 table 7795 mtu 1450',
    'ip rule add pref 90 lookup 7795 protocol kernel',
  ]);
});

test('and so is taking all of it away; what is in a set goes with the table', () => {
  const there = stateOf(Array.from(wanted.entries.values(), ({ entry }) => entry));
  expect(wordsOf(removal(there), MARKS)).toEqual([
    'ip rule del pref 90 lookup 7795',
    'ip route del 10.11.1.0/24 table 7795 metric 0',
    'ip route del 10.21.1.0/24 table 7795 metric 24',
    'ip neigh del 172.31.1.41 dev causeway-vx',
    'bridge fdb del 02:00:00:00:00:41 dev causeway-vx self',
    'nft delete table inet causeway',
    'ip addr del 10.11.1.0/32 dev causeway-vx',
    'ip link del causeway-vx',
  ]);
});
