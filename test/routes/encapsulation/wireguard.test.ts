import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wireguard } from '../../../src/routes/encapsulation/wireguard.ts';
import type { Entry } from '../../../src/routes/entry.ts';
import { type LocalNode, MARKS, type Peer, type Underlay } from '../../../src/routes/model.ts';
import { checkNodes } from '../../../src/routes/validate.ts';
import { EAST, nodesOf, publicKey } from '../../kit/kernel/nodes.ts';

const KEY = publicKey(41);
const OWN = publicKey(11);
const HERE: LocalNode = {
  ...EAST,
  wireguard: { engine: 'kernel', publicKey: OWN, answering: new Set() },
};

function peerOf(line: string): Peer {
  const [peer] = checkNodes(nodesOf(line), 'east', 1500).peers;
  if (peer === undefined) throw new Error(`refused: ${line}`);
  return peer;
}

/** For the first block of the peer. */
function carried(line: string, local = HERE): string | readonly Entry[] {
  const peer = peerOf(line);
  const [block] = peer.blocks;
  if (block === undefined) throw new Error(`no block: ${line}`);
  const way = wireguard.carry(peer, block, local, MARKS);
  return typeof way === 'string' ? way : way.entries;
}

const NODE = `west w1 172.31.1.41 fd00:31::41 10.21.1.0/24 fd00:21:1::/64 key=${KEY}`;
const underlay = (mtu: number, ...families: ('IPv4' | 'IPv6')[]): LocalNode['underlay'] => ({
  ...(families.includes('IPv4') ? { IPv4: '172.31.1.11' } : {}),
  ...(families.includes('IPv6') ? { IPv6: 'fd00:31::11' } : {}),
  mtu,
  device: 'eth0',
});

test('a peer with all its blocks, and a route without a next hop', () => {
  expect(carried(NODE)).toEqual([
    {
      kind: 'peer',
      device: 'causeway-wg',
      publicKey: KEY,
      endpoint: '172.31.1.41:51895',
      allowedIPs: '10.21.1.0/24,fd00:21:1::/64',
      keepalive: 5,
    },
    {
      kind: 'route',
      destination: '10.21.1.0/24',
      type: 'unicast',
      protocol: 205,
      metric: 24,
      device: 'causeway-wg',
      mtu: 1440,
      source: '10.11.1.0',
    },
  ]);
});

test.each([
  { row: 'this node has none', node: NODE, local: EAST, says: 'this node has none' },
  { row: 'no key', node: NODE.replace(/key=.*/, ''), local: HERE, says: 'published no public key' },
  { row: 'our own key', node: NODE.replace(KEY, OWN), local: HERE, says: 'the public key of this node' },
  {
    row: 'no common family',
    node: NODE.replace('172.31.1.41 ', ''),
    local: { ...HERE, underlay: underlay(1500, 'IPv4') },
    says: 'no address of a family that this node has one of',
  },
  {
    row: 'too small for IPv6',
    node: `${NODE.replace('10.21.1.0/24 ', '')} mtu=1330`,
    local: HERE,
    says: 'may have 1264 octets only; IPv6 needs 1280',
  },
])('no way: $row', ({ node, local, says }) => {
  expect(carried(node, local)).toContain(says);
});

test('an endpoint of the family that both have', () => {
  const local = { ...HERE, underlay: underlay(1500, 'IPv6') };
  expect(carried(NODE, local)).toContainEqual(expect.objectContaining({ endpoint: '[fd00:31::41]:51895' }));
});

describe('packets', () => {
  const mtus = fc.integer({ min: 1280, max: 9200 });
  const families = fc.constantFrom<('IPv4' | 'IPv6')[]>(['IPv4'], ['IPv6'], ['IPv4', 'IPv6']);

  test('whatever their size, they fit both networks when they are encrypted', () => {
    fc.assert(
      fc.property(
        mtus,
        mtus,
        families,
        families,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (here, there, ours, theirs, part) => {
          const local = { ...HERE, underlay: underlay(here, ...ours) };
          const outer = (['IPv4', 'IPv6'] as const).find(
            family => ours.includes(family) && theirs.includes(family),
          );
          const base = peerOf(NODE);
          const peer: Peer = { ...base, underlay: { ...of(base.underlay, theirs), mtu: there } };
          const [block] = peer.blocks;
          const way = block && wireguard.carry(peer, block, local, MARKS);
          fc.pre(outer !== undefined && typeof way === 'object' && way.mtu !== undefined);
          const [device] = wireguard.device(local, MARKS);
          const most = device?.kind === 'link' ? device.mtu : 0;
          const size = Math.ceil(way.mtu * part);
          const padded = Math.min(Math.ceil(size / 16) * 16, Math.max(most, size));
          const outside = { IPv4: 20, IPv6: 40 }[outer] + 8 + 16 + padded + 16;
          expect(outside).toBeLessThanOrEqual(Math.min(here, there));
          // No room is given away but what padding takes.
          expect(Math.min(here, there) - (outside - padded + way.mtu)).toBeLessThan(16);
        },
      ),
    );
  });
});

function of({ IPv4, IPv6, mtu }: Underlay, families: readonly string[]): Underlay {
  return {
    ...(families.includes('IPv4') && IPv4 !== undefined ? { IPv4 } : {}),
    ...(families.includes('IPv6') && IPv6 !== undefined ? { IPv6 } : {}),
    mtu,
  };
}
