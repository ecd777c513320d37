import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Octets that are held, on the JavaScript heap and in buffers, after everything that is not has been collected. */
export function heldOctets(): number {
  return heldHeap() + process.memoryUsage().arrayBuffers;
}

/** The same without buffers. */
export function heldHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  return process.memoryUsage().heapUsed;
}
