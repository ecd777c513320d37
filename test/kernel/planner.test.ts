import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Planner } from '../../src/kernel/planner.ts';
import { type LocalNode, MARKS, type RemoteNode } from '../../src/routes/model.ts';
import { type Plan, type Planned, plan } from '../../src/routes/plan.ts';
import { changesBetween } from '../../src/routes/plan-changes.ts';
import { fakePlace } from '../kit/kernel/fake-commands.ts';
import { EAST, NORTH, nodesOf, policies, publicKey, WEST } from '../kit/kernel/nodes.ts';
import { World } from '../kit/kernel/world.ts';

const KEYED = `west w3 172.31.1.43 10.21.3.0/24 key=${publicKey(3)}`;
const nodes = nodesOf(`${WEST}\n${NORTH}\n${KEYED}`);

const tunnels = { engine: 'kernel', publicKey: publicKey(1), answering: new Set([publicKey(3)]) } as const;
const encrypting: LocalNode = { ...EAST, wireguard: tunnels };
const encrypted = policies({ west: ['vxlan'], north: ['vxlan'] }, { west: 'Required' });

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

/** What comes of the entries of a plan when only what has changed since is looked at. */
function entriesChanged(earlier: Plan, later: Plan): Map<string, Planned> {
  const { before, after } = changesBetween(earlier, later);
  const entries = new Map(earlier.entries);
  for (const [key, entry] of before) {
    expect(entries.get(key)?.entry).toEqual(entry);
    entries.delete(key);
  }
  for (const [key, planned] of after.entries) entries.set(key, planned);
  return entries;
}

describe('whatever changes, one thing after the other', () => {
  const tunnels = { engine: 'kernel', publicKey: publicKey(1) } as const;

  /** What is told of a node, in turn; the first ones are in no conflict. */
  const told = {
    w1: nodesOf(`
      west w1 172.31.1.41 fd00:31::41 10.21.1.0/24 fd00:21:1::/64 key=${publicKey(41)}
      west w1 172.31.1.41 10.21.1.0/24
      west w1 172.31.1.41 10.21.1.0/24 key=${publicKey(42)}
      west w1 172.31.1.41 10.21.1.0/24 key=${publicKey(41)} next=${publicKey(42)}`),
    w2: nodesOf(`
      west w2 172.31.1.42 10.21.2.0/24 key=${publicKey(42)}
      west w2 172.31.1.41 10.21.2.0/24 key=${publicKey(42)}
      west w2 172.31.1.42 10.21.1.128/25 10.21.2.0/24`),
    w3: nodesOf(`
      west w3 172.31.1.43 10.21.3.0/24 mac=02:00:00:00:00:43
      west w3 172.31.1.43 10.21.3.0/24 10.31.0.0/16 mac=02:00:00:00:00:51
      west w3 172.31.1.43 10.96.7.0/24 10.300.0.0/16`),
    n1: nodesOf(`
      north n1 172.31.1.51 10.31.1.0/24 fd00:31:1::/64 mac=02:00:00:00:00:51
      north n1 172.31.1.11 10.31.1.0/24
      north n1 172.31.1.51 10.21.0.0/16 10.31.1.0/24 key=${publicKey(42)}`),
  };

  const locals: readonly LocalNode[] = [
    EAST,
    { ...EAST, underlay: { ...EAST.underlay, mtu: 1400 } },
    { ...EAST, wireguard: { ...tunnels, answering: new Set() } },
    { ...EAST, wireguard: { ...tunnels, answering: new Set([publicKey(41), publicKey(42)]) } },
    { ...EAST, wireguard: { ...tunnels, answering: new Set(), nextPublicKey: publicKey(2) } },
    {
      ...EAST,
      wireguard: { ...tunnels, answering: new Set(), answeringOnDetour: new Set([publicKey(42)]) },
    },
  ];

  const ways = [
    policies({ west: ['vxlan'], north: ['vxlan'] }),
    policies({ west: ['vxlan'], north: ['vxlan'] }, { west: 'Required' }),
    policies({ west: ['vxlan'], north: ['direct', 'vxlan'] }, { west: 'Required', north: 'Required' }),
    policies({ west: ['direct', 'vxlan'], north: ['none'] }, { west: 'Preferred' }),
    policies({ west: ['vxlan'] }),
  ];

  interface State {
    readonly local: LocalNode;
    readonly policies: (typeof ways)[number];
    readonly nodes: Readonly<Record<string, RemoteNode | undefined>>;
  }
  /** Objects of its own: what was worked out for others is not known of them. */
  const first = (): State => ({
    local: EAST,
    policies: policies({ west: ['vxlan'], north: ['vxlan'] }),
    nodes: structuredClone(Object.fromEntries(Object.entries(told).map(([uid, [node]]) => [uid, node]))),
  });

  const change = fc.oneof(
    ...Object.entries(told).map(([uid, [plain, ...others]]) =>
      fc.oneof(fc.constant(plain), fc.constantFrom(undefined, ...others)).map(
        node =>
          (state: State): State => ({
            ...state,
            nodes: { ...state.nodes, [uid]: structuredClone(node) },
          }),
      ),
    ),
    fc.constantFrom(...locals).map(
      local =>
        (state: State): State => ({ ...state, local }),
    ),
    fc.constantFrom(...ways).map(
      some =>
        (state: State): State => ({ ...state, policies: some }),
    ),
  );

  test('the plan is the one that nobody planned before', async () => {
    const { kernel } = await World.of(fakePlace());
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async changes => {
        const one = new Planner(kernel, MARKS);
        let state = first();
        let before: Plan | undefined;
        for (const changed of changes) {
          state = changed(state);
          const now = structuredClone({ local: state.local, policies: state.policies });
          const all = Object.values(state.nodes).filter(node => node !== undefined);
          const onLink = await kernel.onLink(all.flatMap(({ addresses }) => addresses));
          const anew = { ...now, local: { ...now.local, onLink }, nodes: all, marks: MARKS };
          const after = await one.plan({ ...now, nodes: all });
          expect(after).toEqual(plan(structuredClone(anew)));
          if (before !== undefined) expect(entriesChanged(before, after)).toEqual(new Map(after.entries));
          before = after;
        }
      }),
    );
  });
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

const withNext = { ...encrypting, wireguard: { ...tunnels, nextPublicKey: publicKey(2) } };

test.each([
  { row: 'the key of this node changes', some: { local: withNext } },
  {
    row: 'somebody answers on the detour',
    from: withNext,
    some: { local: { ...EAST, wireguard: { ...withNext.wireguard, answeringOnDetour: tunnels.answering } } },
  },
  {
    row: 'the key of another node changes',
    some: { nodes: [...nodes.slice(0, -1), ...nodesOf(`${KEYED} next=${publicKey(4)}`)] },
  },
])('where $row, it is the plan that nobody planned before', async ({ from = encrypting, some }) => {
  const one = await planner();
  const basis = { local: from, policies: encrypted };
  const before = await one.plan(wanted(basis));
  const now = { ...basis, ...some };
  const after = await one.plan(wanted(now));
  expect(after.entries).not.toEqual(before.entries);
  expect(after).toEqual(plan({ ...wanted(now), local: now.local, marks: MARKS }));
  expect(await one.plan(wanted(structuredClone(basis)))).toEqual(before);
});
