import { expect, test } from 'vitest';
import { difference, isAsPlanned } from '../../src/routes/diff.ts';
import { type Entry, keyOf } from '../../src/routes/entry.ts';
import { keyedBy, stateIn } from '../../src/routes/keyed.ts';
import { MARKS } from '../../src/routes/model.ts';
import { plan } from '../../src/routes/plan.ts';
import { EAST, nodesOf, WEST, WEST_AND_NORTH } from '../kit/kernel/nodes.ts';

const planned = plan({ local: EAST, nodes: nodesOf(WEST), policies: WEST_AND_NORTH, marks: MARKS });
const [first, ...others] = Array.from(planned.entries.values(), ({ entry }) => structuredClone(entry));
const ALL = [first as Entry, ...others];
const route = ALL.find(({ kind }) => kind === 'route') as Entry;
const gates = {
  clusters: new Set<string>(),
  synced: new Set<string>(),
  owners: new Map(),
  released: new Set<string>(),
};

const withMTU = (mtu: number): Entry => ({ ...route, mtu }) as Entry;
const without = (left: Entry): Entry[] => ALL.filter(entry => entry !== left);
const address: Entry = { kind: 'address', device: 'causeway-vx', address: '10.99.0.1/32' };

test.each([
  { row: 'all of it', there: ALL, is: true },
  { row: 'in whatever order', there: ALL.toReversed(), is: true },
  { row: 'nothing', there: [], is: false },
  { row: 'one less', there: others, is: false },
  { row: 'one more', there: [...ALL, address], is: false },
  { row: 'another instead', there: [...others, address], is: false },
  { row: 'one that says something else', there: [...without(route), withMTU(1_234)], is: false },
  { row: 'one twice', there: [...ALL, route], is: true },
  { row: 'one twice instead of another', there: [...others, route], is: false },
  { row: 'one twice, the last as planned', there: [withMTU(1_234), ...ALL], is: true },
  { row: 'one twice, the first as planned', there: [...ALL, withMTU(1_234)], is: false },
])('what is there is as planned just where nothing is to be done: $row', ({ there, is }) => {
  const found = [keyedBy(there, key => planned.entries.get(key))];
  expect(isAsPlanned(planned, found)).toBe(is);
  expect(difference(planned, stateIn(found), gates).operations.length === 0).toBe(is);
});

test('what is there as planned is told as the object that is planned', () => {
  const found = keyedBy([...without(route), withMTU(1_234)], key => planned.entries.get(key));
  const same = found.filter(one => one === planned.entries.get(one.key));
  expect(same).toHaveLength(ALL.length - 1);
  expect(found.at(-1)).toEqual({ key: keyOf(route), entry: withMTU(1_234) });
});
