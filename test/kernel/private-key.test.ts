import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  dropNextKey,
  keyFilesIn,
  keyIn,
  makeNextKey,
  nextKeyIn,
  takeNextKey,
} from '../../src/kernel/private-key.ts';

let folder: string;
const file = (): string => join(folder, 'wireguard.key');

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'causeway-key-')), 'state');
});

afterEach(() => rm(join(folder, '..'), { recursive: true }));

test('made once, and the same ever after', async () => {
  const made = await keyIn(folder);
  expect(made.publicKey).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  expect(await keyIn(folder)).toEqual(made);
  expect(await readFile(file(), 'utf8')).not.toContain(made.publicKey);
});

test('only its owner may read it, and nothing else is left', async () => {
  await keyIn(folder);
  expect(((await stat(file())).mode & 0o777).toString(8)).toBe('600');
  expect(((await stat(folder)).mode & 0o777).toString(8)).toBe('700');
  expect(await readdir(folder)).toEqual(['wireguard.key']);
});

test('two that start at once have the same', async () => {
  const keys = await Promise.all(Array.from({ length: 8 }, () => keyIn(folder)));
  expect(new Set(keys.map(({ publicKey }) => publicKey)).size).toBe(1);
});

test('the public key is the one that `wg pubkey` makes of it', async () => {
  await mkdir(folder);
  await writeFile(file(), 'OGb+frhmdOM8AxQPveX7VgD7ffNZH0YAmxG88f9d7m4=', { mode: 0o600 });
  expect((await keyIn(folder)).publicKey).toBe('Fg0BFiC/mRPGoFNE52hyIM85FXS7ahPHrt/kGCiNvXg=');
});

describe('what is wrong with it is said, and not what is in it', () => {
  const SECRET = Buffer.alloc(32, 7).toString('base64');

  test.each([
    {
      row: 'others may read it',
      text: SECRET,
      mode: 0o640,
      says: 'has mode 640, so others may have read it',
    },
    { row: 'garbage', text: 'not a key at all', mode: 0o600, says: 'does not hold 32 octets as base64' },
    {
      row: 'too short',
      text: Buffer.alloc(31).toString('base64'),
      mode: 0o600,
      says: 'does not hold 32 octets',
    },
    { row: 'empty', text: '', mode: 0o600, says: 'does not hold 32 octets' },
  ])('$row', async ({ text, mode, says }) => {
    await mkdir(folder);
    await writeFile(file(), text);
    await chmod(file(), mode);
    const failure = await keyIn(folder).catch(error => error);
    expect(failure).toMatchObject({ code: 'KEY_UNUSABLE' });
    expect(failure.message).toContain(file());
    expect(failure.message).toContain(says);
    if (text.length > 10) expect(failure.message).not.toContain(text);
  });

  test('a link to elsewhere, a folder, a place that cannot be', async () => {
    await mkdir(folder);
    await symlink('/etc/passwd', file());
    await expect(keyIn(folder)).rejects.toThrow('is no plain file');
    await rm(file());
    await mkdir(file());
    await expect(keyIn(folder)).rejects.toThrow('is no plain file');
    await expect(keyIn(join(folder, 'missing', 'state'))).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
  });
});

test('the next key becomes the present one, and is both until it is dropped', async () => {
  const before = await keyIn(folder);
  expect(await nextKeyIn(folder)).toBeUndefined();
  const next = await makeNextKey(folder);
  expect(await keyIn(folder)).toEqual(before);
  expect((await takeNextKey(folder)).publicKey).toBe(next.publicKey);
  expect((await takeNextKey(folder)).publicKey).toBe(next.publicKey);
  expect((await nextKeyIn(folder))?.publicKey).toBe(next.publicKey);
  await dropNextKey(folder);
  await dropNextKey(folder);
  expect(await nextKeyIn(folder)).toBeUndefined();
  expect((await keyIn(folder)).publicKey).toBe(next.publicKey);
  expect(((await stat(file())).mode & 0o777).toString(8)).toBe('600');
  expect(await readdir(folder)).toEqual(['wireguard.key']);
});

test('asked for again before the change is over: no other key', async () => {
  await keyIn(folder);
  const next = await makeNextKey(folder);
  expect(await makeNextKey(folder)).toEqual(next);
  await takeNextKey(folder);
  const failure = await makeNextKey(folder).catch(error => error);
  expect(failure).toMatchObject({ code: 'KEY_UNUSABLE' });
  expect(failure.message).toContain(`the change to ${next.publicKey} is not over yet`);
  expect((await readdir(folder)).sort()).toEqual(['wireguard.key', 'wireguard.next.key']);
  await dropNextKey(folder);
  expect((await makeNextKey(folder)).publicKey).not.toBe(next.publicKey);
});

test('of a public key the file is known that has the private one', async () => {
  const fileOf = keyFilesIn(folder);
  const { publicKey } = await keyIn(folder);
  const next = await makeNextKey(folder);
  expect(await fileOf(publicKey)).toBe(file());
  expect(await fileOf(next.publicKey)).toBe(next.file);
  await takeNextKey(folder);
  expect(await fileOf(publicKey)).toBeUndefined();
  expect(await fileOf(next.publicKey)).toBe(file());
});
