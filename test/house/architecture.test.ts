import { describe, expect, test } from 'vitest';
import { breaches } from './architecture.ts';
import { filesIn, type SourceFile } from './import-graph.ts';
import { machineTies } from './neutral-text.ts';

const isCode = ({ path }: SourceFile): boolean => /\.[jt]s$/.test(path);

describe('this repository', () => {
  const code = ['src', 'test', 'bench'].flatMap(folder => filesIn(folder));

  test('keeps the rules on imports, purity, size and place', () => {
    expect(breaches(code.filter(isCode))).toEqual([]);
  });

  test('names no machine and no registry', () => {
    // The rules' own examples are in test/house.
    const rest = ['.ci', 'corefile', 'deploy', 'docs'].flatMap(folder => filesIn(folder));
    // Of a second work tree of a clone, .git is a file that names the first.
    const files = [...filesIn('.', false), ...rest, ...code].filter(
      ({ path }) => path !== '.git' && !path.startsWith('test/house/'),
    );
    expect(machineTies(files)).toEqual([]);
  });
});

/** A tree without a breach; each row below adds what is wrong. */
const sound = {
  'src/main.js': "import { run } from './cli/index.ts';\nrun();\n",
  'src/cli/index.ts':
    "import { dns } from '../apps/dns.ts';\nimport { version } from '../../package.json';\n",
  'src/apps/dns.ts':
    "import { listen } from '../serve/udp.ts';\nimport type { Query } from '../wire/query.ts';\n",
  'src/serve/udp.ts':
    "import { createSocket } from 'node:dgram';\nnew Worker(new URL('./worker.ts', import.meta.url));\nimport { Query } from '../wire/query.ts';\n",
  'src/wire/query.ts':
    "import type { Buffer } from 'node:buffer';\nimport { fold } from '../base/name.ts';\n",
  'src/base/name.ts':
    "// process.exit, 'console.log' and /Math.random/ in comments\nconst text = 'Date.now()';\n",
  'test/wire/query.test.ts': '',
  'test/house/anything.test.ts': '',
};

function tree(changes: Readonly<Record<string, string>>): SourceFile[] {
  return Object.entries({ ...sound, ...changes }).map(([path, text]) => ({ path, text }));
}

test('a sound tree has no breach', () => {
  expect(breaches(tree({}))).toEqual([]);
});

const query = sound['src/wire/query.ts'];

