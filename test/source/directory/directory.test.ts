import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { directorySource, exported, openDirectory, temporaryDirectory, write } from '../../kit/directory.ts';

const eventually = { timeout: 10_000, interval: 10 };

describe('loading', () => {
  test('the sample mesh has nothing to complain of', async () => {
    const { source, told, metrics, synced } = await openDirectory('deploy/samples/mesh', 'east');
    expect(told()).toEqual([]);
    expect(source.mesh.conflicts).toEqual([]);
    expect(source.mesh.invalidExports).toEqual([]);
    expect(source.mesh.clusters).toEqual(['east', 'north', 'west']);
    expect(metrics).toMatchObject({
      reloadsOk: 1,
      reloadsFailed: 0,
      brokenFiles: 0,
      problems: 0,
      conflicts: 0,
    });
    expect(metrics.endpoints).toBeGreaterThan(0);
    expect(synced).toEqual([6]);
  });

  test('a directory that is not there is refused with what to give instead', async () => {
    const missing = join(temporaryDirectory(), 'mesh');
    await expect(openDirectory(missing)).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: expect.stringMatching(/ENOENT.*one folder for each cluster/s),
    });
  });

  test('a file in place of the directory is refused', async () => {
    const root = temporaryDirectory({ 'east/a.yaml': exported('payments', '10.0.0.1') });
    await expect(openDirectory(join(root, 'east/a.yaml'))).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
    });
  });

  test('an empty directory says what is missing, and is loaded only when a cluster has come', async () => {
    const root = temporaryDirectory();
    const { source, told, synced } = directorySource(root);
    const started = source.start();
    await vi.waitFor(
      () =>
        expect(told()).toMatchObject([{ level: 'warn', msg: expect.stringContaining('no cluster folder') }]),
      eventually,
    );
    expect(synced).toEqual([]);
    write(root, 'east/a.yaml', exported('a', '10.0.0.1'));
    await started;
    expect(synced).toEqual([1]);
  });

  test('a local cluster without a folder is told', async () => {
    const root = temporaryDirectory({ 'east/a.yaml': exported('payments', '10.0.0.1') });
    const { told } = await openDirectory(root, 'esat');
    expect(told()).toMatchObject([
      { cluster: 'esat', clusters: ['east'], msg: expect.stringContaining('--cluster-id') },
    ]);
  });

  test('YAML, JSON and lists in any folder below the cluster', async () => {
    const { world, told } = await openDirectory(
      temporaryDirectory({
        'east/a.yml': exported('one', '10.0.0.1'),
        'east/deep/er/b.yaml': exported('two', '10.0.0.2'),
        'east/c.json': JSON.stringify({
          apiVersion: 'v1',
          kind: 'List',
          items: [
            {
              apiVersion: 'v1',
              kind: 'Service',
              metadata: { name: 'three', namespace: 'shop' },
              spec: { clusterIP: '10.0.0.3', ports: [{ port: 80 }] },
            },
            {
              apiVersion: 'multicluster.x-k8s.io/v1alpha1',
              kind: 'ServiceExport',
              metadata: { name: 'three', namespace: 'shop' },
            },
          ],
        }),
        'east/README.md': 'not: [yaml',
      }),
    );
    expect(told()).toEqual([]);
    expect(world()).toEqual(['shop/one east=10.0.0.1', 'shop/three east=10.0.0.3', 'shop/two east=10.0.0.2']);
  });
});

