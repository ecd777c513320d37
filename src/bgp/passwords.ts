import { readFile } from 'node:fs/promises';
import { CausewayError, messageOf } from '../base/errors.ts';

/** As much as the kernel takes for TCP's MD5 signatures (RFC 2385). */
const LONGEST = 80;

/**
 * The passwords that lie in the files, by the address of the neighbor that each is for. A line end behind one does not
 * belong to it.
 *
 * @throws CausewayError SECRET_UNREADABLE naming the file, and nothing of what is in it
 */
export async function readPasswords(files: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const [neighbor, path] of files) {
    const password = (await read(path, neighbor)).replace(/\r?\n$/, '');
    if (!/^[ !#-~]+$/.test(password) || password.length > LONGEST) {
      const must = `must be 1 to ${LONGEST} printable ASCII characters, and none of them a double quote`;
      throw unreadable(path, neighbor, `what is in it ${must}`);
    }
    found.set(neighbor, password);
  }
  return found;
}

async function read(path: string, neighbor: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(path, neighbor, messageOf(error));
  }
}

function unreadable(path: string, neighbor: string, found: string): CausewayError {
  const message = `reading the password of BGP neighbor ${neighbor} from ${path}: ${found}`;
  return new CausewayError('SECRET_UNREADABLE', message);
}
