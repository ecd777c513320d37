import { describe, expect, test } from 'vitest';
import { filesIn, packagesWith, resolved } from './import-graph.ts';
import { importsOf } from './source-text.ts';

const clientNode = '@kubernetes/client-node';
const sources = filesIn('src');
const main = 'src/main.js';
/** What a process loads before it knows which command it is. */
const always = importsOf(sources.find(({ path }) => path === main)?.text ?? '').flatMap(
  one => resolved(main, one) ?? [],
);

describe('what is in the memory of every pod from its start on', () => {
  test.each([
    ...always.map(start => ({ start, without: [clientNode, 'yaml'] })),
    { start: 'src/apps/agent.ts', without: [clientNode, 'yaml'] },
    { start: 'src/apps/dns.ts', without: [clientNode, 'yaml'] },
    // What it loads when it is told that it is in a cluster.
    { start: 'src/source/kubernetes/kubernetes.ts', without: [clientNode, 'yaml'] },
    { start: 'src/kube/credentials.ts', without: [clientNode, 'yaml'] },
    // Kubeconfigs of other clusters are YAML.
    { start: 'src/apps/controller.ts', without: [clientNode] },
  ])('$start comes without $without', ({ start, without }) => {
    const loaded = packagesWith(start, sources);
    expect(without.flatMap(name => loaded.get(name) ?? [])).toEqual([]);
  });

  test('a start is seen through to the packages', () => {
    expect(always).toContain('src/cli/index.ts');
    expect(packagesWith('src/apps/controller.ts', sources).get('yaml')).toMatch(
      /^src\/apps\/controller\.ts -> .* -> src\/kube\/remote-kubeconfig\.ts -> yaml$/,
    );
  });
});

test.each([
  { row: 'a package', text: "import { parse } from 'yaml';", loaded: true },
  { row: 'a part of one', text: "export * from 'yaml/util';", loaded: true },
  { row: 'one for its effects', text: "import 'yaml';", loaded: true },
  { row: 'its types', text: "import type { Document } from 'yaml';", loaded: false },
  { row: 'types among values', text: "import { type Document } from 'yaml';", loaded: true },
  { row: 'when somebody asks', text: "const { parse } = await import('yaml');", loaded: false },
  { row: 'by another file', text: "import '../base/name.ts';", loaded: true },
  { row: 'in a thread', text: "new Worker(new URL('../base/name.ts', import.meta.url));", loaded: false },
])('$row: $text', ({ text, loaded }) => {
  const files = [
    { path: 'src/apps/dns.ts', text: `import { run } from './run.ts';\n` },
    { path: 'src/apps/run.ts', text: `${text}\n` },
    { path: 'src/base/name.ts', text: "import { parse } from 'yaml';\nimport '../apps/dns.ts';\n" },
  ];
  expect(packagesWith('src/apps/dns.ts', files).has('yaml')).toBe(loaded);
});
