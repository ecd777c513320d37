import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { exported, openDirectory, temporaryDirectory, write } from '../../kit/directory.ts';

const eventually = { timeout: 8_000, interval: 10 };

/**
 * Puts these files into a mounted ConfigMap as the kubelet does: a new directory, and one rename of the link `..data`.
 */
function swap(mount: string, files: Readonly<Record<string, string>>): void {
  const version = mkdtempSync(join(mount, '..2026_'));
  for (const [path, text] of Object.entries(files)) write(version, path, text);
  symlinkSync(basename(version), join(mount, '..data_tmp'));
  renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
}

describe('a mounted ConfigMap', () => {
  test('for each cluster', async () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, 'east'));
    swap(join(root, 'east'), { 'a.yaml': exported('a', '10.0.0.1') });
    symlinkSync('..data/a.yaml', join(root, 'east/a.yaml'));
    const { world, lost, told } = await openDirectory(root);
    expect(world()).toEqual(['shop/a east=10.0.0.1']);
    for (const address of ['10.0.0.2', '10.0.0.3']) {
      swap(join(root, 'east'), { 'a.yaml': exported('a', address) });
      await vi.waitFor(() => expect(world()).toEqual([`shop/a east=${address}`]), eventually);
    }
    expect([lost, told()]).toEqual([[], []]);
  });

  test('for all, the cluster folders being links themselves', async () => {
    const root = temporaryDirectory();
    swap(root, { 'east/a.yaml': exported('a', '10.0.0.1') });
    symlinkSync('..data/east', join(root, 'east'));
    const { world, lost, told } = await openDirectory(root);
    for (const address of ['10.0.0.2', '10.0.0.3']) {
      swap(root, { 'east/a.yaml': exported('a', address) });
      await vi.waitFor(() => expect(world()).toEqual([`shop/a east=${address}`]), eventually);
    }
    expect([lost, told()]).toEqual([[], []]);
  });
});

test('a folder is removed and made again, and is watched again', async () => {
  const root = temporaryDirectory({ 'east/a.yaml': exported('a', '10.0.0.1') });
  const { world } = await openDirectory(root);
  for (const address of ['10.0.0.2', '10.0.0.3', '10.0.0.4']) {
    rmSync(join(root, 'east'), { recursive: true });
    write(root, 'east/a.yaml', exported('a', '10.0.0.9'));
    await vi.waitFor(() => expect(world()).toEqual(['shop/a east=10.0.0.9']), eventually);
    write(root, 'east/a.yaml', exported('a', address));
    await vi.waitFor(() => expect(world()).toEqual([`shop/a east=${address}`]), eventually);
  }
});

test('a root that vanishes is a fault, not an order to forget everything: what is served is stale until it is back', async () => {
  const parent = temporaryDirectory({ 'mesh/east/a.yaml': exported('a', '10.0.0.1') });
  const { source, world, lost, told, metrics } = await openDirectory(join(parent, 'mesh'));
  expect([source.staleSince, metrics.stale]).toEqual([undefined, false]);
  renameSync(join(parent, 'mesh'), join(parent, 'away'));
  await vi.waitFor(() => expect(metrics.reloadsFailed).toBe(1), eventually);
  expect([world(), lost]).toEqual([['shop/a east=10.0.0.1'], []]);
  expect(told()).toMatchObject([
    {
      level: 'error',
      code: 'SOURCE_UNREADABLE',
      directory: join(parent, 'mesh'),
      reason: expect.stringContaining('ENOENT'),
      msg: expect.stringContaining('stays in use'),
    },
  ]);
  const since = source.staleSince;
  expect([since, metrics.stale]).toEqual([expect.any(Date), true]);
  await sleep(1_000);
  expect(source.staleSince).toBe(since);
  renameSync(join(parent, 'away'), join(parent, 'mesh'));
  await vi.waitFor(() => expect([source.staleSince, metrics.stale]).toEqual([undefined, false]), eventually);
});

describe('what no notification tells of is seen within a second or so', () => {
  const soon = { timeout: 1_500, interval: 10 };

  test('a root that is a link, switched to another directory', async () => {
    const parent = temporaryDirectory({
      'one/east/a.yaml': exported('a', '10.0.0.1'),
      'two/east/a.yaml': exported('a', '10.0.0.2'),
    });
    symlinkSync('one', join(parent, 'current'));
    const { world } = await openDirectory(join(parent, 'current'));
    symlinkSync('two', join(parent, 'next'));
    renameSync(join(parent, 'next'), join(parent, 'current'));
    await vi.waitFor(() => expect(world()).toEqual(['shop/a east=10.0.0.2']), soon);
  });

  test('a file elsewhere that a link leads to, while another folder keeps changing', async () => {
    const root = temporaryDirectory({ 'east/b.yaml': exported('b', '10.0.0.9') });
    const elsewhere = temporaryDirectory({ 'a.yaml': exported('a', '10.0.0.1') });
    mkdirSync(join(root, 'west'));
    symlinkSync(join(elsewhere, 'a.yaml'), join(root, 'west/a.yaml'));
    const { world } = await openDirectory(root);
    write(elsewhere, 'a.yaml', exported('a', '10.0.0.2'));
    let last = 9;
    await vi.waitFor(
      () => {
        last += 1;
        write(root, 'east/b.yaml', exported('b', `10.0.0.${last}`));
        expect(world()[0]).toBe('shop/a west=10.0.0.2');
      },
      { timeout: 2_500, interval: 50 },
    );
  });
});
