/** A file in an archive. */
export interface ArchivedFile {
  /** At most 100 octets of ASCII, with `/`. */
  readonly path: string;
  readonly content: Buffer;
}

const BLOCK = 512;
const LONGEST_PATH = 100;

/**
 * A tar archive of regular files (POSIX.1-1988, ustar). All that we put into one has short names and lies in memory, so
 * that none of the corners of the format is met that libraries are for.
 *
 * @param seconds since the epoch: when the files were made
 */
export function tarOf(files: readonly ArchivedFile[], seconds: number): Buffer {
  const blocks = files.flatMap(({ path, content }) => [
    header(path, content.length, seconds),
    content,
    Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
  ]);
  // Two empty blocks are the end.
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header(path: string, size: number, seconds: number): Buffer {
  if (!/^[!-~]+$/.test(path) || path.length > LONGEST_PATH) {
    throw new RangeError(`${path} is no path that an archive of ours can hold`);
  }
  const block = Buffer.alloc(BLOCK);
  block.write(path, 0, 'latin1');
  block.write(octal(0o600, 8), 100, 'latin1');
  block.write(octal(0, 8), 108, 'latin1');
  block.write(octal(0, 8), 116, 'latin1');
  block.write(octal(size, 12), 124, 'latin1');
  block.write(octal(seconds, 12), 136, 'latin1');
  // The checksum is that of the header with spaces in its own place.
  block.write(' '.repeat(8), 148, 'latin1');
  block.write('0', 156, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  const sum = block.reduce((total, octet) => total + octet, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148, 'latin1');
  return block;
}

function octal(value: number, width: number): string {
  return `${Math.floor(value)
    .toString(8)
    .padStart(width - 1, '0')}\u0000`;
}
