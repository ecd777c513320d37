import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { withTunnels } from '../../src/kernel/first-look.ts';
import type { Wanted } from '../../src/kernel/keeper.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import {
  existingKeyIn,
  keyFileIn,
  keyFilesIn,
  keyIn,
  makeNextKey,
  nextKeyIn,
} from '../../src/kernel/private-key.ts';
import { Tunnels, type TunnelsOptions } from '../../src/kernel/tunnels.ts';
import type { Encryption } from '../../src/objects/shapes.ts';
import { systemClock } from '../../src/ops/clock.ts';
import { type LocalWireGuard, MARKS } from '../../src/routes/model.ts';
import { FakeCommands, fakePlace } from '../kit/kernel/fake-commands.ts';
import { EAST, nodesOf, policies, publicKey } from '../kit/kernel/nodes.ts';

const { device, detour } = MARKS.wireguard;
const PEER = publicKey(41);
const WEST = `west w1 172.31.1.41 10.21.1.0/24 key=${PEER}`;

let folder: string;
let commands: FakeCommands;
let options: TunnelsOptions;
let tunnels: Tunnels;
let changes: number;
let failures: unknown[];
let announced: string | undefined;
/** Milliseconds that this test has let pass. */
let passed: number;
/** What the tunnels have said of themselves. */
let said: string[];
/** Programs of WireGuard's, and attempts to make devices, that have been run. */
let ran: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-tunnels-'));
  commands = new FakeCommands();
  const run = commands.run.bind(commands);
  commands.run = (program, args, input) => {
    if (/^(wg|wireguard-go)$/.test(program) || args.includes('add')) ran.push(`${program} ${args.join(' ')}`);
    return run(program, args, input);
  };
  changes = 0;
  failures = [];
  [announced, passed] = [undefined, 0];
  said = [];
  ran = [];
  options = {
    commands,
    kernel: new Kernel({ ...fakePlace(commands), marks: MARKS, keyFileOf: keyFilesIn(folder) }),
    marks: MARKS,
    folder,
    // Ticks are real; what they are told of the time is ours.
    clock: { now: () => passed, after: (_, callback) => systemClock.after(5, callback) },
    unixSeconds: () => 1_700_000_000 + passed / 1_000,
    announced: () => announced,
    changed: () => {
      changes += 1;
    },
    stepped: phase => said.push(phase),
    failed: reason => failures.push(reason),
  };
  tunnels = new Tunnels(options);
});

afterEach(async () => {
  await tunnels.stop();
  await rm(folder, { recursive: true });
});

/** What is asked of the tunnels. */
function wanted(encryption: Encryption = 'Preferred', nodes = WEST): Wanted {
  const clusters = new Set(['west']);
  return {
    local: EAST,
    nodes: nodesOf(nodes),
    policies: policies({ west: ['vxlan'] }, { west: encryption }),
    synced: clusters,
    released: new Set(),
  };
}

async function local(asked = wanted()): Promise<LocalWireGuard | undefined> {
  return (await tunnels.of(asked)).local.wireguard;
}

async function started(asked = wanted()): Promise<LocalWireGuard | undefined> {
  await tunnels.start();
  return local(asked);
}

/** A device with a peer, as an agent before this one has left it. @param by where it has led its packets */
async function adopted(handshake: number, by = device): Promise<void> {
  const { table } = MARKS;
  await commands.run('wireguard-go', [device]);
  await commands.run('ip', ['link', 'set', device, 'up']);
  await commands.run('ip', ['link', 'add', 'eth0', 'type', 'veth']);
  await commands.run('ip', ['link', 'set', 'eth0', 'up']);
  await commands.run('ip', `route replace 10.21.1.0/24 dev ${by} proto 205 table ${table}`.split(' '));
  const configuration = `[Peer]\nPublicKey = ${PEER}\nAllowedIPs = 10.21.1.0/24\n`;
  await commands.run('wg', ['addconf', device], configuration);
  commands.wireguard.traffic(device, PEER, { handshake, received: 1, sent: 1 });
}

