import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { IPIP } from '../../../src/kernel/ipip.ts';
import { removal } from '../../../src/routes/diff.ts';
import { MARKS } from '../../../src/routes/model.ts';
import { rulesetOf } from '../../../src/routes/ruleset.ts';
import { type Churn, churn } from './churn.ts';
import { EAST, NORTH, policies, WEST, WEST_AND_NORTH } from './nodes.ts';
import { type Place, World } from './world.ts';

const BOTH = `${WEST}\n${NORTH}`;
const IDLE = { operations: [], refused: [] };
const device = MARKS.vxlan.device;
const table = MARKS.table;

/** What others do to our state, in the words of the programs that they do it with. */
const TAMPERINGS = [
  { row: 'the device goes down and up', ip: `link set ${device} down\nlink set ${device} up` },
  { row: 'the device stays down', ip: `link set ${device} down` },
  { row: 'the device is gone', ip: `link del ${device}` },
  {
    row: 'the device has another number',
    ip: `link del ${device}\nlink add ${device} type vxlan id 5 local 172.31.1.11 dev eth0 dstport 4795 nolearning`,
  },
  { row: 'the device has another MTU', ip: `link set ${device} mtu 1300` },
  { row: 'the last IPv4 address is removed', ip: `addr del 10.11.1.0/32 dev ${device}` },
  { row: 'the IPv6 address is removed', ip: `addr del fd00:11:1::/128 dev ${device}` },
  { row: 'an address is added', ip: `addr replace 10.99.0.1/32 dev ${device}` },
  { row: 'a route is removed', ip: `route del 10.21.1.0/24 table ${table}` },
  {
    row: 'a route is altered in place',
    ip: `route replace 10.21.1.0/24 via 172.31.1.42 dev ${device} onlink proto 4 table ${table} metric 24`,
  },
  {
    row: 'an IPv6 route is altered in place',
    ip: `route replace unreachable fd00:21:1::/64 table ${table} metric 1024`,
  },
  {
    row: 'a route of another metric is added',
    ip: `route replace unreachable 10.21.1.0/24 table ${table} metric 7`,
  },
  { row: 'one without a metric is added', ip: `route replace unreachable 10.21.1.0/24 table ${table}` },
  { row: 'a default route is added to our table', ip: `route replace unreachable 0.0.0.0/0 table ${table}` },
  { row: 'a neighbour is removed', ip: `neigh del 172.31.1.41 dev ${device}` },
  {
    row: 'a neighbour has another hardware address',
    ip: `neigh replace 172.31.1.41 lladdr 02:00:00:00:00:09 dev ${device} nud permanent`,
  },
  { row: 'the rule is removed', ip: `-4 rule del pref 90 lookup ${table}` },
  { row: 'another rule leads to our table', ip: `-4 rule add pref 80 lookup ${table}` },
];

