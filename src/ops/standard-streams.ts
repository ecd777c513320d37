import { writeSync } from 'node:fs';
import { CausewayError, messageOf } from '../base/errors.ts';

/** Milliseconds. */
const FULL = 10;

/**
 * Writes all of the text to standard output before it returns. Node's own stream takes a file that had room for a part
 * of it for one that has all of it, and what waits in it is lost with the process.
 *
 * @returns whether somebody reads it
 * @throws CausewayError OUTPUT_UNWRITABLE
 */
export function writeOutput(text: string): boolean {
  try {
    writeWhole(1, text);
    return true;
  } catch (thrown) {
    if (Object(thrown).code === 'EPIPE') return false;
    const message = `could not write all of the output: ${messageOf(thrown)}`;
    throw new CausewayError('OUTPUT_UNWRITABLE', message, { cause: thrown });
  }
}

/** The same to standard error. Where that cannot be written there is nobody left to be told. */
export function writeError(text: string): void {
  try {
    writeWhole(2, text);
  } catch {}
}

function writeWhole(descriptor: number, text: string): void {
  let left = Buffer.from(text);
  while (left.length > 0) {
    try {
      left = left.subarray(writeSync(descriptor, left));
    } catch (thrown) {
      if (Object(thrown).code !== 'EAGAIN') throw thrown;
      // A pipe is full, which whoever shares it has told not to let writers wait.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL);
    }
  }
}