test('without WireGuard on the host there is neither a key nor an engine', async () => {
  commands.run = () => Promise.reject(new Error('spawn wg ENOENT'));
  expect(await started()).toBeUndefined();
  expect(tunnels.published).toEqual({});
  expect(await existingKeyIn(folder)).toBeUndefined();
});

test('a key that is made once, and published', async () => {
  const found = await started();
  const { publicKey: own } = await keyIn(folder);
  expect(found).toEqual({ engine: 'userspace', publicKey: own, answering: new Set() });
  expect(tunnels.published).toEqual({ wireguardPublicKey: own });
});

describe('while nobody is to be encrypted for', () => {
  test('no program of WireGuard’s is run, no device tried, and no key made', async () => {
    expect(await started(wanted('Off'))).toBeUndefined();
    expect(tunnels.published).toEqual({});
    const later = passed + 60_000;
    while (passed < later) {
      passed += 2_500;
      await new Promise(resolve => setTimeout(resolve, 10));
      await local(wanted('Off'));
    }
    expect(ran).toEqual([]);
    expect(await existingKeyIn(folder)).toBeUndefined();
    expect(failures).toEqual([]);
  });

  test('a key that is there is published, for others may rely on it', async () => {
    const { publicKey: own } = await keyIn(folder);
    await started(wanted('Off'));
    expect(tunnels.published).toEqual({ wireguardPublicKey: own });
  });

  test('when a cluster wants it there is a key at once, and when none does any more it stays published', async () => {
    await started(wanted('Off'));
    expect((await local())?.publicKey).toMatch(/=$/);
    const { wireguardPublicKey: own } = tunnels.published;
    expect(own).toBe((await keyIn(folder)).publicKey);
    expect(await local(wanted('Off'))).toBeUndefined();
    expect(tunnels.published).toEqual({ wireguardPublicKey: own });
    const before = ran.length;
    passed += 60_000;
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(ran.length).toBe(before);
  });

  test('another key is taken at once', async () => {
    await keyIn(folder);
    await started(wanted('Off'));
    const next = await makeNextKey(folder);
    await vi.waitFor(() => expect(tunnels.published).toEqual({ wireguardPublicKey: next.publicKey }));
    await vi.waitFor(async () => expect(await nextKeyIn(folder)).toBeUndefined());
    expect(ran).toEqual([]);
  });
});

test('a key that cannot be used keeps it from starting', async () => {
  await writeFile(keyFileIn(folder), 'garbage', { mode: 0o600 });
  await expect(tunnels.start()).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
});

test('a key that cannot be made is said, and tried again', async () => {
  await tunnels.start();
  await rm(folder, { recursive: true });
  await writeFile(folder, '');
  await expect(tunnels.of(wanted())).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
  await rm(folder);
  expect((await local())?.publicKey).toBe((await keyIn(folder)).publicKey);
});

test('who answers under the agent before this one is known at once, and taken for it', async () => {
  await adopted(1_700_000_000 - 60);
  expect((await started())?.answering).toEqual(new Set([PEER]));
});

test('who has a session, but was not used by the agent before this one, has to be heard for a while', async () => {
  await adopted(1_700_000_000 - 100, 'eth0');
  expect((await withTunnels(wanted(), options)).local.wireguard?.answering).toEqual(new Set());
  expect((await started())?.answering).toEqual(new Set());
  let received = 1;
  const seen = (): number | undefined => tunnels.judged.get(device)?.get(PEER)?.traffic.received;
  while ((await local())?.answering.size === 0) {
    passed += 2_500;
    received += 1;
    commands.wireguard.traffic(device, PEER, { handshake: 1_700_000_000 - 100, received, sent: received });
    const before = seen();
    await vi.waitFor(() => expect(seen()).not.toBe(before), 10_000);
  }
  expect(passed).toBeGreaterThanOrEqual(30_000);
  expect(failures).toEqual([]);
});

