import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { coreDnsPath } from './coredns-build.ts';
import { temporaryFolder } from './leftovers.ts';
import { start } from './process.ts';

export interface CoreDns {
  /** Resolves when it has printed something that matches. */
  untilPrinted(pattern: RegExp): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the real CoreDNS on a Corefile; resolves when it listens, throws with what it printed when it refuses it. */
export async function startCoreDns(corefile: string): Promise<CoreDns> {
  const folder = await temporaryFolder('coredns');
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
  return { untilPrinted, stop };
}
