import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isInstalled, run } from './process.ts';

const toolFolder = join(import.meta.dirname, '../tools/coredns');

/**
 * Where the CoreDNS that go.mod pins lies once it is built: outside the tree, so that a fresh clone finds the one of the
 * last; under a hash of the pins, so that two branches with different pins don't take each other's.
 */
export function coreDnsPath(): string {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(toolFolder, file)));
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'causeway/tools', `coredns-${hash.digest('hex').slice(0, 16)}`);
}

/**
 * Builds the pinned CoreDNS unless it is there. Each run builds into a file of its own and renames it when it is whole:
 * a run that is killed leaves nothing that looks built, and of two at once the later one replaces equal by equal.
 */
export async function ensureCoreDns(): Promise<void> {
  const path = coreDnsPath();
  if (existsSync(path)) return;
  if (!isInstalled('go')) throw new Error('npm run e2e needs Go to build CoreDNS: https://go.dev/dl');
  console.log(`building CoreDNS into ${path}: some minutes, and only this once`);
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  try {
    await run('go', ['build', '-o', unfinished, 'github.com/coredns/coredns'], { cwd: toolFolder });
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}
