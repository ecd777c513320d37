import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from './kit/leftovers.ts';

const run = promisify(execFile);
const main = join(import.meta.dirname, '../../src/main.js');
let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder('completion');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout } = await run(process.execPath, [main, 'completion', shell]);
    await writeFile(join(folder.path, shell), stdout);
  }
  await writeFile(join(folder.path, 'kubectl'), '#!/bin/sh\nprintf "east\\nadmin@west:1\\n"\n', {
    mode: 0o755,
  });
});
afterAll(() => folder.remove());

/** What a shell suggests for the last of these words. */
type Suggest = (words: readonly string[]) => Promise<string[]>;

async function output(shell: string, args: readonly string[]): Promise<string[]> {
  const env = { ...process.env, PATH: `${folder.path}:${process.env['PATH']}`, HOME: folder.path };
  const { stdout } = await run(shell, [...args], { env, cwd: folder.path });
  return stdout.split('\n').filter(line => line !== '');
}

const asBash: Suggest = words => {
  const script = `source ./bash; COMP_WORDS=(causeway "$@"); COMP_CWORD=$#; _causeway; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return output('bash', ['-c', script, 'bash', ...words.flatMap(splitAtEquals)]);
};

/** As bash does it, with `=` in COMP_WORDBREAKS. */
function splitAtEquals(word: string): string[] {
  return word.split(/(=)/).filter((part, index, parts) => part !== '' || parts.length === 1 || index < 2);
}

const asZsh: Suggest = async words => {
  // What zsh would show is what the script gives to `_describe`; zsh itself picks those that begin as the word does.
  const script = `_describe() { print -rl -- "\${(@P)2}" }; _files() { print -rl -- * }
    source ./zsh; words=(causeway "$@"); CURRENT=$#words; _causeway`;
  const all = await output('zsh', ['-fc', script, 'zsh', ...words]);
  return all
    .map(line => line.replaceAll('\\:', '\u0000').split(':')[0]?.replaceAll('\u0000', ':') ?? '')
    .filter(word => word.startsWith(words.at(-1) ?? ''));
};

const asFish: Suggest = async words => {
  const line = ['causeway', ...words].join(' ');
  const all = await output('fish', ['--no-config', '-c', `source ./fish; complete -C '${line}'`]);
  return all.map(line => line.split('\t')[0] ?? '');
};

describe.each([
  { shell: 'bash', suggest: asBash },
  { shell: 'zsh', suggest: asZsh },
  { shell: 'fish', suggest: asFish },
])('$shell', ({ suggest }) => {
  test.each([
    { typed: ['comp'], suggested: ['completion'] },
    { typed: ['get', 'cl'], suggested: ['clusters'] },
    { typed: ['get', 'clusters', '--out'], suggested: ['--output'] },
    { typed: ['get', 'clusters', '-o', ''], suggested: ['table', 'json', 'yaml'] },
    { typed: ['get', 'clusters', '--output', 'j'], suggested: ['json'] },
    { typed: ['get', 'clusters', '--verbose', '--outp'], suggested: ['--output'] },
    { typed: ['get', 'clusters', '--context', ''], suggested: ['admin@west:1', 'east'] },
    { typed: ['completion', 'z'], suggested: ['zsh'] },
    { typed: ['controller', '--kubeconfig', 'zs'], suggested: ['zsh'] },
    { typed: ['nonsense', ''], suggested: [] },
  ])('causeway $typed', async ({ typed, suggested }) => {
    expect((await suggest(typed)).sort()).toEqual([...suggested].sort());
  });
});

test('bash takes --output=j for three words, and still knows', async () => {
  expect(await asBash(['get', 'clusters', '--output=j'])).toEqual(['json']);
});
