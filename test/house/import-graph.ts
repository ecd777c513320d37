import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type Import, importsOf } from './source-text.ts';

export interface SourceFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

const root = join(import.meta.dirname, '../..');

/** The files in a folder of this repository. */
export function filesIn(folder: string, recursive = true): SourceFile[] {
  return (
    readdirSync(join(root, folder), { recursive, withFileTypes: true })
      // In a linked work tree `.git` is a file, git's own.
      .filter(entry => entry.isFile() && entry.name !== '.git')
      .map(entry => join(entry.parentPath, entry.name))
      .map(path => ({ path: path.slice(root.length + 1), text: readFileSync(path, 'utf8') }))
  );
}

/** The file an import points to, or undefined for a package. */
export function resolved(from: string, { target }: Import): string | undefined {
  return target.startsWith('.') ? posix.join(posix.dirname(from), target) : undefined;
}

/** `@kubernetes/client-node` of `@kubernetes/client-node/dist/config.js`. */
export function packageOf({ target }: Import): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}

/**
 * The packages that are loaded with a file, by itself or by what it imports, each with the way that leads to it:
 * `src/apps/agent.ts -> src/base/ip.ts -> ipaddr.js`.
 */
export function packagesWith(start: string, files: readonly SourceFile[]): Map<string, string> {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const found = new Map<string, string>();
  const ways = new Map([[start, start]]);
  // A map goes on with what is put into it meanwhile.
  for (const [path, way] of ways) {
    const text = texts.get(path);
    if (text === undefined) throw new Error(`${way}: is not there`);
    for (const one of importsOf(text)) {
      if (one.typeOnly || one.late || one.target.startsWith('node:')) continue;
      const file = resolved(path, one);
      const name = file ?? packageOf(one);
      const seen = file === undefined ? found : ways;
      if (!seen.has(name) && !name.endsWith('.json')) seen.set(name, `${way} -> ${name}`);
    }
  }
  return found;
}