describe('a breach says the file, what it does and the rule', () => {
  test.each([
    {
      rule: 'core imports shell',
      changes: { 'src/wire/query.ts': `${query}import '../serve/udp.ts';\n` },
      message: 'src/wire/query.ts: imports ../serve/udp.ts; wire may import base',
    },
    {
      rule: 'a type counts as well',
      changes: { 'src/base/name.ts': "import type {\n  Query,\n} from '../wire/query.ts';\n" },
      message: 'src/base/name.ts: imports ../wire/query.ts; base may import no other folder',
    },
    {
      rule: 'a re-export counts as well',
      changes: { 'src/base/name.ts': "export * from '../wire/query.ts';\n" },
      message: 'src/base/name.ts: imports ../wire/query.ts; base may import no other folder',
    },
    {
      rule: 'a dynamic import counts as well',
      changes: { 'src/base/name.ts': "const late = await import('../wire/query.ts');\n" },
      message: 'src/base/name.ts: imports ../wire/query.ts; base may import no other folder',
    },
    {
      rule: 'src imports a test',
      changes: { 'src/apps/dns.ts': `${sound['src/apps/dns.ts']}import '../../test/kit/a.ts';\n` },
      message: 'src/apps/dns.ts: imports ../../test/kit/a.ts; src imports nothing outside src',
    },
    {
      rule: 'core imports Node',
      changes: { 'src/wire/query.ts': `${query}import { readFile } from 'node:fs';\n` },
      message:
        'src/wire/query.ts: imports node:fs; wire is pure: of Node it may import only types of node:buffer',
    },
    {
      rule: 'core imports a value of node:buffer',
      changes: { 'src/wire/query.ts': `${query}import { Buffer } from 'node:buffer';\n` },
      message:
        'src/wire/query.ts: imports node:buffer; wire is pure: of Node it may import only types of node:buffer',
    },
    {
      rule: 'package in the wrong folder',
      changes: { 'src/wire/query.ts': `${query}import { z } from 'valibot';\n` },
      message: 'src/wire/query.ts: imports valibot; wire may import no package',
    },
    {
      rule: 'unknown folder',
      changes: { 'src/main.js': `${sound['src/main.js']}import './misc/a.ts';\n`, 'src/misc/a.ts': '' },
      message: 'src/misc/a.ts: src/misc is not in the table of folders (test/house/architecture.ts)',
    },
    {
      rule: 'cycle',
      changes: {
        'src/base/name.ts': "import './ip.ts';\n",
        'src/base/ip.ts': "import type { Name } from './name.ts';\n",
      },
      message:
        'src/base/name.ts -> src/base/ip.ts -> src/base/name.ts: a cycle; files import each other in one direction only',
    },
    {
      rule: 'dead module',
      changes: { 'src/base/ip.ts': '' },
      message: 'src/base/ip.ts: nothing on the way from src/main.js imports it; use it or remove it',
    },
    {
      rule: 'long file',
      changes: { 'src/base/name.ts': '\n'.repeat(301) },
      message: 'src/base/name.ts: has 301 lines; 300 is the most, split it by what it does',
    },
    {
      rule: 'file name',
      changes: { 'test/kit/myKit.ts': '' },
      message: 'test/kit/myKit.ts: file names are kebab-case',
    },
    {
      rule: 'tests of nothing',
      changes: { 'test/wires/query.test.ts': '' },
      message: 'test/wires/query.test.ts: there is no src/wires; tests lie where the code they test lies',
    },
  ])('$rule', ({ changes, message }) => {
    expect(breaches(tree(changes))).toContain(message);
  });

  test('a file that is ahead of its use', () => {
    const files = tree({ 'src/base/ip.ts': '', 'src/corefile/read.ts': '' });
    expect(breaches(files, ['src/corefile/read.ts'])).toEqual([
      'src/base/ip.ts: nothing on the way from src/main.js imports it; use it or remove it',
    ]);
    const used = tree({ 'src/cli/index.ts': "import '../corefile/read.ts';\n", 'src/corefile/read.ts': '' });
    expect(breaches(used, ['src/corefile/read.ts'])).toContain(
      'src/corefile/read.ts: is in use; take it out of "ahead" (test/house/architecture.ts)',
    );
  });

  test.each([
    { code: 'const home = process.env;', what: 'process' },
    { code: 'const now = Date.now();', what: 'the clock' },
    { code: 'const now = new Date();', what: 'the clock' },
    { code: 'const start = performance.now();', what: 'the clock' },
    { code: 'const share = Math.random();', what: 'Math.random' },
    { code: 'const id = crypto.randomUUID();', what: 'crypto' },
    { code: 'const quote = /\'/; console.log(`"`);', what: 'console' },
    { code: ['const text = `at $', '{Date.now()}`;'].join(''), what: 'the clock' },
    { code: 'setTimeout(() => {}, 1);', what: 'a timer' },
    { code: 'await fetch(url);', what: 'the network' },
  ])('a core with $code', ({ code, what }) => {
    const expected = `src/base/name.ts: uses ${what}; base is pure: it comes in as an argument`;
    expect(breaches(tree({ 'src/base/name.ts': `${code}\n` }))).toEqual([expected]);
  });

  test.each([
    { code: 'const made = new Date(text);' },
    { code: 'const share = total / process_count / 2; // process.env' },
    { code: 'const { process } = options; options.process.step();' },
  ])('but not $code', ({ code }) => {
    expect(breaches(tree({ 'src/base/name.ts': `${code}\n` }))).toEqual([]);
  });

  test.each([
    { text: 'see /home/me/notes', tie: 'a path of one machine' },
    {
      text: '"resolved": "https://mirror.example.net/zod"',
      tie: 'a package registry other than the public ones',
    },
    { text: 'registry=https://example.net', tie: 'a registry setting' },
  ])('a file with $text', ({ text, tie }) => {
    expect(machineTies([{ path: 'notes.md', text }])).toMatchObject([expect.stringContaining(tie)]);
    expect(machineTies([{ path: 'notes.md', text: 'https://registry.npmjs.org/zod src/work/a' }])).toEqual(
      [],
    );
  });
});
