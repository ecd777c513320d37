import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Pace } from '../pace.ts';
import { MAX_LINE, type Snapshot, SnapshotDecoder } from './snapshot.ts';

/** Octets: some ten times what 250,000 endpoints take. */
const MAX_FILE = 1024 * 1024 * 1024;
/** Octets read or written at a stretch. */
const PIECE = 256 * 1024;

/**
 * Writes a file in place of the one there was, at once or not at all, even if the machine stops meanwhile. Only its
 * owner may read it. Two writers of one file take turns badly: each daemon needs a directory of its own.
 *
 * @param signal ends the writing early; the file there was stays
 * @returns octets
 */
export async function writeLines(
  path: string,
  lines: Iterable<string>,
  pace: Pace,
  signal: AbortSignal,
): Promise<number> {
  const temporary = `${path}.new`;
  // One that was left behind might be another's, or open to others.
  await rm(temporary, { force: true });
  try {
    const file = await open(temporary, 'wx', 0o600);
    let octets: number;
    try {
      octets = await writeAll(file, lines, pace, signal);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
    return octets;
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

async function writeAll(
  file: FileHandle,
  lines: Iterable<string>,
  pace: Pace,
  signal: AbortSignal,
): Promise<number> {
  let octets = 0;
  let piece = '';
  const flush = async () => {
    const bytes = Buffer.from(piece);
    piece = '';
    octets += bytes.length;
    if (octets > MAX_FILE) throw new Error(`it would be larger than ${MAX_FILE} octets`);
    await file.writeFile(bytes);
  };
  for (const line of lines) {
    piece += line;
    if (piece.length >= PIECE) await flush();
    if (pace.due) await pace.breathe();
    signal.throwIfAborted();
  }
  await flush();
  return octets;
}

/** The new name of a file is safe only with its directory. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * Reads a snapshot. Undefined: there is none.
 *
 * @throws Error that says what is wrong with it, or why it cannot be read
 */
export async function readSnapshot(path: string, pace: Pace): Promise<Snapshot | undefined> {
  const file = await open(path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return undefined;
    throw thrown;
  });
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    if (size > MAX_FILE) throw new Error(`is larger than ${MAX_FILE} octets`);
    const decoder = new SnapshotDecoder();
    for await (const line of linesOf(file)) {
      decoder.take(line);
      if (pace.due) await pace.breathe();
    }
    return decoder.finish();
  } finally {
    await file.close();
  }
}

async function* linesOf(file: FileHandle): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE));
    if (bytesRead === 0) break;
    const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = text.indexOf(0x0a); end !== -1; end = text.indexOf(0x0a, start)) {
      yield text.subarray(start, end);
      start = end + 1;
    }
    rest = text.subarray(start);
    if (rest.length > MAX_LINE) throw new Error(`has a line of more than ${MAX_LINE} octets`);
  }
  if (rest.length > 0) throw new Error('is cut short');
}
