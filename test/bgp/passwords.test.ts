import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPasswords } from '../../src/bgp/passwords.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-passwords-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string): Promise<string | undefined> {
  const path = join(folder, 'password');
  await writeFile(path, text);
  return (await readPasswords(new Map([['172.31.1.254', path]]))).get('172.31.1.254');
}

test.each([
  ['a secret', 'a secret'],
  ['with an end\n', 'with an end'],
  ['with another\r\n', 'with another'],
  ['#;{}[]\\', '#;{}[]\\'],
])('%j is %j', async (text, password) => {
  expect(await read(text)).toBe(password);
});

test.each(['', '\n', 'two\nlines', 'a "quote"', 'gr\u00fc\u00df', 'x'.repeat(81)])(
  '%j is none, and the refusal does not tell it',
  async text => {
    const refusal = await read(text).catch(error => error);
    expect(refusal).toMatchObject({ code: 'SECRET_UNREADABLE' });
    expect(refusal.message).toMatch(
      /^reading the password of BGP neighbor 172\.31\.1\.254 from .*: what is in it must be/,
    );
    if (text.trim() !== '') expect(refusal.message).not.toContain(text);
  },
);

test('a file that is not there is named', async () => {
  await expect(readPasswords(new Map([['fd00::1', join(folder, 'absent')]]))).rejects.toThrow(
    /fd00::1 from .*absent: ENOENT/,
  );
});
