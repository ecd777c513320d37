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
  // V8 frees buffers on a thread of its own, which a collection starts and only the next one waits for.
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
