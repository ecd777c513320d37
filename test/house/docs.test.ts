import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { corefileFindingsTable, generatedPages, pageOnDisk } from '../kit/docs.ts';

const root = join(import.meta.dirname, '../..');

test.each(generatedPages())('docs/$name is what `npm run docs` makes', async page => {
  expect(await pageOnDisk(page)).toBe(page.text);
});

test('docs/coredns.md has every finding about a Corefile', () => {
  expect(readFileSync(join(root, 'docs/coredns.md'), 'utf8')).toContain(`\n${corefileFindingsTable()}\n\n`);
});

test('docs/commands holds the pages of commands, and no others', () => {
  const made = generatedPages().map(({ name }) => name);
  const found = globSync('commands/*', { cwd: join(root, 'docs') });
  expect(found.filter(name => !made.includes(name))).toEqual([]);
});

test.each(globSync('{*.md,{bench,corefile,deploy,docs}/**/*.md}', { cwd: root }))(
  'every link within the project in %s leads somewhere',
  page => {
    const links = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)/g)];
    const dead = links
      .map(([, target = '']) => target)
      .filter(to => !existsSync(join(root, dirname(page), to)));
    expect(dead).toEqual([]);
  },
);
