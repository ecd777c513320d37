import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Kernel } from '../../src/kernel/kernel.ts';
import { existingKeyIn, keyFileIn, keyIn, makeNextKey } from '../../src/kernel/private-key.ts';
import { peekTunnels, Tunnels, type TunnelsOptions } from '../../src/kernel/tunnels.ts';
import { systemClock } from '../../src/ops/clock.ts';
import { MARKS } from '../../src/routes/model.ts';
import { FakeCommands, fakePlace } from '../kit/kernel/fake-commands.ts';
import { publicKey } from '../kit/kernel/nodes.ts';

const { device } = MARKS.wireguard;
const PEER = publicKey(41);

let folder: string;
let commands: FakeCommands;
let options: TunnelsOptions;
let tunnels: Tunnels;
let changes: number;
let failures: unknown[];
/** Milliseconds that this test has let pass. */
let passed: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-tunnels-'));
  commands = new FakeCommands();
  changes = 0;
  failures = [];
  passed = 0;
  options = {
    commands,
    kernel: new Kernel({ ...fakePlace(commands), marks: MARKS, keyFile: keyFileIn(folder) }),
    marks: MARKS,
    folder,
    // Ticks are real; what they are told of the time is ours.
    clock: { now: () => passed, after: (_, callback) => systemClock.after(5, callback) },
    unixSeconds: () => 1_700_000_000 + passed / 1_000,
    changed: () => {
      changes += 1;
    },
    failed: reason => failures.push(reason),
  };
  tunnels = new Tunnels(options);
});

afterEach(async () => {
  await tunnels.stop();
  await rm(folder, { recursive: true });
});

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
  await tunnels.start();
  expect([tunnels.local, tunnels.published]).toEqual([undefined, undefined]);
});

test('a key that is made once, and published', async () => {
  await tunnels.start();
  const { publicKey: own } = await keyIn(folder);
  expect(tunnels.local).toEqual({ engine: 'userspace', publicKey: own, answering: new Set() });
  expect(tunnels.published).toBe(own);
});

test('a key that cannot be used keeps it from starting', async () => {
  await writeFile(keyFileIn(folder), 'garbage', { mode: 0o600 });
  await expect(tunnels.start()).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
});

test('who answers under the agent before this one is known at once, and taken for it', async () => {
  await adopted(1_700_000_000 - 60);
  await tunnels.start();
  expect(tunnels.local?.answering).toEqual(new Set([PEER]));
});

test('who has a session, but was not used by the agent before this one, has to be heard for a while', async () => {
  await adopted(1_700_000_000 - 100, 'eth0');
  expect((await peekTunnels(options))?.answering).toEqual(new Set());
  await tunnels.start();
  expect(tunnels.local?.answering).toEqual(new Set());
  let received = 1;
  while (tunnels.local?.answering.size === 0) {
    passed += 2_500;
    received += 1;
    commands.wireguard.traffic(device, PEER, { handshake: 1_700_000_000 - 100, received, sent: received });
    const seen = tunnels.judged.get(PEER)?.traffic.received;
    await vi.waitFor(() => expect(tunnels.judged.get(PEER)?.traffic.received).not.toBe(seen), 10_000);
  }
  expect(passed).toBeGreaterThanOrEqual(30_000);
  expect(failures).toEqual([]);
});

test('a look ahead makes no key', async () => {
  await adopted(1_700_000_000 - 60);
  expect(await peekTunnels(options)).toEqual({
    engine: 'userspace',
    publicKey: '',
    answering: new Set([PEER]),
  });
  expect(await existingKeyIn(folder)).toBeUndefined();
});

describe('another key', () => {
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      passed += 500;
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  };

  test('own routes leave the tunnels, then the old key is withdrawn, then the new one is published', async () => {
    await adopted(1_700_000_000 - 60);
    await tunnels.start();
    const before = tunnels.published;
    const told = (): string =>
      `${tunnels.local?.answering.size} ${tunnels.published === before ? 'old' : (tunnels.published ?? 'none')}`;
    // The next look may find the key before anything else is done here.
    const seen = [told()];
    const next = await makeNextKey(folder);
    await until(() => {
      const now = told();
      if (now !== seen.at(-1)) seen.push(now);
      return tunnels.published === next.publicKey;
    });
    expect(seen.slice(0, 3)).toEqual(['1 old', '0 old', '0 none']);
    expect(seen.at(-1)).toContain(next.publicKey);
    expect(changes).toBeGreaterThanOrEqual(3);
    expect((await keyIn(folder)).publicKey).toBe(next.publicKey);
    expect(failures).toEqual([]);
  });
});
