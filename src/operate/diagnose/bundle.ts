import { randomUUID } from 'node:crypto';
import { lstat, open, rename, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { CausewayError, messageOf } from '../../base/errors.ts';
import { scrubbedObject, scrubbedText } from '../../diagnose/scrub.ts';
import { PLAIN } from '../../terminal/style.ts';
import { type Diagnose, diagnoseTable } from '../../views/diagnose.ts';
import type { OpenedCluster } from '../cluster.ts';
import { limited } from './attempt.ts';
import type { BundledFile } from './bundled-file.ts';
import { bundledObjects } from './bundled-objects.ts';
import { bundledPods } from './bundled-pods.ts';
import { bundledSecrets } from './bundled-secrets.ts';
import { type ArchivedFile, tarOf } from './tar.ts';

const MiB = 1024 * 1024;
/** Octets before they are packed: of one file, and of all together. */
const MOST_OF_ONE = 2 * MiB;
const MOST = 64 * MiB;
/** Milliseconds for all that is collected. */
const WHOLE = 60_000;

export interface BundleOptions {
  /** That Causeway runs in. */
  readonly namespace: string;
  /** Of this program. */
  readonly version: string;
}

/**
 * Takes the name for a bundle before anything is collected. A file that is to be replaced stays until the new one is
 * whole.
 *
 * @returns gives the name back, where nothing came of it
 * @throws CausewayError SETTING_INVALID where the file must not be written, or cannot
 */
export async function claimBundle(path: string, force: boolean): Promise<() => Promise<void>> {
  try {
    const there = await lstat(path).catch(ignoreMissing);
    if (there !== undefined && !there.isFile()) {
      throw new Error(`${path} is no regular file, and nothing else is replaced; give another name`);
    }
    if (there !== undefined && !force) {
      throw new Error(`${path} is there already; give another name, or --force`);
    }
    // Of one that is there, the place beside it is tried instead.
    const name = there === undefined ? path : draftOf(path);
    await (await open(name, 'wx', 0o600)).close();
    const giveBack = () => rm(name, { force: true });
    if (there === undefined) return giveBack;
    await giveBack();
    return async () => {};
  } catch (thrown) {
    throw new CausewayError('SETTING_INVALID', `--bundle: ${messageOf(thrown)}`);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

function draftOf(path: string): string {
  return `${path}.${randomUUID()}`;
}

/**
 * Writes everything that somebody needs who helps from afar, and nothing that gives access: no Secret, and nothing that
 * looks like a credential in what others wrote.
 *
 * @param path claimed before
 * @returns how many files it holds, and of which something was left out
 * @throws CausewayError OUTPUT_UNWRITABLE
 */
export async function writeBundle(
  path: string,
  clusters: readonly OpenedCluster[],
  diagnosis: Diagnose,
  options: BundleOptions,
  signal: AbortSignal,
): Promise<{ readonly files: number; readonly cut: readonly string[] }> {
  const within = limited(signal, WHOLE);
  const found = await Promise.all(
    clusters.map((cluster, index) => filesOf(cluster, `${index + 1}`, options.namespace, within)),
  );
  signal.throwIfAborted();
  const about = { version: options.version, node: process.version, platform: process.platform, ...diagnosis };
  const { files, cut } = bounded([
    { path: 'findings.txt', text: scrubbedText(diagnoseTable(diagnosis, PLAIN)) },
    { path: 'findings.json', text: JSON.stringify(scrubbedObject(about), null, 2) },
    ...found.flat(),
  ]);
  const told = { path: 'cut.txt', content: Buffer.from(cut.map(line => `${line}\n`).join('')) };
  const packed = await promisify(gzip)(tarOf([...files, told], Date.now() / 1_000));
  await replace(path, packed);
  return { files: files.length + 1, cut };
}

/** At once or not at all: what was there before is lost only to a whole file. */
async function replace(path: string, content: Buffer): Promise<void> {
  const draft = draftOf(path);
  try {
    await writeFile(draft, content, { mode: 0o600, flag: 'wx', flush: true });
    await rename(draft, path);
  } catch (thrown) {
    // Why it could not be written says more than why nothing is to be removed.
    await rm(draft, { force: true }).catch(() => {});
    const message = `--bundle: could not write ${path}: ${messageOf(thrown)}`;
    throw new CausewayError('OUTPUT_UNWRITABLE', message, { cause: thrown });
  }
}

async function filesOf(
  { context, client, connection }: OpenedCluster,
  number: string,
  namespace: string,
  signal: AbortSignal,
): Promise<BundledFile[]> {
  // Contexts may be anything: `..`, or long and different at their ends only, as cloud providers name them.
  const folder = `${number}-${context.replaceAll(/[^\w.-]/g, '_').slice(-28)}`;
  const { secrets, file } = await bundledSecrets(client, connection, namespace, signal);
  const [objects, pods] = await Promise.all([
    bundledObjects(client, namespace, secrets, signal),
    bundledPods(client, namespace, secrets, signal),
  ]);
  return [file, ...objects, ...pods].map(one => ({ ...one, path: `${folder}/${one.path}` }));
}

function bounded(files: readonly BundledFile[]): { files: ArchivedFile[]; cut: string[] } {
  const kept: ArchivedFile[] = [];
  const cut: string[] = [];
  let left = MOST;
  for (const { path, text, cut: already } of files) {
    const whole = Buffer.from(text);
    const content = whole.subarray(0, Math.min(MOST_OF_ONE, left));
    left -= content.length;
    if (already !== undefined) cut.push(`${path}: ${already}`);
    if (content.length < whole.length) {
      cut.push(`${path}: its last ${whole.length - content.length} of ${whole.length} octets are left out`);
    }
    kept.push({ path, content });
  }
  return { files: kept, cut };
}
