import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isInstalled, run } from './process.ts';

/** A program of somebody else that the tests run for real, built from the module that pins it. */
interface GoTool {
  /** Folder of test/e2e/tools. */
  readonly module: string;
  readonly main: string;
  /** Go module whose version the program is to report, and the variables of its own that hold it. */
  readonly stamp?: { readonly module: string; readonly variables: string };
}

/** Without these, kubectl and the API server take themselves for v0.0.0. */
const kubernetesVersion = { module: 'k8s.io/kubernetes', variables: 'k8s.io/component-base/version' };

const kubernetes = (name: string): GoTool => ({
  module: 'kubernetes',
  main: `k8s.io/kubernetes/cmd/${name}`,
  stamp: kubernetesVersion,
});

const tools = {
  coredns: { module: 'coredns', main: 'github.com/coredns/coredns' },
  etcd: { module: 'etcd', main: 'go.etcd.io/etcd/server/v3' },
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-proxy': kubernetes('kube-proxy'),
  kubectl: kubernetes('kubectl'),
} satisfies Readonly<Record<string, GoTool>>;

export type ToolName = keyof typeof tools;

/** What one Kubernetes cluster needs to run, and the client to look at it. */
export const clusterTools: readonly ToolName[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kubectl',
];

/** Everything that is remembered from one checkout to the next lies below this folder, outside the tree. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'causeway');
}

/**
 * Where a tool lies once it is built: outside the tree, so that a fresh clone finds the one of the last; under a hash
 * of the pins and flags, so that two branches with different pins don't take each other's.
 */
export function toolPath(name: ToolName): string {
  const tool: GoTool = tools[name];
  const hash = createHash('sha256').update(JSON.stringify(buildArguments(tool)));
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(moduleFolder(tool), file)));
  return join(cacheFolder(), 'tools', `${name}-${hash.digest('hex').slice(0, 16)}`);
}

/**
 * Builds the pinned tools that are not there. Each run builds into a file of its own and renames it when it is whole: a
 * run that is killed leaves nothing that looks built, and of two at once the later one replaces equal by equal.
 */
export async function ensureTools(names: readonly ToolName[]): Promise<void> {
  for (const name of names) {
    if (!existsSync(toolPath(name))) await build(name);
  }
}

async function build(name: ToolName): Promise<void> {
  const path = toolPath(name);
  if (!isInstalled('go')) throw new Error(`the tests need Go to build ${name}: https://go.dev/dl`);
  console.log(`building ${name} into ${path}: some minutes, and only this once`);
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  const tool: GoTool = tools[name];
  try {
    await run('go', ['build', ...buildArguments(tool), '-o', unfinished, tool.main], {
      cwd: moduleFolder(tool),
    });
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

function moduleFolder(tool: GoTool): string {
  return join(import.meta.dirname, '../tools', tool.module);
}

function buildArguments(tool: GoTool): string[] {
  const flags = ['-s', '-w', ...(tool.stamp === undefined ? [] : versionFlags(tool, tool.stamp))];
  return ['-trimpath', `-ldflags=${flags.join(' ')}`];
}

function versionFlags(tool: GoTool, { module, variables }: NonNullable<GoTool['stamp']>): string[] {
  const pins = readFileSync(join(moduleFolder(tool), 'go.mod'), 'utf8');
  const [, version, major, minor] = pins.match(`\\s${module} (v(\\d+)\\.(\\d+)\\S*)`) ?? [];
  if (version === undefined) throw new Error(`test/e2e/tools/${tool.module}/go.mod requires no ${module}`);
  return [`gitVersion=${version}`, `gitMajor=${major}`, `gitMinor=${minor}`].map(
    value => `-X ${variables}.${value}`,
  );
}
