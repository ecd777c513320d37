import { describe, expect, test } from 'vitest';
import { overlaps, parseBlock } from '../../src/base/block.ts';
import type { Encryption } from '../../src/objects/shapes.ts';
import { difference } from '../../src/routes/diff.ts';
import { type KernelState, keyOf, stateOf } from '../../src/routes/entry.ts';
import type { Gates } from '../../src/routes/gates.ts';
import { MARKS } from '../../src/routes/model.ts';
import { type Plan, plan } from '../../src/routes/plan.ts';
import { EAST, nodesOf, policies, publicKey } from '../kit/kernel/nodes.ts';

const POLICIES = policies({ west: ['vxlan'], north: ['vxlan'] });
const planOf = (nodes: readonly string[]): Plan =>
  plan({ local: EAST, nodes: nodesOf(nodes.join('\n')), policies: POLICIES, marks: MARKS });

const nodesNumbered = (cluster: string, octet: number, count: number): string[] =>
  Array.from(
    { length: count },
    (_, i) => `${cluster} n${100 + i} 172.31.${octet}.${i + 1} 10.${octet}.${i}.0/24`,
  );

const WEST = nodesNumbered('west', 21, 40);
const NORTH = nodesNumbered('north', 31, 4);

/** The kernel as a plan left it. */
const kernelAfter = (nodes: readonly string[]): KernelState =>
  stateOf([...planOf(nodes).entries.values()].map(({ entry }) => entry));

function gates(before: readonly string[], some: Partial<Gates> = {}): Gates {
  const owners = new Map<string, string>();
  for (const { entry, cluster } of planOf(before).entries.values())
    if (cluster !== undefined) owners.set(keyOf(entry), cluster);
  const clusters = new Set(['west', 'north']);
  return { clusters, synced: clusters, owners, released: new Set(), ...some };
}

/** How many routes go, and what is held. */
function judged(before: readonly string[], after: readonly string[], some: Partial<Gates> = {}): string {
  const { operations, held } = difference(planOf(after), kernelAfter(before), gates(before, some));
  const gone = operations.filter(({ verb, entry }) => verb === 'delete' && entry.kind === 'route').length;
  const kept = held.map(({ cluster = 'nobody', why, entries }) => {
    return `${why} ${cluster} ${entries.filter(({ kind }) => kind === 'route').length}`;
  });
  return [`${gone} gone`, ...kept].join(', ');
}