describe('changes', () => {
  async function opened() {
    const root = temporaryDirectory({
      'east/payments.yaml': exported('payments', '10.10.0.1'),
      'west/payments.yaml': exported('payments', '10.20.0.1'),
    });
    return { root, ...(await openDirectory(root)) };
  }

  test('a file is changed, added and deleted', async () => {
    const { root, world } = await opened();
    write(root, 'east/payments.yaml', exported('payments', '10.10.0.2'));
    await vi.waitFor(
      () => expect(world()).toEqual(['shop/payments east=10.10.0.2 west=10.20.0.1']),
      eventually,
    );
    write(root, 'east/more/cart.yaml', exported('cart', '10.10.0.3'));
    await vi.waitFor(() => expect(world()[0]).toBe('shop/cart east=10.10.0.3'), eventually);
    rmSync(join(root, 'east/payments.yaml'));
    await vi.waitFor(() => expect(world()[1]).toBe('shop/payments west=10.20.0.1'), eventually);
  });

  test('a file moved into place, as careful writers do it', async () => {
    const { root, world } = await opened();
    write(root, 'east/.payments.yaml.tmp', exported('payments', '10.10.0.9'));
    renameSync(join(root, 'east/.payments.yaml.tmp'), join(root, 'east/payments.yaml'));
    await vi.waitFor(
      () => expect(world()).toEqual(['shop/payments east=10.10.0.9 west=10.20.0.1']),
      eventually,
    );
  });

  test('a file that gets another name changes nothing', async () => {
    const { root, world, lost, told } = await opened();
    renameSync(join(root, 'east/payments.yaml'), join(root, 'east/zahlungen.yaml'));
    write(root, 'west/cart.yaml', exported('cart', '10.20.0.2'));
    await vi.waitFor(() => expect(world()).toHaveLength(2), eventually);
    expect(world()[1]).toBe('shop/payments east=10.10.0.1 west=10.20.0.1');
    expect([lost, told()]).toEqual([[], []]);
  });

  test('a cluster folder comes and goes', async () => {
    const { root, world } = await opened();
    write(root, 'north/a/payments.yaml', exported('payments', '10.30.0.1'));
    await vi.waitFor(() => expect(world()[0]).toContain('north=10.30.0.1'), eventually);
    rmSync(join(root, 'north'), { recursive: true });
    await vi.waitFor(() => expect(world()[0]).not.toContain('north'), eventually);
    write(root, 'north/a/payments.yaml', exported('payments', '10.30.0.2'));
    await vi.waitFor(() => expect(world()[0]).toContain('north=10.30.0.2'), eventually);
  });

  test('a writer that empties a file before it fills it takes nothing away', async () => {
    const { root, world, lost, told } = await opened();
    const file = openSync(join(root, 'east/payments.yaml'), 'w');
    await sleep(30);
    const text = exported('payments', '10.10.0.5');
    writeSync(file, text.slice(0, 100));
    await sleep(30);
    writeSync(file, text.slice(100));
    closeSync(file);
    await vi.waitFor(
      () => expect(world()).toEqual(['shop/payments east=10.10.0.5 west=10.20.0.1']),
      eventually,
    );
    expect([lost, told()]).toEqual([[], []]);
  });

  test('a file that stays empty keeps what it held, and says so, until it is filled or deleted', async () => {
    const { root, world, told } = await opened();
    write(root, 'east/payments.yaml', '# to come\n');
    await vi.waitFor(() => expect(told()).toHaveLength(1), eventually);
    expect(JSON.stringify(told())).toContain('is empty: delete the file if that is meant');
    expect(world()).toEqual(['shop/payments east=10.10.0.1 west=10.20.0.1']);
    rmSync(join(root, 'east/payments.yaml'));
    await vi.waitFor(() => expect(world()).toEqual(['shop/payments west=10.20.0.1']), eventually);
  });

  test('after stop nothing is handed on', async () => {
    const { root, source, world } = await opened();
    write(root, 'east/cart.yaml', exported('cart', '10.10.0.2'));
    await source.stop();
    const before = world();
    write(root, 'west/cart.yaml', exported('cart', '10.20.0.2'));
    await sleep(300);
    expect(world()).toEqual(before);
  });

  test('a source that is stopped while it loads leaves nobody waiting, and says nothing', async () => {
    const { source, synced, world } = directorySource(
      temporaryDirectory({ 'east/a.yaml': exported('a', '10.0.0.1') }),
    );
    const started = source.start();
    await source.stop();
    await started;
    await sleep(200);
    expect([synced, world()]).toEqual([[], []]);
  });
});
