import { posix } from 'node:path';
import { packageOf, resolved, type SourceFile } from './import-graph.ts';
import { codeOf, type Import, importsOf } from './source-text.ts';

interface Folder {
  /** No I/O, clock, randomness, environment or log: such things come in as arguments. */
  readonly pure: boolean;
  /** Other folders of src that its files may import. */
  readonly imports: readonly string[];
  /** npm packages that its files may import. */
  readonly packages: readonly string[];
}

const cores = [
  'base',
  'objects',
  'wire',
  'mesh',
  'records',
  'answer',
  'desired',
  'corefile',
  'routes',
  'paths',
];
const shells = ['ops', 'kube', 'kernel', 'source', 'serve', 'controller', 'agent', 'probe', 'bgp'];
const views = ['terminal', 'views', 'completion', 'health', 'diagnose', 'connect', 'manifests', 'lookup'];

/** Who may import whom. Dependencies point inwards: what decides never knows what reads, serves or logs. */
export const folders: Readonly<Record<string, Folder>> = {
  base: { pure: true, imports: [], packages: ['ipaddr.js'] },
  objects: { pure: true, imports: ['base'], packages: ['valibot'] },
  wire: { pure: true, imports: ['base'], packages: [] },
  mesh: { pure: true, imports: ['base', 'objects'], packages: [] },
  records: { pure: true, imports: ['base', 'objects', 'wire', 'mesh'], packages: [] },
  answer: { pure: true, imports: ['base', 'objects', 'wire', 'mesh', 'records'], packages: ['lru-cache'] },
  desired: { pure: true, imports: ['base', 'objects', 'mesh'], packages: [] },
  corefile: { pure: true, imports: ['base'], packages: [] },
  routes: { pure: true, imports: ['base', 'objects'], packages: [] },
  paths: { pure: true, imports: ['base', 'objects', 'routes'], packages: [] },
  ops: { pure: false, imports: ['base'], packages: ['koffi', 'pino', 'pino-pretty', 'prom-client'] },
  kube: { pure: false, imports: ['base', 'objects', 'ops'], packages: ['@kubernetes/client-node', 'yaml'] },
  kernel: { pure: false, imports: ['base', 'routes', 'ops'], packages: [] },
  bgp: { pure: false, imports: ['base', 'routes', 'kernel'], packages: [] },
  probe: { pure: false, imports: ['base', 'objects', 'paths'], packages: ['lru-cache'] },
  source: { pure: false, imports: ['base', 'objects', 'mesh', 'ops', 'kube'], packages: ['yaml'] },
  controller: {
    pure: false,
    imports: ['base', 'objects', 'mesh', 'desired', 'routes', 'ops', 'kube'],
    packages: [],
  },
  agent: {
    pure: false,
    imports: ['base', 'objects', 'routes', 'paths', 'ops', 'kube', 'kernel', 'probe', 'bgp'],
    packages: [],
  },
  serve: { pure: false, imports: ['base', 'wire', 'answer', 'ops'], packages: [] },
  apps: { pure: false, imports: [...cores, ...shells], packages: [] },
  manifests: { pure: true, imports: ['base', 'objects'], packages: ['valibot', 'yaml'] },
  terminal: { pure: true, imports: ['base'], packages: ['yaml'] },
  completion: { pure: true, imports: [], packages: [] },
  views: { pure: true, imports: ['base', 'terminal'], packages: ['valibot'] },
  health: { pure: true, imports: ['base', 'objects', 'corefile', 'views'], packages: ['valibot'] },
  diagnose: {
    pure: true,
    imports: ['base', 'objects', 'corefile', 'views', 'health'],
    packages: ['valibot'],
  },
  lookup: { pure: true, imports: ['base', 'objects', 'wire', 'views'], packages: ['dns-packet'] },
  connect: { pure: true, imports: ['base', 'objects', 'desired', 'views'], packages: [] },
  operate: { pure: false, imports: [...cores, ...views, 'kube', 'ops'], packages: [] },
  cli: {
    pure: false,
    imports: [...cores, ...views, 'ops', 'kube', 'apps', 'operate'],
    packages: ['commander', 'valibot'],
  },
};

/** Where the process starts; whatever cannot be reached from it is dead. */
const entry = 'src/main.js';

/**
 * The files of src that stand in no folder, and those of JavaScript, as they turn on the cache of stripped types; with
 * the folders that they import. A thread's start imports the module that it is told: who starts the thread names that.
 */
const starts: Readonly<Record<string, readonly string[]>> = { [entry]: ['cli'], 'src/thread.js': [] };

/**
 * Files that nothing uses yet: whole in themselves, and ahead of the command that will. A line here goes with the first
 * import.
 */
const ahead: readonly string[] = [];

/** What src may import from outside src: its own name and version. */
const outside = ['package.json'];

const maxLines = 300;
/** Code is the formatter's to wrap. */
const maxComment = 120;