describe('what may go', () => {
  test.each<{ row: string; before?: string[]; after: string[]; some?: Partial<Gates>; is: string }>([
    { row: 'a node', after: [...WEST.slice(1), ...NORTH], is: '1 gone' },
    { row: 'a fourth of a cluster', after: [...WEST.slice(10), ...NORTH], is: '10 gone' },
    { row: 'more looks like a mistake', after: [...WEST.slice(11), ...NORTH], is: '0 gone, Brake west 11' },
    { row: 'a small cluster may go whole', after: WEST, is: '4 gone' },
    {
      row: 'all of it, when somebody says so',
      after: NORTH,
      some: { released: new Set(['west']) },
      is: '40 gone',
    },
    {
      row: 'all of a cluster that the operator gave up',
      after: NORTH,
      some: { clusters: new Set(['north']) },
      is: '40 gone',
    },
    {
      row: 'nothing of a cluster that has not been heard',
      after: WEST,
      some: { synced: new Set(['west']) },
      is: '0 gone, Unsynced north 4',
    },
    {
      row: 'the other one’s nevertheless',
      after: WEST.slice(1),
      some: { synced: new Set(['west']) },
      is: '1 gone, Unsynced north 4',
    },
    {
      row: 'nothing that nobody knows, before all have been heard',
      after: NORTH,
      some: { owners: new Map(), synced: new Set(['west']) },
      is: '0 gone, Unsynced nobody 40',
    },
    {
      row: 'nothing that nobody knows, while it may be of a cluster that has not told its id',
      after: NORTH,
      some: { owners: new Map(), unknown: [{ what: 'RemoteCluster x cannot be read' }] },
      is: '0 gone, Unsynced nobody 40',
    },
    {
      row: 'nothing of a cluster without a name now, for it may be the one that has not told its id',
      after: NORTH,
      some: { clusters: new Set(['north']), unknown: [{ what: 'RemoteCluster x cannot be read' }] },
      is: '0 gone, Unsynced west 40',
    },
    {
      row: 'nothing of a cluster of which something is not known',
      after: WEST,
      some: { unknown: [{ what: 'RemoteNode north.n9 cannot be read', cluster: 'north' }] },
      is: '0 gone, Unsynced north 4',
    },
    {
      row: 'the other one’s nevertheless, though it is known who cannot be read',
      after: [...WEST.slice(1), ...NORTH],
      some: { unknown: [{ what: 'RemoteNode north.n9 cannot be read', cluster: 'north' }] },
      is: '1 gone',
    },
    {
      row: 'a node of a cluster that has nevertheless',
      after: [...WEST, ...NORTH.slice(1)],
      some: { unknown: [{ what: 'RemoteCluster x cannot be read' }] },
      is: '1 gone',
    },
    {
      row: 'nothing that nobody knows and that may be a whole cluster: the process before may have had to keep it',
      after: NORTH,
      some: { owners: new Map() },
      is: '0 gone, Brake nobody 40',
    },
    {
      row: 'nor what may be more than a fourth of one',
      after: [...WEST.slice(11), ...NORTH],
      some: { owners: new Map(), clusters: new Set(['west']) },
      is: '0 gone, Brake nobody 11',
    },
    {
      row: 'what nobody knows and is a fourth of the only one that it may be of',
      after: [...WEST.slice(10), ...NORTH],
      some: { owners: new Map(), clusters: new Set(['west']) },
      is: '10 gone',
    },
    {
      row: 'a few that nobody knows',
      after: [...WEST.slice(8), ...NORTH],
      some: { owners: new Map() },
      is: '8 gone',
    },
    {
      row: 'what nobody knows, when somebody says so of one that it may be of, and not of the other',
      after: NORTH,
      some: { owners: new Map(), released: new Set(['west']) },
      is: '0 gone, Brake nobody 40',
    },
    {
      row: 'what nobody knows, when somebody says so of all that it may be of',
      after: NORTH,
      some: { owners: new Map(), released: new Set(['west', 'north']) },
      is: '40 gone',
    },
  ])('$row', ({ after, some, is }) => {
    expect(judged([...WEST, ...NORTH], after, some)).toBe(is);
  });

  test('what is held is not touched, and what changes hands is no deletion', () => {
    const moved = [...WEST.slice(1), 'west n999 172.31.21.200 10.21.0.0/24'];
    const { operations, held } = difference(planOf(moved), kernelAfter(WEST), gates(WEST));
    expect(held).toEqual([]);
    const deleted = operations.filter(({ verb }) => verb === 'delete');
    expect(deleted.map(({ entry }) => entry.kind)).toEqual(['element', 'neighbour', 'forwarding']);
  });

  test('a device that nobody wants any more stays for what is held on it, what takes its place does not', () => {
    const wireguard = { engine: 'kernel', publicKey: publicKey(1), answering: new Set<string>() } as const;
    const encrypted = plan({
      local: { ...EAST, wireguard },
      nodes: nodesOf(WEST.map((line, index) => `${line} key=${publicKey(index + 2)}`).join('\n')),
      policies: policies({ west: ['vxlan'] }, { west: 'Required' }),
      marks: MARKS,
    });
    const there = stateOf([
      ...Array.from(encrypted.entries.values(), ({ entry }) => entry),
      { kind: 'address', device: 'causeway-vx', address: '10.11.1.7/32' },
      { kind: 'rule', family: 'IPv4', preference: 70, selector: '' },
    ]);
    const { operations } = difference(planOf([]), there, gates(WEST));
    const deleted = operations.filter(({ verb }) => verb === 'delete').map(({ entry }) => keyOf(entry));
    expect(deleted).toEqual(['rule IPv4 70 ', 'address causeway-vx 10.11.1.7/32']);
  });
});

