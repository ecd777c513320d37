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

const CLEAR = ['causeway-vx 0', 'remote4 10.21.1.0/24', 'peers4 172.31.1.41/32'];
const SEALED = ['unreachable 10000', 'sealed4 10.21.1.0/24', 'remote4 10.21.1.0/24'];
const TUNNEL = ['peer true', 'causeway-wg 0', 'remote4 10.21.1.0/24'];

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
    is: [...TUNNEL, 'causeway-vx 10000', 'peers4 172.31.1.41/32'],
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
    is: ['peer true', 'remote4 10.21.1.0/24'],
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

describe('required, of a node that lost a conflict', () => {
  const taken = `${NODE}\nwest w2 172.31.1.42`;
  const sealedOf = (node: string): string[] =>
    linesOf(planned(node, 'Required', answering(KEY))).filter(line => line.startsWith('sealed4'));

  test('its block is not reached in clear', () => {
    const lines = linesOf(planned(`${taken} 10.21.2.0/24 key=${KEY}`, 'Required', answering(KEY)));
    expect(lines.filter(line => line.startsWith('unreachable'))).toHaveLength(2);
    expect(sealedOf(`${taken} 10.21.2.0/24 key=${KEY}`)).toEqual([
      'sealed4 10.21.1.0/24',
      'sealed4 10.21.2.0/24',
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
