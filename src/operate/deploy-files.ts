import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { DeployFiles } from '../manifests/manifest.ts';

/** Of this very package, so that what is applied fits the program that applies it. */
const FOLDER = fileURLToPath(new URL('../../deploy/', import.meta.url));

/** Reads what is applied to clusters; the samples are none of it. */
export async function deployFiles(): Promise<DeployFiles> {
  const files = new Map<string, string>();
  for await (const path of glob('{crds,base,agent,components,remote-reader}/**/*.yaml', { cwd: FOLDER })) {
    files.set(path, await readFile(`${FOLDER}${path}`, 'utf8'));
  }
  return files;
}
