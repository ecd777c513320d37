import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { coreDnsPath } from './coredns-build.ts';
import { temporaryFolder } from './leftovers.ts';
import { start } from './process.ts';

export interface CoreDns {
  /** Resolves when it has printed something that matches. */
  untilPrinted(pattern: RegExp): Promise<void>;
  /** Puts another Corefile in place of its own; it looks at it when its plugin `reload` does. */
  rewrite(corefile: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the real CoreDNS on a Corefile; resolves when it listens, throws with what it printed when it refuses it.
 *
 * @param files what lies beside the Corefile for it to import, by path
 */
export async function startCoreDns(
  corefile: string,
  files: ReadonlyMap<string, string> = new Map(),
): Promise<CoreDns> {
  const folder = await temporaryFolder('coredns');
  for (const [name, text] of files) {
    await mkdir(dirname(join(folder.path, name)), { recursive: true });
    await writeFile(join(folder.path, name), text);
  }
  const path = join(folder.path, 'Corefile');
  await writeFile(path, corefile);
  const coreDns = start(coreDnsPath(), ['-conf', path]);
  const stop = async (): Promise<void> => {
    await coreDns.stop();
    await folder.remove();
  };
  const untilPrinted = (pattern: RegExp): Promise<void> =>
    coreDns.until(`heard to say ${pattern}`, () => pattern.test(coreDns.output()));
  try {
    // Printed when all its sockets are open.
    await untilPrinted(/^CoreDNS-\d/m);
  } catch (error) {
    await stop();
    throw error;
  }
  return { untilPrinted, rewrite: text => writeFile(path, text), stop };
}
