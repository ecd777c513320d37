import { readFile, writeFile } from 'node:fs/promises';

/** Settings of the kernel, by their paths below `/proc/sys/net/`. */
export interface Sysctls {
  /** Undefined where there is no such setting, for example because the device is not there. */
  read(path: string): Promise<string | undefined>;
  write(path: string, value: string): Promise<void>;
}

/** Of the network namespace that this process is in. */
export const ownSysctls: Sysctls = {
  read: async path => {
    try {
      return (await readFile(`/proc/sys/net/${path}`, 'utf8')).trim();
    } catch {
      return undefined;
    }
  },
  write: (path, value) => writeFile(`/proc/sys/net/${path}`, value),
};
