import { setFlagsFromString } from 'node:v8';
import { Worker, type WorkerOptions } from 'node:worker_threads';

export interface ThreadOptions extends Omit<WorkerOptions, 'resourceLimits'> {
  /** MiB of heap; octets of buffers do not count. */
  readonly heap: number;
  /** MiB beside them for what has just been made; undefined: what V8 chooses. */
  readonly young?: number;
}

/**
 * Starts a thread whose heap has a bound of its own; at the bound it ends with ERR_WORKER_OUT_OF_MEMORY, and the
 * process goes on. With `--max-old-space-size`, which NODE_OPTIONS sets in deploy/ as a percentage, and with
 * `--max-semi-space-size` V8 would give every thread the main thread's bounds instead (nodejs/node#43991). It reads
 * them when a heap is made, and the main thread has its own.
 */
export function startThread(module: URL, { heap, young, ...options }: ThreadOptions): Worker {
  setFlagsFromString('--max-old-space-size=0');
  setFlagsFromString('--max-semi-space-size=0');
  const limits = young === undefined ? {} : { maxYoungGenerationSizeMb: young };
  return new Worker(module, { ...options, resourceLimits: { ...limits, maxOldGenerationSizeMb: heap } });
}
