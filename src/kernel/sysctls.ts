import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CausewayError, messageOf } from '../base/errors.ts';

/** Settings of the kernel, by their paths below `/proc/sys/net/`. */
export interface Sysctls {
  /** Undefined where there is no such setting, for example because the device is not there. */
  read(path: string): Promise<string | undefined>;
  write(path: string, value: string): Promise<void>;
}

/** @throws CausewayError SETTING_INVALID where the folder is not the one of these settings */
export async function checkSysctls(folder: string): Promise<void> {
  try {
    await access(join(folder, 'ipv4/conf/all'));
  } catch (thrown) {
    throw new CausewayError(
      'SETTING_INVALID',
      `--sysctls: found ${JSON.stringify(folder)}, must be /proc/sys/net or where it is mounted: ${messageOf(thrown)}`,
    );
  }
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
