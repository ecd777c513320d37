import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { CausewayError, messageOf } from '../base/errors.ts';

const SECRET_LENGTH = 16;
/** 32 digits and a line end, and a little more so that a file that is too long shows itself. */
const MOST_READ = 64;
const ADVICE = 'make one with: openssl rand -hex 16 > FILE';

/**
 * The secret of DNS cookies (RFC 9018 section 4.4: 16 octets).
 *
 * @param path a file with 16 octets or 32 hexadecimal digits; undefined: a random secret
 * @throws CausewayError SECRET_UNREADABLE, whose message never shows what the file holds
 */
export async function cookieSecret(path: string | undefined): Promise<Uint8Array> {
  if (path === undefined) return randomBytes(SECRET_LENGTH);
  const content = await readStart(path).catch((error: unknown) => {
    throw new CausewayError(
      'SECRET_UNREADABLE',
      `--cookie-secret-file: cannot read the cookie secret: ${messageOf(error)}; ${ADVICE}`,
      {
        cause: error,
      },
    );
  });
  if (content.length === SECRET_LENGTH) return content;
  const text = content.toString('latin1').trim();
  if (/^[0-9a-fA-F]{32}$/.test(text)) return Buffer.from(text, 'hex');
  throw new CausewayError(
    'SECRET_UNREADABLE',
    `cannot use the cookie secret in ${path}: found ${content.length} octets, must be 16 octets or 32 hexadecimal ` +
      `digits; ${ADVICE}`,
  );
}

async function readStart(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_READ), 0, MOST_READ, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
