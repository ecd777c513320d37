import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { link, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CausewayError, messageOf } from '../base/errors.ts';

/** The key that a node is known by to the nodes of other clusters. The private half is nowhere but in the file. */
export interface NodeKey {
  readonly file: string;
  /** 32 octets as base64. */
  readonly publicKey: string;
}

const CURRENT = 'wireguard.key';
const NEXT = 'wireguard.next.key';

/** Where the key is in a folder. */
export function keyFileIn(folder: string): string {
  return join(folder, CURRENT);
}

/**
 * The key in a folder; where there is none, one is made. It has to outlive restarts and reboots: to the others a node
 * with a new key is a stranger until they have heard of it.
 *
 * @throws CausewayError KEY_UNUSABLE
 */
export async function keyIn(folder: string): Promise<NodeKey> {
  const file = keyFileIn(folder);
  return (await existingKeyIn(folder)) ?? (await makeKey(file));
}

/** The key in a folder, undefined where there is none. @throws CausewayError KEY_UNUSABLE */
export function existingKeyIn(folder: string): Promise<NodeKey | undefined> {
  return readKey(keyFileIn(folder));
}

/** The key that is to take the place of the present one; undefined where none was asked for. */
export function nextKeyIn(folder: string): Promise<NodeKey | undefined> {
  return readKey(join(folder, NEXT));
}

/** Tells the file of the private key that belongs to a public one, and throws as `existingKeyIn`. */
export function keyFilesIn(folder: string): (publicKey: string) => Promise<string | undefined> {
  return async publicKey => {
    const keys = [await existingKeyIn(folder), await nextKeyIn(folder)];
    return keys.find(key => key?.publicKey === publicKey)?.file;
  };
}

/**
 * Makes the key that is to take the place of the present one. One that was made before, and has not yet, stays.
 *
 * @throws CausewayError KEY_UNUSABLE; also where it has, but the change is not over: it would be taken for another key
 */
export async function makeNextKey(folder: string): Promise<NodeKey> {
  const file = join(folder, NEXT);
  const next = await readKey(file);
  if (next === undefined) return makeKey(file);
  if (next.publicKey !== (await existingKeyIn(folder))?.publicKey) return next;
  const message =
    `the private key of this node, ${keyFileIn(folder)}: the change to ${next.publicKey} is not over yet, ` +
    'so there is no other key; ask again in a minute';
  throw new CausewayError('KEY_UNUSABLE', message);
}

/** The next key is the present one from now on; it stays the next one, too, until `dropNextKey`. */
export async function takeNextKey(folder: string): Promise<NodeKey> {
  const file = keyFileIn(folder);
  const draft = `${file}.${randomUUID()}`;
  try {
    await link(join(folder, NEXT), draft);
    await rename(draft, file);
    await syncFolder(folder);
  } catch (error) {
    throw unusable(file, `cannot be replaced: ${messageOf(error)}`, error);
  } finally {
    // rename(2) leaves both names where they are one file already.
    await rm(draft, { force: true });
  }
  return keyIn(folder);
}

/** There is no next key any more. */
export async function dropNextKey(folder: string): Promise<void> {
  const file = join(folder, NEXT);
  try {
    await rm(file, { force: true });
    await syncFolder(folder);
  } catch (error) {
    throw unusable(file, `cannot be removed: ${messageOf(error)}`, error);
  }
}

async function readKey(file: string): Promise<NodeKey | undefined> {
  try {
    const { mode } = await lstat(file);
    if ((mode & 0o170_000) !== 0o100_000) throw unusable(file, 'is no plain file');
    if ((mode & 0o077) !== 0)
      throw unusable(file, `has mode ${(mode & 0o777).toString(8)}, so others may have read it; must be 600`);
    const text = (await readFile(file, 'utf8')).trim();
    return { file, publicKey: publicKeyOf(text, file) };
  } catch (error) {
    if (error instanceof CausewayError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(file, `cannot be read: ${messageOf(error)}`, error);
  }
}

/** Whole or not at all, also when the machine stops; of two processes at once the first has its way. */
async function makeKey(file: string): Promise<NodeKey> {
  const folder = dirname(file);
  const draft = `${file}.${randomUUID()}`;
  try {
    await mkdir(folder, { mode: 0o700 }).catch(ignoreTaken);
    const { privateKey } = generateKeyPairSync('x25519');
    const octets = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-LENGTH);
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(`${octets.toString('base64')}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, file).catch(ignoreTaken);
    await syncFolder(folder);
  } catch (error) {
    const advice = 'run it as root, with a folder for it (--state-dir) whose parent is there';
    throw unusable(file, `cannot be made: ${messageOf(error)}`, error, advice);
  } finally {
    await rm(draft, { force: true });
  }
  const made = await readKey(file);
  if (made === undefined) throw unusable(file, 'vanished after it was made');
  return made;
}

function ignoreTaken(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const LENGTH = 32;
/** What stands before the octets of an X25519 key in PKCS #8 (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

function publicKeyOf(text: string, file: string): string {
  const octets = Buffer.from(text, 'base64');
  if (octets.length !== LENGTH || octets.toString('base64') !== text)
    throw unusable(file, 'does not hold 32 octets as base64');
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, octets]), format: 'der', type: 'pkcs8' });
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-LENGTH).toString('base64');
}

const ANEW =
  'put it right, or remove it: then a new one is made, and other clusters learn the new public key';

/** Says nothing of what is in the file. */
function unusable(file: string, found: string, cause?: unknown, advice = ANEW): CausewayError {
  const message = `the private key of this node, ${file}: ${found}; ${advice}`;
  return new CausewayError('KEY_UNUSABLE', message, { cause });
}
