import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { temporaryFolder } from '../kit/leftovers.ts';
import { isInstalled } from '../kit/process.ts';
import { Bed } from './bed.ts';
import type {} from './shared.ts';

/**
 * Starts the bed that all suites of the project share, once before the first of them; three clusters take about 10 s.
 * Where CAUSEWAY_BED names the folder of one that stays (`npm run e2e:up` says which), that one is used and kept.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  if (!isInstalled('ip')) throw new Error('npm run e2e needs ip: install the Debian package iproute2');
  const standing = process.env['CAUSEWAY_BED'];
  if (standing !== undefined) {
    if (!Bed.isAt(standing))
      throw new Error(`CAUSEWAY_BED: no bed at ${standing}; start one: npm run e2e:up`);
    project.provide('bed', standing);
    return async () => {};
  }
  const parent = await temporaryFolder('bed');
  const folder = join(parent.path, 'clusters');
  const undone = Bed.endWithProcess(folder);
  const started = Date.now();
  const bed = await Bed.create(folder, 3);
  await bed.restore();
  console.log(`three clusters up in ${((Date.now() - started) / 1_000).toFixed(1)} s`);
  project.provide('bed', folder);
  return async () => {
    await bed.remove();
    undone();
    await parent.remove();
  };
}
