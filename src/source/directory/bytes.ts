import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const MEBIBYTE = 1024 * 1024;
/** Octets. The largest file that is looked into at all. */
const MAX_FILE = 64 * MEBIBYTE;

/**
 * All octets of a regular file. What the scan saw may have become something else: opened without blocking and looked at
 * once more, a pipe cannot hold up every later reading, and the exit.
 *
 * @throws Error that says why it cannot be read
 */
export async function readBytes(path: string): Promise<Buffer> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw new Error('is no regular file');
    if (status.size > MAX_FILE) {
      const found = Math.ceil(status.size / MEBIBYTE);
      throw new Error(`file has ${found} MiB, and up to 64 are read: split it into several files`);
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
