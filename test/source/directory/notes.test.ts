import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { exported, openDirectory, temporaryDirectory, write } from '../../kit/directory.ts';

const eventually = { timeout: 10_000, interval: 10 };

async function opened(files: Readonly<Record<string, string>>) {
  const root = temporaryDirectory(files);
  return { root, ...(await openDirectory(root)) };
}

describe('a broken file', () => {
  test('keeps its last good objects, is told once with line and reason, and again when it is mended', async () => {
    const { root, world, told, metrics } = await opened({ 'east/a.yaml': exported('a', '10.0.0.1') });
    write(root, 'east/a.yaml', `${exported('a', '10.0.0.2')}---\nbroken: [1, 2\n`);
    await vi.waitFor(() => expect(metrics).toMatchObject({ brokenFiles: 1, reloadsFailed: 1 }), eventually);
    expect(world()).toEqual(['shop/a east=10.0.0.1']);
    expect(told()).toEqual([
      {
        level: 'error',
        code: 'FILE_BROKEN',
        file: 'east/a.yaml:11',
        reason: expect.stringContaining(']'),
        kept: 2,
        msg: 'file is broken, what was last read from it stays in use',
      },
    ]);
    write(root, 'east/b.yaml', exported('b', '10.0.0.3'));
    await vi.waitFor(() => expect(world()).toHaveLength(2), eventually);
    expect(told()).toHaveLength(1);
    write(root, 'east/a.yaml', exported('a', '10.0.0.2'));
    await vi.waitFor(() => expect(world()[0]).toBe('shop/a east=10.0.0.2'), eventually);
    expect(told()[1]).toMatchObject({
      level: 'info',
      file: 'east/a.yaml:11',
      msg: 'file is no longer broken',
    });
    expect(metrics.brokenFiles).toBe(0);
  });

  test('is told again when it is changed and still broken', async () => {
    const { root, told } = await opened({ 'east/a.yaml': 'a: [' });
    write(root, 'east/a.yaml', 'a: 1\nb: {');
    await vi.waitFor(() => expect(told()).toHaveLength(2), eventually);
    expect(told().map(({ file, msg }) => [file, msg])).toEqual([
      ['east/a.yaml:1', 'file is broken'],
      ['east/a.yaml:2', 'file is broken'],
    ]);
  });

  test('at the start is left out, and the rest is served', async () => {
    const { world, synced } = await opened({
      'east/a.yaml': 'a: [',
      'east/b.yaml': exported('b', '10.0.0.1'),
    });
    expect([world(), synced]).toEqual([['shop/b east=10.0.0.1'], [1]]);
  });

  test.each([
    ['is not UTF-8', Buffer.from([0xff, 0xfe, 0x61, 0x00]), 'UTF-8'],
    ['is binary', Buffer.from([0x00, 0x01, 0x02, 0x7f, 0x80]), 'UTF-8'],
  ])('that %s', async (_what, bytes, reason) => {
    const root = temporaryDirectory();
    write(root, 'east/a.yaml', bytes);
    const { told } = await openDirectory(root);
    expect(told()).toMatchObject([{ file: 'east/a.yaml', reason: expect.stringContaining(reason) }]);
  });
});

test('a value that is nonsense is left out of its object, which is used as it is now', async () => {
  const weighted = (address: string, weight: string) =>
    exported('a', address).replace(/ \}\n$/, `, annotations: { causeway.dev/weight: ${weight} } }\n`);
  const { root, world, told } = await opened({ 'east/a.yaml': weighted('10.0.0.1', '"7"') });
  write(root, 'east/a.yaml', weighted('10.0.0.2', 'much'));
  await vi.waitFor(() => expect(world()).toEqual(['shop/a east=10.0.0.2']), eventually);
  expect(told()).toMatchObject([
    {
      level: 'warn',
      file: 'east/a.yaml:6',
      object: 'ServiceExport shop/a',
      msg: expect.stringContaining('it is ignored'),
    },
  ]);
});

