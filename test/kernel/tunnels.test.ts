import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Kernel } from '../../src/kernel/kernel.ts';
import { existingKeyIn, keyFileIn, keyIn, makeNextKey } from '../../src/kernel/private-key.ts';
import { peekTunnels, Tunnels, type TunnelsOptions } from '../../src/kernel/tunnels.ts';
import { systemClock } from '../../src/ops/clock.ts';
import { MARKS } from '../../src/routes/model.ts';
import { FakeCommands } from '../kit/kernel/fake-commands.ts';
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
    kernel: new Kernel({ commands, sysctls: commands.sysctls, marks: MARKS, keyFile: keyFileIn(folder) }),
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

/** A device with a peer, as an agent before this one has left it. */
async function adopted(handshake: number): Promise<void> {
  await commands.run('wireguard-go', [device]);
  await commands.run('wg', ['addconf', device], `[Peer]\nPublicKey = ${PEER}\n`);
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
    const next = await makeNextKey(folder);
    const seen: string[] = [];
    await until(() => {
      const now = `${tunnels.local?.answering.size} ${tunnels.published === before ? 'old' : (tunnels.published ?? 'none')}`;
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