test('a look ahead makes no key', async () => {
  await adopted(1_700_000_000 - 60);
  expect((await withTunnels(wanted(), options)).local.wireguard).toEqual({
    engine: 'userspace',
    publicKey: '',
    answering: new Set([PEER]),
  });
  expect(await existingKeyIn(folder)).toBeUndefined();
});

describe('another key', () => {
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await holds())) {
      passed += 500;
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  };
  const names = new Map<string | undefined, string>();
  const nameOf = (key: string | undefined): string => names.get(key) ?? 'none';
  /** What is published, and by which keys this node is known on its devices. */
  const told = async (): Promise<string> => {
    const { wireguardPublicKey: now, wireguardNextPublicKey: next } = tunnels.published;
    const own = await local();
    return `${nameOf(now)},${nameOf(next)} ${nameOf(own?.publicKey)},${nameOf(own?.nextPublicKey)} ${own?.answering.size}`;
  };

  /** What is told one after the other, until the change is over. */
  async function change(): Promise<string[]> {
    const seen: string[] = [];
    await until(async () => {
      const now = await told();
      if (now !== seen.at(-1)) seen.push(now);
      return said.at(-1) === 'done';
    });
    return seen;
  }

  test('published beside the old one, then instead of it; then it is the present one, and the detour goes', async () => {
    await adopted(1_700_000_000 - 60);
    await started();
    names.set((await keyIn(folder)).publicKey, 'old').set((await makeNextKey(folder)).publicKey, 'new');
    // The next look may find the key before anything else is done here.
    const seen = (await change()).filter(one => one !== 'old,none old,none 1');
    expect(seen).toEqual([
      'old,new old,new 1',
      'old,new old,new 0',
      'none,new old,new 0',
      'new,new new,new 0',
      'new,none new,new 0',
      'new,none new,none 0',
    ]);
    expect(said).toEqual(['announced', 'leaving', 'withdrawn', 'returning', 'closing', 'done']);
    expect(changes).toBeGreaterThanOrEqual(5);
    expect(nameOf((await keyIn(folder)).publicKey)).toBe('new');
    expect(await nextKeyIn(folder)).toBeUndefined();
    expect(failures).toEqual([]);
  });

  test('a process that starts when the key was taken goes on from there', async () => {
    await adopted(1_700_000_000 - 60);
    await started();
    const next = await makeNextKey(folder);
    await until(() => said.at(-1) === 'returning');
    await tunnels.stop();
    said = [];
    tunnels = new Tunnels(options);
    const found = await started();
    expect([found?.publicKey, found?.nextPublicKey]).toEqual([next.publicKey, next.publicKey]);
    expect(tunnels.published.wireguardNextPublicKey).toBe(next.publicKey);
    await until(() => said.at(-1) === 'done');
    expect(said).toEqual(['returning', 'closing', 'done']);
  });

  test('a process that starts when it was announced goes on with it though another key changes, too', async () => {
    announced = (await makeNextKey(folder)).publicKey;
    await started(wanted('Required', `${WEST} next=${publicKey(42)}`));
    expect([said[0], tunnels.published.wireguardNextPublicKey]).toEqual(['announced', announced]);
  });

  test('while the key of another node changes it waits; the detour is looked at', async () => {
    const others = wanted('Required', `${WEST} next=${publicKey(42)}`);
    await started(others);
    await commands.run('wireguard-go', [detour.device]);
    await commands.run('wg', ['addconf', detour.device], `[Peer]\nPublicKey = ${publicKey(42)}\n`);
    const handshake = 1_700_000_000;
    commands.wireguard.traffic(detour.device, publicKey(42), { handshake, received: 1, sent: 1 });
    await vi.waitFor(async () =>
      expect((await local(others))?.answeringOnDetour).toEqual(new Set([publicKey(42)])),
    );
    await makeNextKey(folder);
    await vi.waitFor(() => expect(said).toEqual(['waiting']));
    expect(tunnels.published.wireguardNextPublicKey).toBeUndefined();
    await local();
    await vi.waitFor(() => expect(said).toEqual(['waiting', 'announced']));
  });
});