describe('a block inside one that is held of a cluster with encryption required', () => {
  const wireguard = { engine: 'kernel', publicKey: publicKey(1), answering: new Set<string>() } as const;
  const planOf = (nodes: readonly string[], north: Encryption): Plan =>
    plan({
      local: { ...EAST, wireguard },
      nodes: nodesOf(nodes.join('\n')),
      policies: policies({ west: ['vxlan'], north: ['vxlan'] }, { west: 'Required', north }),
      marks: MARKS,
    });
  const held = { unknown: [{ what: 'RemoteNode west.n1 cannot be read', cluster: 'west' }] };

  const done = (kernel: KernelState, planned: Plan, gates: Gates): KernelState => {
    const after = new Map(kernel);
    for (const { verb, entry } of difference(planned, kernel, gates).operations)
      if (verb === 'delete') after.delete(keyOf(entry));
      else after.set(keyOf(entry), entry);
    return after;
  };
  const blocksIn = (kernel: KernelState, set: string): string[] =>
    [...kernel.values()]
      .flatMap(one => (one.kind === 'element' && one.set === set ? [one.block] : []))
      .sort();
  const claims = (kernel: KernelState, set: string) =>
    blocksIn(kernel, set).flatMap(text => {
      const block = parseBlock(text);
      return block === undefined ? [] : [{ block, by: text }];
    });

  test.each<{
    row: string;
    before: string;
    after: string;
    north: Encryption;
    sealed: string[];
    remote: string[];
  }>([
    {
      row: 'in clear: the rest stays sealed, and remote',
      before: '10.21.0.0/16',
      after: '10.21.5.0/24',
      north: 'Off',
      sealed: ['10.21.0.0/16'],
      remote: ['10.21.0.0/16'],
    },
    {
      row: 'sealed as well: the rest stays so, too',
      before: '10.21.0.0/16',
      after: '10.21.5.0/24',
      north: 'Required',
      sealed: ['10.21.0.0/16'],
      remote: ['10.21.0.0/16'],
    },
    {
      row: 'around it, in clear: what is held is in what is remote',
      before: '10.21.5.0/24',
      after: '10.21.0.0/16',
      north: 'Off',
      sealed: ['10.21.5.0/24'],
      remote: ['10.21.0.0/16'],
    },
    {
      row: 'around it, sealed',
      before: '10.21.5.0/24',
      after: '10.21.0.0/16',
      north: 'Required',
      sealed: ['10.21.0.0/16'],
      remote: ['10.21.0.0/16'],
    },
  ])('$row', ({ before, after, north, sealed, remote }) => {
    const first = planOf([`west n1 172.31.1.41 ${before} key=${publicKey(2)}`], north);
    const second = planOf([`north n1 172.31.1.51 ${after} key=${publicKey(3)}`], north);
    const owners = new Map([...first.entries].map(([key, { cluster = '' }]) => [key, cluster]));
    const clusters = new Set(['west', 'north']);
    const open = { clusters, synced: clusters, owners, released: new Set<string>() };
    const there = stateOf(Array.from(first.entries.values(), ({ entry }) => entry));

    const kernel = done(there, second, { ...open, ...held });
    expect({ sealed: blocksIn(kernel, 'sealed4'), remote: blocksIn(kernel, 'tunnelled4') }).toEqual({
      sealed,
      remote,
    });
    expect(['sealed4', 'tunnelled4'].flatMap(set => overlaps(claims(kernel, set)))).toEqual([]);
    expect(done(kernel, second, { ...open, ...held })).toEqual(kernel);

    const released = done(kernel, second, open);
    expect(blocksIn(released, 'tunnelled4')).toEqual([after]);
    expect(blocksIn(released, 'sealed4')).toEqual(north === 'Required' ? [after] : []);
  });
});