/** What makes a function's result depend on more than its arguments, or act on the world. */
const impure: readonly { readonly what: string; readonly found: RegExp }[] = [
  { what: 'process', found: /(?<![.\w])process[.[]/ },
  {
    what: 'the clock',
    found: /\bDate\.now\b|\bnew Date(?:\(\)|(?![\w(]))|(?<![.\w])(?:performance|Temporal)\./,
  },
  { what: 'Math.random', found: /\bMath\.random\b/ },
  { what: 'crypto', found: /(?<![.\w])crypto\./ },
  { what: 'console', found: /(?<![.\w])console[.[]/ },
  { what: 'a timer', found: /(?<![.\w])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\(/ },
  { what: 'the network', found: /(?<![.\w])fetch\(/ },
];

/** Every breach of the rules, each as one line that says the file, what was found in it, and the rule. */
export function breaches(files: readonly SourceFile[], early: readonly string[] = ahead): string[] {
  const sources = files.filter(({ path }) => path.startsWith('src/'));
  return [
    ...sources.flatMap(file => [...importBreaches(file), ...purityBreaches(file)]),
    ...graphBreaches(sources, early),
    ...files.flatMap(file => shapeBreaches(file)),
    ...mirrorBreaches(files),
  ];
}

function folderOf(path: string): string {
  return starts[path] === undefined ? (path.split('/')[1] ?? '') : path;
}

function importBreaches({ path, text }: SourceFile): string[] {
  const name = folderOf(path);
  const start = starts[path];
  const folder = start === undefined ? folders[name] : { pure: false, imports: start, packages: [] };
  if (folder === undefined)
    return [`${path}: src/${name} is not in the table of folders (test/house/architecture.ts)`];
  return importsOf(text).flatMap(one => {
    const breach = importBreach(path, name, folder, one);
    return breach === undefined ? [] : [`${path}: imports ${one.target}; ${breach}`];
  });
}

function importBreach(path: string, name: string, folder: Folder, one: Import): string | undefined {
  const file = resolved(path, one);
  if (file !== undefined) {
    if (outside.includes(file)) return undefined;
    if (!file.startsWith('src/')) return 'src imports nothing outside src';
    const other = folderOf(file);
    if (other === name || folder.imports.includes(other)) return undefined;
    return `${name} may import ${folder.imports.join(', ') || 'no other folder'}`;
  }
  if (one.target.startsWith('node:')) {
    if (!folder.pure || (one.typeOnly && one.target === 'node:buffer')) return undefined;
    return `${name} is pure: of Node it may import only types of node:buffer`;
  }
  if (folder.packages.includes(packageOf(one))) return undefined;
  return `${name} may import ${folder.packages.join(', ') || 'no package'}`;
}

function purityBreaches({ path, text }: SourceFile): string[] {
  const name = folderOf(path);
  if (folders[name]?.pure !== true) return [];
  const code = codeOf(text);
  return impure
    .filter(({ found }) => found.test(code))
    .map(({ what }) => `${path}: uses ${what}; ${name} is pure: it comes in as an argument`);
}

/** Cycles, imports of files that are not there, and files that nothing leads to. */
function graphBreaches(sources: readonly SourceFile[], early: readonly string[]): string[] {
  const graph = new Map(
    sources.map(file => [file.path, importsOf(file.text).flatMap(one => resolved(file.path, one) ?? [])]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) {
      found.push(
        `${[...trail.slice(start), path].join(' -> ')}: a cycle; files import each other in one direction only`,
      );
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const start of Object.keys(starts)) visit(start, []);
  const used = early.filter(path => done.has(path));
  for (const path of early) visit(path, []);
  const dead = [...graph.keys()].filter(path => !done.has(path));
  for (const path of dead) visit(path, []);
  return [
    ...found,
    ...used.map(path => `${path}: is in use; take it out of "ahead" (test/house/architecture.ts)`),
    ...dead.map(path => `${path}: nothing on the way from ${entry} imports it; use it or remove it`),
  ];
}

function shapeBreaches({ path, text }: SourceFile): string[] {
  const name = posix.basename(path);
  const lines = text.split('\n').length - 1;
  const found: string[] = [];
  if (starts[path] === undefined && !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|e2e|config))?\.ts$/.test(name)) {
    found.push(`${path}: file names are kebab-case`);
  }
  for (const [index, line] of text.split('\n').entries()) {
    if (line.length > maxComment && /^\s*(?:\/\*\*|\*|\/\/) /.test(line)) {
      found.push(`${path}:${index + 1}: a comment is wrapped at ${maxComment} columns`);
    }
  }
  if (lines > maxLines)
    found.push(`${path}: has ${lines} lines; ${maxLines} is the most, split it by what it does`);
  return found;
}

/** Tests of the whole (house, e2e) and what tests share (kit) have no folder of code to stand beside. */
const ownTree = ['house', 'e2e', 'kit'];

/**
 * A folder's tests lie where the folder lies: those of `src/wire/rdata` in `test/wire/rdata`, of `bench/dns` in
 * `test/bench/dns`.
 */
function mirrorBreaches(files: readonly SourceFile[]): string[] {
  const codeFolders = new Set(files.map(({ path }) => posix.dirname(path)));
  return files
    .filter(({ path }) => path.startsWith('test/') && path.endsWith('.test.ts'))
    .filter(({ path }) => !ownTree.includes(path.split('/')[1] ?? ''))
    .map(({ path }) => ({
      path,
      beside: posix.dirname(path.replace(/^test\/(bench\/)?/, (_, bench) => bench ?? 'src/')),
    }))
    .filter(({ beside }) => !codeFolders.has(beside))
    .map(({ path, beside }) => `${path}: there is no ${beside}; tests lie where the code they test lies`);
}