/** What holds of every kernel, the real one and the one that is only values. */
export function kernelSuite(make: () => Promise<Place>, runs: number): void {
  let world: World;

  beforeEach(async () => {
    world = await World.of(await make());
  });

  afterEach(() => world.place.remove());

  test('what was applied is there: nothing is left to do, and nothing of others has changed', async () => {
    const others = await world.others();
    expect((await world.pass(BOTH)).refused).toEqual([]);
    expect(await world.pass(BOTH)).toEqual(IDLE);
    expect(await world.others()).toBe(others);
    expect(others).toContain('192.0.2.0/24');
  });

  test.each(TAMPERINGS)('repaired in one pass: $row', async ({ ip }) => {
    await world.pass(BOTH);
    await world.ip(ip);
    const { operations, refused } = await world.pass(BOTH);
    expect(operations.length).toBeGreaterThan(0);
    expect(refused).toEqual([]);
    expect(await world.pass(BOTH)).toEqual(IDLE);
  });

  test('repaired in one pass: packets are forwarded to somebody else as well', async () => {
    await world.pass(BOTH);
    const mac = [...world.plan(BOTH).entries.values()].flatMap(({ entry }) =>
      entry.kind === 'forwarding' ? [entry.mac] : [],
    )[0];
    await world.bridge(`fdb append ${mac} dev ${device} dst 172.31.1.99 self permanent`);
    expect((await world.pass(BOTH)).refused).toEqual([]);
    expect(await world.pass(BOTH)).toEqual(IDLE);
  });

  test.each([
    { row: 'the table is gone', command: { delete: { table: { family: 'inet', name: 'causeway' } } } },
    {
      row: 'a peer is missing',
      command: {
        delete: { element: { family: 'inet', table: 'causeway', name: 'peers4', elem: ['172.31.1.41'] } },
      },
    },
    {
      row: 'a stranger is a peer',
      command: {
        add: { element: { family: 'inet', table: 'causeway', name: 'peers4', elem: ['172.31.1.9'] } },
      },
    },
    {
      row: 'a rule is added',
      command: {
        add: { rule: { family: 'inet', table: 'causeway', chain: 'sources', expr: [{ accept: null }] } },
      },
    },
  ])('the firewall is repaired in one pass: $row', async ({ command }) => {
    await world.pass(BOTH);
    await world.nft(command);
    const { operations, refused } = await world.pass(BOTH);
    expect(operations.length).toBeGreaterThan(0);
    expect(refused).toEqual([]);
    expect(await world.pass(BOTH)).toEqual(IDLE);
  });

  test('the kernel prints the rules of the firewall as they are recognised by', async () => {
    await world.pass(BOTH);
    expect((await world.kernel.observe()).get('ruleset')).toEqual(rulesetOf(MARKS));
  });

  describe('while a cluster has not been heard', () => {
    const onlyNorth = { gates: { synced: new Set(['north']) } };

    test('a new process takes nothing away that may be its', async () => {
      await world.pass(BOTH);
      world.restart();
      expect(await world.pass(NORTH, onlyNorth)).toEqual(IDLE);
      // Heard at last, and its nodes are gone.
      expect((await world.pass(NORTH)).operations.length).toBeGreaterThan(0);
      expect(await world.pass(NORTH)).toEqual(IDLE);
    });

    test('what is its survives a device and a firewall that have to be made anew', async () => {
      await world.pass(BOTH);
      world.restart();
      await world.nft({ delete: { table: { family: 'inet', name: 'causeway' } } });
      const moved = { ...EAST, underlay: { ...EAST.underlay, mtu: 1400 } };
      await world.pass(NORTH, { ...onlyNorth, input: { local: moved } });
      const kept = await world.kernel.observe();
      expect(kept.has('route 10.21.1.0/24 24')).toBe(true);
      expect(kept.has('neighbour causeway-vx 172.31.1.41')).toBe(true);
    });

    test('what it gave up to another cluster is that cluster’s, also in sets that take no overlap', async () => {
      await world.pass('west w1 172.31.1.41 10.21.0.0/16');
      const { refused } = await world.pass('north n9 172.31.1.59 10.21.3.0/24', {
        gates: { synced: new Set(['north']) },
      });
      expect(refused).toEqual([]);
    });
  });

  test('plain routes where there is no router in between, the tunnel elsewhere', async () => {
    const input = {
      local: { ...EAST, onLink: new Map([['172.31.1.41', 'eth0']]) },
      policies: policies({ west: ['direct', 'vxlan'], north: ['vxlan'] }),
    };
    expect((await world.pass(BOTH, { input })).refused).toEqual([]);
    const state = await world.kernel.observe();
    expect(state.get('route 10.21.1.0/24 24')).toMatchObject({
      device: 'eth0',
      via: '172.31.1.41',
      mtu: 1500,
    });
    expect(state.get('route 10.21.2.0/24 906')).toMatchObject({ device, mtu: 1450 });
    expect(await world.pass(BOTH, { input })).toEqual(IDLE);
  });

  test('by IPIP where the kernel has it, the next way where it has not', async () => {
    const ipip = await new IPIP(world.place.commands, MARKS.ipip.device).find();
    if (ipip !== true) console.log(`not run, IPIP packets through a device: ${ipip}`);
    const input = {
      local: { ...EAST, ipip },
      policies: policies({ west: ['ipip', 'vxlan'], north: ['vxlan'] }),
    };
    expect((await world.pass(BOTH, { input })).refused).toEqual([]);
    const state = await world.kernel.observe();
    expect(state.get('route 10.21.1.0/24 24')).toMatchObject(
      ipip === true ? { device: 'causeway-ipip', via: '172.31.1.41', mtu: 1480 } : { device, mtu: 1450 },
    );
    // IPv4 only.
    expect(state.get('route fd00:21:1::/64 1024')).toMatchObject({ device, mtu: 1450 });
    expect(await world.pass(BOTH, { input })).toEqual(IDLE);
    // Nobody wants it any more.
    expect((await world.pass(BOTH)).refused).toEqual([]);
    expect((await world.kernel.observe()).has('link causeway-ipip')).toBe(false);
  });

  test.each([
    { row: 'the rule is removed', ip: `-4 rule del pref ${MARKS.bgp.preference} lookup ${MARKS.bgp.table}` },
    {
      row: 'a block is led elsewhere',
      ip: `route replace unreachable 10.11.1.0/24 table ${MARKS.bgp.table}`,
    },
    { row: 'a route is added', ip: `route replace unreachable 10.77.0.0/16 table ${MARKS.bgp.table}` },
    {
      row: 'what holds until a neighbor tells better is removed',
      ip: `route del 10.21.1.0/24 table ${MARKS.bgp.table} metric 65535`,
    },
  ])(
    'the table that BGP writes into is repaired in one pass, and its daemon left alone: $row',
    async ({ ip }) => {
      const routers = [{ address: '172.31.1.254', as: 64_500 }];
      const input = {
        local: { ...EAST, bgp: { as: 64_512, routers } },
        policies: policies({ west: ['bgp', 'vxlan'] }),
      };
      expect((await world.pass(WEST, { input })).refused).toEqual([]);
      expect(await world.pass(WEST, { input })).toEqual(IDLE);
      const learnt = `10.21.1.0/24 via 172.31.1.77 dev eth0 proto 12 metric 32 table ${MARKS.bgp.table}`;
      await world.ip(`route replace ${learnt}`);
      expect(await world.pass(WEST, { input })).toEqual(IDLE);
      await world.ip(ip);
      const { operations, refused } = await world.pass(WEST, { input });
      expect(operations.length).toBeGreaterThan(0);
      expect(refused).toEqual([]);
      expect(await world.pass(WEST, { input })).toEqual(IDLE);
      const words = ['-N', '-j', '-4', 'route', 'show', 'table', `${MARKS.bgp.table}`, 'proto', '12'];
      expect((await world.place.commands.run('ip', words)).output).toContain('172.31.1.77');
    },
  );

  test('removed, nothing of ours is left and all of the others', async () => {
    const others = await world.others();
    await world.pass(BOTH);
    expect(await world.kernel.apply(removal(await world.kernel.observe()))).toEqual([]);
    expect([...(await world.kernel.observe()).keys()]).toEqual([]);
    expect(await world.others()).toBe(others);
  });

  test('whatever happens, it comes to rest, and others keep what is theirs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(churn, { minLength: 1, maxLength: 12 }), async steps => {
        const one = await World.of(await make());
        try {
          await walk(one, steps);
        } finally {
          await one.place.remove();
        }
      }),
      { numRuns: runs },
    );
  });
}

/** Whatever the steps were: others keep what is theirs, and in the end there is nothing left to do. */
export async function walk(world: World, steps: readonly Churn[], start = BOTH): Promise<void> {
  let nodes = start;
  for (const step of steps) {
    if (step.ip !== undefined) await world.ip(step.ip);
    if (step.bridge !== undefined) await world.bridge(step.bridge);
    if (step.nft !== undefined) await world.nft(step.nft);
    if (step.wg !== undefined) await world.wg(step.wg);
    if (step.killTunnel) await world.place.killTunnel();
    if (step.restart) world.restart();
    nodes = step.nodes ?? nodes;
    if (!step.pass) continue;
    const before = await world.others();
    const synced = new Set(step.synced);
    await world.pass(nodes, { gates: { synced } });
    expect(await world.others()).toBe(before);
  }
  const others = await world.others();
  const released = new Set(WEST_AND_NORTH.map(({ cluster }) => cluster));
  const whims = { gates: { released } };
  expect((await world.pass(nodes, whims)).refused).toEqual([]);
  expect(await world.pass(nodes, whims)).toEqual(IDLE);
  expect(await world.others()).toBe(others);
}