describe('an object that is refused', () => {
  test('keeps its last good version; the others of its file are taken', async () => {
    const { root, world, told, metrics } = await opened({
      'east/a.yaml': `${exported('a', '10.0.0.1')}---\n${exported('b', '10.0.0.2')}`,
    });
    write(root, 'east/a.yaml', `${exported('a', '10.0.0.8', 99_999)}---\n${exported('b', '10.0.0.9')}`);
    await vi.waitFor(
      () => expect(world()).toEqual(['shop/a east=10.0.0.1', 'shop/b east=10.0.0.9']),
      eventually,
    );
    expect(told()).toMatchObject([
      {
        level: 'error',
        code: 'OBJECT_INVALID',
        file: 'east/a.yaml:1',
        object: 'Service shop/a',
        field: 'spec.ports[0].port',
      },
    ]);
    expect(metrics).toMatchObject({ brokenFiles: 0, problems: 1, reloadsFailed: 0 });
  });

  test('goes when it is taken out of the file, and is told only once while it stays', async () => {
    const { root, world, told, metrics } = await opened({ 'east/a.yaml': exported('a', '10.0.0.1') });
    const bad = exported('a', '10.0.0.8', 0);
    write(root, 'east/a.yaml', bad);
    await vi.waitFor(() => expect(metrics.problems).toBe(1), eventually);
    write(root, 'east/a.yaml', `# moved down\n${bad}---\n${exported('b', '10.0.0.2')}`);
    await vi.waitFor(() => expect(world()).toHaveLength(2), eventually);
    expect(told()).toHaveLength(1);
    write(root, 'east/a.yaml', exported('b', '10.0.0.2'));
    await vi.waitFor(() => expect(world()).toEqual(['shop/b east=10.0.0.2']), eventually);
    expect(metrics.problems).toBe(0);
  });

  test('and has lost its name: none of the file is given up for it', async () => {
    const { root, world, metrics } = await opened({ 'east/a.yaml': exported('a', '10.0.0.1') });
    write(root, 'east/a.yaml', exported('a', '10.0.0.1').replaceAll('name: a, ', ''));
    await vi.waitFor(() => expect(metrics.problems).toBeGreaterThan(0), eventually);
    expect(world()).toEqual(['shop/a east=10.0.0.1']);
  });

  test('of a file full of them: the first are listed, all are counted', async () => {
    const documents = Array.from({ length: 50 }, (_, index) => {
      return exported(`s${index}`, '10.0.0.1', 0).split('---')[0];
    });
    const { told, metrics } = await opened({ 'east/a.yaml': documents.join('---\n') });
    expect(told()).toHaveLength(21);
    expect(told()[20]).toMatchObject({ file: 'east/a.yaml', more: 30 });
    expect(metrics.problems).toBe(50);
  });
});

describe('the same object twice', () => {
  test('the first file in path order counts; the next takes over when it goes', async () => {
    const { root, world, told, metrics } = await opened({
      'east/b.yaml': exported('a', '10.0.0.2'),
      'east/a/z.yaml': `# first\n${exported('a', '10.0.0.1')}`,
      'west/b.yaml': exported('a', '10.0.0.3'),
    });
    expect(world()).toEqual(['shop/a east=10.0.0.1 west=10.0.0.3']);
    expect(told()).toMatchObject([
      { file: 'east/b.yaml:1', object: 'Service shop/a', msg: expect.stringContaining('east/a/z.yaml:2') },
      {
        file: 'east/b.yaml:6',
        object: 'ServiceExport shop/a',
        msg: expect.stringContaining('east/a/z.yaml:7'),
      },
    ]);
    expect(metrics.problems).toBe(2);
    rmSync(join(root, 'east/a/z.yaml'));
    await vi.waitFor(() => expect(world()).toEqual(['shop/a east=10.0.0.2 west=10.0.0.3']), eventually);
    expect([told().length, metrics.problems]).toEqual([2, 0]);
  });

  test('within one file, the first document counts', async () => {
    const { world, told } = await opened({
      'east/a.yaml': `${exported('a', '10.0.0.1')}---\n${exported('a', '10.0.0.2')}`,
    });
    expect(world()).toEqual(['shop/a east=10.0.0.1']);
    expect(told().map(({ file, msg }) => [file, msg])).toEqual([
      ['east/a.yaml:10', 'is in this file twice; the one of line 1 is used'],
      ['east/a.yaml:15', 'is in this file twice; the one of line 6 is used'],
    ]);
  });
});

test('folders that are no cluster ids, and files outside of the folders, are told once and left out', async () => {
  const { root, world, told } = await opened({
    'East_1/a.yaml': exported('a', '10.0.0.1'),
    'stray.yaml': exported('a', '10.0.0.2'),
    'README.md': 'read me',
    'east/a.yaml': exported('a', '10.0.0.3'),
  });
  write(root, 'east/b.yaml', exported('b', '10.0.0.4'));
  await vi.waitFor(
    () => expect(world()).toEqual(['shop/a east=10.0.0.3', 'shop/b east=10.0.0.4']),
    eventually,
  );
  expect(told().map(({ file, reason }) => [file, reason])).toEqual([
    ['East_1', expect.stringContaining('cluster id')],
    ['stray.yaml', expect.stringContaining('outside')],
  ]);
});

test('conflicts and exports of nothing are told once', async () => {
  const { root, world, told, metrics, source } = await opened({
    'east/a.yaml': exported('a', '10.0.0.1', 80),
    'west/a.yaml': exported('a', '10.0.0.2', 81),
    'west/b.yaml': exported('b', '10.0.0.3').split('---')[1] ?? '',
  });
  write(root, 'east/c.yaml', exported('c', '10.0.0.4'));
  await vi.waitFor(() => expect(world()).toHaveLength(2), eventually);
  expect(told()).toMatchObject([
    { level: 'warn', cluster: 'west', service: 'shop/b', reason: 'NoService' },
    { level: 'warn', service: 'shop/a', reason: 'PortConflict', winner: 'east', losers: ['west'] },
  ]);
  expect(metrics.conflicts).toBe(1);
  expect(source.mesh.conflicts).toHaveLength(1);
});

test('a file that is only touched is no news', async () => {
  const { root, told, world, lost } = await opened({ 'east/a.yaml': exported('a', '10.0.0.1') });
  utimesSync(join(root, 'east/a.yaml'), 1, 1);
  await sleep(200);
  expect([world(), lost, told()]).toEqual([['shop/a east=10.0.0.1'], [], []]);
});
