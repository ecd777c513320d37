import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { toolPath } from '../../kit/go-tools.ts';

const repository = join(import.meta.dirname, '../../../..');

/** What stands for an image: files of this machine that are put into the pod's, and what runs first. */
export interface Image {
  /** Source and target. */
  readonly binds: readonly (readonly [string, string])[];
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const node = '/usr/local/bin/node';
const compileCache = '/var/cache/node';

/**
 * A program of this repository on the Node that runs it. Users of containers cannot write into the tree; without what
 * an earlier start has compiled, the eight of two clusters would take all processors for half a minute.
 */
function ofRepository(program: string): Image {
  const kept = join(repository, '.cache/pods');
  mkdirSync(kept, { recursive: true });
  chmodSync(kept, 0o1777);
  return {
    binds: [
      [process.execPath, node],
      [repository, '/app'],
      [kept, compileCache],
    ],
    entrypoint: [node, join('/app', program)],
    environment: { NODE_COMPILE_CACHE: compileCache },
  };
}

/** By the beginning of the name. */
const images: Readonly<Record<string, () => Image>> = {
  causeway: () => ofRepository('src/main.js'),
  coredns: () => ({ binds: [[toolPath('coredns'), '/coredns']], entrypoint: ['/coredns'], environment: {} }),
  echo: () => ofRepository('test/e2e/bed/node/echo.ts'),
};

/** @param reference as a container has it, whatever its registry and tag; undefined where the tests play the pod */
export function imageOf(reference: string): Image | undefined {
  const name = reference.split('/').at(-1) ?? '';
  const known = Object.keys(images).find(prefix => name.startsWith(prefix));
  return known === undefined ? undefined : images[known]?.();
}
