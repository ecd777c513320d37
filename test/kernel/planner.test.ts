import { expect, test } from 'vitest';
import { Planner } from '../../src/kernel/planner.ts';
import { MARKS } from '../../src/routes/model.ts';
import { plan } from '../../src/routes/plan.ts';
import { fakePlace } from '../kit/kernel/fake-commands.ts';
import { EAST, NORTH, nodesOf, policies, WEST } from '../kit/kernel/nodes.ts';
import { World } from '../kit/kernel/world.ts';

const nodes = nodesOf(`${WEST}\n${NORTH}`);

/** Told anew, as an agent does it. */
const wanted = (some: Partial<Parameters<Planner['plan']>[0]> = {}) => ({
  local: structuredClone(EAST),
  nodes: [...nodes],
  policies: policies({ west: ['vxlan'], north: ['vxlan'] }),
  ...some,
});

async function planner(): Promise<Planner> {
  return new Planner((await World.of(fakePlace())).kernel, MARKS);
}

test('what is told anew and is the same is the same plan', async () => {
  const one = await planner();
  expect(await one.plan(wanted())).toBe(await one.plan(wanted()));
});

test.each([
  { row: 'a node moved', some: { nodes: nodesOf(`${WEST}\n${NORTH.replace('.51', '.61')}`) } },
  { row: 'a node went', some: { nodes: nodes.slice(1) } },
  {
    row: 'a cluster is reached another way',
    some: { policies: policies({ west: ['none'], north: ['vxlan'] }) },
  },
  { row: 'a cluster is not reached any more', some: { policies: policies({ west: ['vxlan'] }) } },
  {
    row: 'this node has another MTU',
    some: { local: { ...EAST, underlay: { ...EAST.underlay, mtu: 1400 } } },
  },
])(
  'where $row, it is the plan that nobody planned before, and others keep their entries',
  async ({ some }) => {
    const one = await planner();
    const before = await one.plan(wanted());
    const after = await one.plan(wanted(some));
    expect(after).not.toBe(before);
    expect(after).toEqual(
      plan({ ...wanted(some), local: { ...EAST, ...some.local, onLink: new Map() }, marks: MARKS }),
    );
  },
);
