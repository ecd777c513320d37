import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyFilesIn, keyIn, makeNextKey } from '../../../src/kernel/private-key.ts';
import { removal } from '../../../src/routes/diff.ts';
import { MARKS } from '../../../src/routes/model.ts';
import type { Churn } from './churn.ts';
import { EAST, policies, publicKey } from './nodes.ts';
import { walk } from './suite.ts';
import { type Place, type Setting, World } from './world.ts';

const [W1, W2, N1, NOBODY] = [publicKey(41), publicKey(42), publicKey(51), publicKey(99)];
const N1_NEXT = publicKey(52);
/** West wants to be encrypted with and has a node without a key; north must be. */
const BOTH = `
  west w1 172.31.1.41 10.21.1.0/24 fd00:21:1::/64 key=${W1}
  west w2 172.31.1.42 10.21.2.0/24 key=${W2}
  west w3 172.31.1.43 10.21.3.0/24
  north n1 172.31.1.51 10.31.1.0/24 fd00:31:1::/64 key=${N1}
  north n2 172.31.1.52 10.31.2.0/24`;
/** The key of a node of north changes. */
const CHANGING = BOTH.replace(`key=${N1}`, `key=${N1} next=${N1_NEXT}`);
const NORTH = BOTH.split('\n').slice(4).join('\n');
const IDLE = { operations: [], refused: [] };
const { device, port, detour } = MARKS.wireguard;
const table = MARKS.table;

/** What others do to our state. */
const TAMPERINGS: readonly (Churn & { readonly row: string })[] = [
  { row: 'the device goes down and up', ip: `link set ${device} down\nlink set ${device} up` },
  { row: 'the device is deleted', ip: `link del ${device}` },
  { row: 'somebody else’s device has the name', ip: `link del ${device}\nlink add ${device} type bridge` },
  { row: 'the process is gone', killTunnel: true },
  { row: 'the last IPv4 address is removed', ip: `addr del 10.11.1.0/32 dev ${device}` },
  { row: 'a route is removed', ip: `route del 10.31.1.0/24 table ${table}` },
  { row: 'what stops packets in clear is removed', ip: `route del 10.31.1.0/24 table ${table} metric 10000` },
  { row: 'a peer is removed', wg: `set ${device} peer ${W1} remove` },
  { row: 'a peer is added', wg: `set ${device} peer ${NOBODY} allowed-ips 10.99.0.0/16` },
  {
    row: 'a stranger has taken a block of a peer',
    wg: `set ${device} peer ${NOBODY} allowed-ips 10.31.1.0/24`,
  },
  { row: 'a peer has taken a block of another', wg: `set ${device} peer ${W2} allowed-ips 10.31.1.0/24` },
  { row: 'a peer is elsewhere', wg: `set ${device} peer ${W1} endpoint 172.31.1.99:1` },
  { row: 'a peer is not kept alive', wg: `set ${device} peer ${W1} persistent-keepalive 0` },
  { row: 'the port is another', wg: `set ${device} listen-port ${port + 1}` },
];

/** The same while keys change. */
const ON_DETOUR: readonly (Churn & { readonly row: string })[] = [
  { row: 'the device goes down and up', ip: `link set ${detour.device} down\nlink set ${detour.device} up` },
  { row: 'the device is deleted', ip: `link del ${detour.device}` },
  { row: 'the process is gone', killTunnel: true },
  { row: 'the last IPv4 address is removed', ip: `addr del 10.11.1.0/32 dev ${detour.device}` },
  { row: 'a route is removed', ip: `route del 10.31.1.0/24 table ${table}` },
  { row: 'a peer is removed', wg: `set ${detour.device} peer ${N1_NEXT} remove` },
  { row: 'a peer is added', wg: `set ${detour.device} peer ${NOBODY} allowed-ips 10.99.0.0/16` },
  { row: 'the port is another', wg: `set ${detour.device} listen-port ${port + 5}` },
];

const churn: fc.Arbitrary<Churn> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.subarray(BOTH.split('\n')).map((lines): Churn => ({ nodes: lines.join('\n') })),
  },
  { weight: 4, arbitrary: fc.subarray(['west', 'north']).map((synced): Churn => ({ pass: true, synced })) },
  { weight: 4, arbitrary: fc.constantFrom(...TAMPERINGS) },
  { weight: 1, arbitrary: fc.constant<Churn>({ restart: true }) },
);

