import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scan } from '../../../src/source/directory/scan.ts';
import { temporaryDirectory, write } from '../../kit/directory.ts';

async function scanned(root: string) {
  const entered: string[] = [];
  const tree = await scan(root, directory => entered.push(directory.slice(root.length)));
  return { ...tree, entered, paths: [...tree.files.keys()].sort() };
}

test('YAML and JSON files below the cluster folders, each with its cluster', async () => {
  const root = temporaryDirectory({
    'east/a.yaml': '',
    'east/b.yml': '',
    'east/deep/er/c.json': '',
    'west.eu/a.yaml': '',
    'east/a.yaml.bak': '',
    'east/.hidden.yaml': '',
    'east/.git/a.yaml': '',
    '.cache/a.yaml': '',
    'notes.txt': '',
  });
  const { files, clusters, leftOut, entered } = await scanned(root);
  expect([...files.values()].map(({ path, cluster }) => [path, cluster])).toEqual([
    ['east/a.yaml', 'east'],
    ['east/b.yml', 'east'],
    ['east/deep/er/c.json', 'east'],
    ['west.eu/a.yaml', 'west.eu'],
  ]);
  expect([clusters, leftOut]).toEqual([['east', 'west.eu'], []]);
  expect(entered).toEqual(['', '/east', '/east/deep', '/east/deep/er', '/west.eu']);
});

test('what is named like a file to be read and is none is left out by name, also where the folder is known', async () => {
  const root = temporaryDirectory({ 'east/a.yaml': '', 'east/b.YAML': '', 'east/c.Yml': '', 'd.JSON': '' });
  execFileSync('mkfifo', [join(root, 'east/pipe.yaml')]);
  symlinkSync('nowhere', join(root, 'west'));
  const spelling = 'name does not end in .yaml, .yml or .json, in small letters: rename it';
  const leftOut = [
    {
      path: 'd.JSON',
      reason: 'file lies outside of the cluster folders: move it into the folder of its cluster',
    },
    { path: 'east/b.YAML', reason: spelling },
    { path: 'east/c.Yml', reason: spelling },
    { path: 'east/pipe.yaml', reason: 'is no file with content, but a pipe, a socket or a device' },
    { path: 'west', reason: expect.stringMatching(/^link leads nowhere \(ENOENT/) },
  ];
  const first = await scanned(root);
  expect([first.paths, first.leftOut]).toMatchObject([['east/a.yaml'], leftOut]);
  const again = await scan(
    root,
    () => {},
    (_, path) => first.listings.get(path),
  );
  expect(again.leftOut).toEqual(first.leftOut);
});

describe('stamps', () => {
  test('differ for whatever may have another content', async () => {
    const root = temporaryDirectory({ 'east/a.yaml': 'a: 1' });
    const stamp = async () => (await scanned(root)).files.get('east/a.yaml')?.stamp;
    const stamps = new Set([await stamp()]);
    write(root, 'east/a.yaml', 'a: 22');
    stamps.add(await stamp());
    write(root, 'east/a.yaml', 'a: 33');
    stamps.add(await stamp());
    expect(stamps.size).toBe(3);
  });

  test('stay the same for a file that has been left alone for a while', async () => {
    const root = temporaryDirectory({ 'east/a.yaml': 'a: 1' });
    await new Promise(resolve => setTimeout(resolve, 50));
    const [first, second] = [await scanned(root), await scanned(root)];
    expect(second.files).toEqual(first.files);
  });
});

describe('links', () => {
  test('to files and folders are followed', async () => {
    const root = temporaryDirectory({ 'elsewhere/x.yaml': '', 'east/real.yaml': '' });
    symlinkSync('../elsewhere', join(root, 'east/linked'));
    symlinkSync('real.yaml', join(root, 'east/again.yaml'));
    symlinkSync('elsewhere', join(root, 'west'));
    const { paths } = await scanned(root);
    expect(paths).toContain('east/linked/x.yaml');
    expect(paths).toContain('east/again.yaml');
    expect(paths).toContain('west/x.yaml');
  });

  test('that lead in circles end', async () => {
    const root = temporaryDirectory({ 'east/a.yaml': '' });
    symlinkSync('.', join(root, 'east/self'));
    symlinkSync('..', join(root, 'east/up'));
    symlinkSync('loop.yaml', join(root, 'east/loop.yaml'));
    const { paths, files } = await scanned(root);
    expect(paths.filter(path => path.startsWith('east/') && path.endsWith('/a.yaml'))).toEqual([
      'east/a.yaml',
    ]);
    expect(files.get('east/loop.yaml')?.fault).toContain('ELOOP');
  });

  test('that lead up to all clusters are left out', async () => {
    const root = temporaryDirectory({ 'east/a.yaml': '', 'east/deep/b.yaml': '', 'west/c.yaml': '' });
    symlinkSync('..', join(root, 'west/all'));
    symlinkSync('../../..', join(root, 'east/deep/above'));
    const { paths, leftOut } = await scanned(root);
    expect(paths).toEqual(['east/a.yaml', 'east/deep/b.yaml', 'west/c.yaml']);
    expect(leftOut).toMatchObject(
      ['east/deep/above', 'west/all'].map(path => ({ path, reason: expect.stringContaining('leads up') })),
    );
  });

  test('that lead nowhere are a fault where they should be a file', async () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, 'east'));
    symlinkSync('nothing.yaml', join(root, 'east/a.yaml'));
    symlinkSync('nothing', join(root, 'east/b'));
    const { files } = await scanned(root);
    expect([...files.values()].map(({ path, fault }) => [path, fault])).toEqual([
      ['east/a.yaml', expect.stringContaining('ENOENT')],
    ]);
  });
});

test('folders deeper than eight levels are left out by name', async () => {
  const root = temporaryDirectory({
    'east/1/2/3/4/5/6/7/8/a.yaml': '',
    'east/1/2/3/4/5/6/7/8/9/b.yaml': '',
  });
  const { paths, leftOut } = await scanned(root);
  expect(paths).toEqual(['east/1/2/3/4/5/6/7/8/a.yaml']);
  expect(leftOut).toMatchObject([{ path: 'east/1/2/3/4/5/6/7/8/9', unreadable: false }]);
});

test('what is neither a file nor a folder is not opened', async () => {
  const root = temporaryDirectory({ 'east/a.yaml': '' });
  symlinkSync('/dev/zero', join(root, 'east/zero.yaml'));
  expect((await scanned(root)).paths).toEqual(['east/a.yaml']);
});
