import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Settings of the kernel, by their paths below `/proc/sys/net/`. */
export interface Sysctls {
  /** Undefined where there is no such setting, for example because the device is not there. */
  read(path: string): Promise<string | undefined>;
  write(path: string, value: string): Promise<void>;
}

/**
 * Of the network namespace that this process is in.
 *
 * @param folder where they are: a container that is not privileged may not write those in /proc/sys, and has the same
 *   ones mounted elsewhere
 */
export function ownSysctls(folder = '/proc/sys/net'): Sysctls {
  return {
    read: async path => {
      try {
        return (await readFile(join(folder, path), 'utf8')).trim();
      } catch {
        return undefined;
      }
    },
    write: (path, value) => writeFile(join(folder, path), value),
  };
}