/** What holds of WireGuard by a process, real or not. */
export function wireguardSuite(make: () => Promise<Place>, runs: number): void {
  let folder: string;
  let setting: Setting;
  let world: World;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'causeway-wireguard-'));
    const { publicKey: own } = await keyIn(folder);
    const wireguard = { engine: 'userspace', publicKey: own, answering: new Set([W1, N1]) } as const;
    setting = {
      keyFileOf: keyFilesIn(folder),
      input: {
        local: { ...EAST, wireguard },
        policies: policies({ west: ['vxlan'], north: ['vxlan'] }, { west: 'Preferred', north: 'Required' }),
      },
    };
  });

  afterAll(() => rm(folder, { recursive: true }));

  beforeEach(async () => {
    world = await World.of(await make(), setting);
  });

  afterEach(() => world.place.remove());

  const routes = async (): Promise<string[]> =>
    Array.from(await world.kernel.observe(), ([, entry]) => entry)
      .filter(entry => entry.kind === 'route')
      .map(({ destination, type, device: by = '', metric }) => `${destination} ${by || type} ${metric}`)
      .filter(line => line.startsWith('10.') && !line.includes('throw'))
      .sort();

  test('what was applied is there: nothing is left to do, and nothing of others has changed', async () => {
    const others = await world.others();
    expect((await world.pass(BOTH)).refused).toEqual([]);
    expect(await world.pass(BOTH)).toEqual(IDLE);
    expect(await world.others()).toBe(others);
    expect(await routes()).toEqual([
      '10.21.1.0/24 causeway-vx 10024',
      `10.21.1.0/24 ${device} 24`,
      '10.21.2.0/24 causeway-vx 906',
      '10.21.3.0/24 causeway-vx 652',
      `10.31.1.0/24 ${device} 128`,
      '10.31.1.0/24 unreachable 10000',
      '10.31.2.0/24 unreachable 10000',
    ]);
  });

  test.each(TAMPERINGS)('repaired in one pass: $row', async ({ ip, wg, killTunnel }) => {
    await world.pass(BOTH);
    if (ip !== undefined) await world.ip(ip);
    if (wg !== undefined) await world.wg(wg);
    if (killTunnel) await world.place.killTunnel();
    const { operations, refused } = await world.pass(BOTH);
    expect(operations.length).toBeGreaterThan(0);
    expect(refused).toEqual([]);
    expect(await world.pass(BOTH)).toEqual(IDLE);
  });

  test('when the process dies, VXLAN takes over or nothing does, before anybody has looked', async () => {
    await world.pass(BOTH);
    await world.place.killTunnel();
    expect(await routes()).toEqual([
      '10.21.1.0/24 causeway-vx 10024',
      '10.21.2.0/24 causeway-vx 906',
      '10.21.3.0/24 causeway-vx 652',
      '10.31.1.0/24 unreachable 10000',
      '10.31.2.0/24 unreachable 10000',
    ]);
  });

  test('a tunnel that falls silent is left in place, and answers again in place', async () => {
    await world.pass(BOTH);
    const before = await world.kernel.observe();
    const silent = { ...setting.input?.local?.wireguard, answering: new Set<string>() };
    const input = {
      local: { ...EAST, wireguard: { engine: 'userspace', publicKey: '', ...silent } },
    } as const;
    expect((await world.pass(BOTH, { input })).refused).toEqual([]);
    expect(await routes()).toContain('10.21.1.0/24 causeway-vx 24');
    const during = await world.kernel.observe();
    expect(during.get(`peer ${device} ${W1}`)).toEqual(before.get(`peer ${device} ${W1}`));
    expect(await world.pass(BOTH, { input })).toEqual(IDLE);
    await world.pass(BOTH);
    expect(await world.kernel.observe()).toEqual(before);
  });

  test('a new key of a peer, and a new one of this node', async () => {
    await world.pass(BOTH);
    const other = await makeNextKey(folder);
    await world.wg(`set ${device} private-key ${other.file} listen-port ${port}`);
    const changed = BOTH.replace(N1, publicKey(52));
    expect((await world.pass(changed)).refused).toEqual([]);
    expect(await world.pass(changed)).toEqual(IDLE);
    const state = await world.kernel.observe();
    expect(state.get(`wireguard ${device}`)).toMatchObject({
      publicKey: setting.input?.local?.wireguard?.publicKey,
    });
    expect(state.has(`peer ${device} ${N1}`)).toBe(false);
  });

  describe('while a node of another cluster changes its key, and this one too', () => {
    let input: NonNullable<Setting['input']>;

    beforeEach(async () => {
      const { publicKey: nextPublicKey } = await makeNextKey(folder);
      const wireguard = setting.input?.local?.wireguard;
      if (wireguard === undefined) throw new Error('the setting has no WireGuard');
      const answeringOnDetour = new Set([N1_NEXT]);
      input = { local: { ...EAST, wireguard: { ...wireguard, nextPublicKey, answeringOnDetour } } };
    });

    test('there is a second device with the next key, on which all are; and it goes again', async () => {
      expect((await world.pass(CHANGING, { input })).refused).toEqual([]);
      expect(await world.pass(CHANGING, { input })).toEqual(IDLE);
      const state = await world.kernel.observe();
      expect(state.get(`wireguard ${detour.device}`)).toMatchObject({
        publicKey: input.local?.wireguard?.nextPublicKey,
        port: detour.port,
      });
      for (const key of [W1, W2, N1_NEXT])
        expect(state.get(`peer ${detour.device} ${key}`)).toMatchObject({ keepalive: 5 });
      for (const key of [W1, W2, N1]) expect(state.has(`peer ${device} ${key}`)).toBe(true);
      expect(await routes()).toContain(`10.31.1.0/24 ${detour.device} 128`);
      expect((await world.pass(BOTH)).refused).toEqual([]);
      expect(await world.pass(BOTH)).toEqual(IDLE);
      const left = [...(await world.kernel.observe()).keys()];
      expect(left.filter(key => key.includes(detour.device))).toEqual([]);
      expect(await routes()).toContain(`10.31.1.0/24 ${device} 128`);
    });

    test.each(ON_DETOUR)('repaired in one pass: $row', async ({ ip, wg, killTunnel }) => {
      await world.pass(CHANGING, { input });
      if (ip !== undefined) await world.ip(ip);
      if (wg !== undefined) await world.wg(wg);
      if (killTunnel) await world.place.killTunnel(detour.device);
      const { operations, refused } = await world.pass(CHANGING, { input });
      expect(operations.length).toBeGreaterThan(0);
      expect(refused).toEqual([]);
      expect(await world.pass(CHANGING, { input })).toEqual(IDLE);
    });

    test('removed, nothing of either device is left', async () => {
      await world.pass(CHANGING, { input });
      expect(await world.kernel.apply(removal(await world.kernel.observe()))).toEqual([]);
      expect([...(await world.kernel.observe()).keys()]).toEqual([]);
    });
  });

  test('a new process takes no peer of a cluster away that it has not heard', async () => {
    await world.pass(BOTH);
    world.restart();
    const gates = { synced: new Set(['north']) };
    expect(await world.pass(NORTH, { gates })).toEqual(IDLE);
    expect((await world.pass(NORTH)).refused).toEqual([]);
    expect((await world.kernel.observe()).has(`peer ${device} ${W1}`)).toBe(false);
  });

  test('without a cluster to encrypt for there is no device', async () => {
    await world.pass(BOTH);
    const input = { policies: policies({ west: ['vxlan'], north: ['vxlan'] }) };
    expect((await world.pass(BOTH, { input })).refused).toEqual([]);
    expect(await world.pass(BOTH, { input })).toEqual(IDLE);
    expect((await world.kernel.observe()).has(`link ${device}`)).toBe(false);
    expect((await routes()).filter(line => !line.includes(' causeway-vx '))).toEqual([]);
  });

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
        const one = await World.of(await make(), setting);
        try {
          await walk(one, steps, BOTH);
        } finally {
          await one.place.remove();
        }
      }),
      { numRuns: runs },
    );
  });
}
