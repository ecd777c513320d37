import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Octets that are held, on the JavaScript heap and in buffers, after everything that is not has been collected. */
export function heldOctets(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
