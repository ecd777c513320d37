import { rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { withTunnels } from '../../src/kernel/first-look.ts';
import { existingKeyIn, keyFileIn, keyIn, makeNextKey, nextKeyIn } from '../../src/kernel/private-key.ts';
import { MARKS } from '../../src/routes/model.ts';
import { PEER, TunnelHost, wanted } from '../kit/kernel/tunnel-host.ts';

const { device } = MARKS.wireguard;

let host: TunnelHost;

beforeEach(async () => {
  host = await TunnelHost.of();
});

afterEach(() => host.remove());

test('without WireGuard on the host there is neither a key nor an engine', async () => {
  host.commands.run = () => Promise.reject(new Error('spawn wg ENOENT'));
  expect(await host.started()).toBeUndefined();
  expect(host.tunnels.published).toEqual({});
  expect(await existingKeyIn(host.folder)).toBeUndefined();
});

test('a key that is made once, and published', async () => {
  const found = await host.started();
  const { publicKey: own } = await keyIn(host.folder);
  expect(found).toEqual({ engine: 'userspace', publicKey: own, answering: new Set() });
  expect(host.tunnels.published).toEqual({ wireguardPublicKey: own });
});

describe('while nobody is to be encrypted for', () => {
  test('no program of WireGuard’s is run, no device tried, and no key made', async () => {
    expect(await host.started(wanted('Off'))).toBeUndefined();
    expect(host.tunnels.published).toEqual({});
    const later = host.passed + 60_000;
    while (host.passed < later) {
      host.passed += 2_500;
      await new Promise(resolve => setTimeout(resolve, 10));
      await host.local(wanted('Off'));
    }
    expect(host.ran).toEqual([]);
    expect(await existingKeyIn(host.folder)).toBeUndefined();
    expect(host.failures).toEqual([]);
  });

  test('a key that is there is published, for others may rely on it', async () => {
    const { publicKey: own } = await keyIn(host.folder);
    await host.started(wanted('Off'));
    expect(host.tunnels.published).toEqual({ wireguardPublicKey: own });
  });

  test('when a cluster wants it there is a key at once, and when none does any more it stays published', async () => {
    await host.started(wanted('Off'));
    expect((await host.local())?.publicKey).toMatch(/=$/);
    const { wireguardPublicKey: own } = host.tunnels.published;
    expect(own).toBe((await keyIn(host.folder)).publicKey);
    expect(await host.local(wanted('Off'))).toBeUndefined();
    expect(host.tunnels.published).toEqual({ wireguardPublicKey: own });
    const before = host.ran.length;
    host.passed += 60_000;
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(host.ran.length).toBe(before);
  });

  test('another key is taken at once', async () => {
    await keyIn(host.folder);
    await host.started(wanted('Off'));
    const next = await makeNextKey(host.folder);
    await vi.waitFor(() => expect(host.tunnels.published).toEqual({ wireguardPublicKey: next.publicKey }));
    await vi.waitFor(async () => expect(await nextKeyIn(host.folder)).toBeUndefined());
    expect(host.ran).toEqual([]);
  });
});

test('a key that cannot be used keeps it from starting', async () => {
  await writeFile(keyFileIn(host.folder), 'garbage', { mode: 0o600 });
  await expect(host.tunnels.start()).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
});

test('a key that cannot be made is said, and tried again', async () => {
  await host.tunnels.start();
  await rm(host.folder, { recursive: true });
  await writeFile(host.folder, '');
  await expect(host.tunnels.of(wanted())).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
  await rm(host.folder);
  expect((await host.local())?.publicKey).toBe((await keyIn(host.folder)).publicKey);
});

test('who answers under the agent before this one is known at once, and taken for it', async () => {
  await host.adopted(1_700_000_000 - 60);
  expect((await host.started())?.answering).toEqual(new Set([PEER]));
});

test('who has a session, but was not used by the agent before this one, has to be heard for a while', async () => {
  await host.adopted(1_700_000_000 - 100, 'eth0');
  expect((await withTunnels(wanted(), host.options)).local.wireguard?.answering).toEqual(new Set());
  expect((await host.started())?.answering).toEqual(new Set());
  let received = 1;
  const seen = (): number | undefined => host.tunnels.judged.get(device)?.get(PEER)?.traffic.received;
  while ((await host.local())?.answering.size === 0) {
    host.passed += 2_500;
    received += 1;
    host.commands.wireguard.traffic(device, PEER, {
      handshake: 1_700_000_000 - 100,
      received,
      sent: received,
    });
    const before = seen();
    await vi.waitFor(() => expect(seen()).not.toBe(before), 10_000);
  }
  expect(host.passed).toBeGreaterThanOrEqual(30_000);
  expect(host.failures).toEqual([]);
});

test('a look ahead makes no key', async () => {
  await host.adopted(1_700_000_000 - 60);
  expect((await withTunnels(wanted(), host.options)).local.wireguard).toEqual({
    engine: 'userspace',
    publicKey: '',
    answering: new Set([PEER]),
  });
  expect(await existingKeyIn(host.folder)).toBeUndefined();
});
