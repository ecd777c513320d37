import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cookieSecret } from '../../src/apps/cookie-secret.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function secretOf(content: string | Uint8Array): Promise<string> {
  const path = join(folder, 'secret');
  await writeFile(path, content);
  return Buffer.from(await cookieSecret(path)).toString('hex');
}

const HEX = 'e5e973e5a6b2a43f48e7dc849e37bfcf';

test.each([
  ['32 hexadecimal digits', HEX],
  ['the same in capitals and with a line end', `${HEX.toUpperCase()}\n`],
  ['16 octets', Buffer.from(HEX, 'hex')],
])('%s', async (_name, content) => {
  expect(await secretOf(content)).toBe(HEX);
});

test.each([
  ['nothing', ''],
  ['31 digits', HEX.slice(1)],
  ['64 digits', HEX + HEX],
  ['no digits', 'z'.repeat(32)],
  ['far too much', Buffer.alloc(100_000, 0x61)],
])('%s is refused without being shown', async (_name, content) => {
  const refusal = expect(secretOf(content)).rejects;
  await refusal.toThrow(
    /cannot use the cookie secret in .*secret: found \d+ octets, must be 16 octets or 32 hex/,
  );
  await expect(secretOf(content)).rejects.not.toThrow(/zzz|aaa|e5e9/);
});

test('a file that is not there is refused by its name', async () => {
  await expect(cookieSecret(join(folder, 'missing'))).rejects.toThrow(
    /cannot read the cookie secret: .*missing/,
  );
});

test('without a file each process has its own', async () => {
  const [one, other] = await Promise.all([cookieSecret(undefined), cookieSecret(undefined)]);
  expect(one).toHaveLength(16);
  expect(one).not.toEqual(other);
});
