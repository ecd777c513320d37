import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { devicesOf } from '../routes/links.ts';
import type { Marks } from '../routes/model.ts';

/** Tells that something in the node's network changed; what it was has to be looked at. */
export interface Monitor {
  stop(): void;
}

/** Milliseconds until a program that ended is started again. */
const PAUSE = 1_000;

/** Otherwise they would outlive an agent that is killed, until they have something to tell and nobody listens. */
const ENDS_WITH_US = ['setpriv', '--pdeathsig', 'KILL', '--'];

/**
 * Calls `changed` for each line of `ip monitor` and `nft monitor` that may be about what is ours, our own changes
 * included.
 */
export function monitor(changed: () => void, marks: Marks): Monitor {
  const { table, bgp, nftTable } = marks;
  const stopping = new AbortController();
  const { signal } = stopping;
  const watch = (words: readonly string[], matters: (line: string) => boolean): void => {
    const [command = '', ...args] = [...ENDS_WITH_US, ...words];
    const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'], signal });
    if (child.stdout !== null) createInterface(child.stdout).on('line', line => matters(line) && changed());
    child.once('error', () => {});
    child.once('close', () => {
      if (signal.aborted) return;
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', cancel);
        watch(words, matters);
        // What happened meanwhile was not told.
        changed();
      }, PAUSE);
      const cancel = (): void => clearTimeout(timer);
      signal.addEventListener('abort', cancel, { once: true });
    });
  };
  // Devices are few, and what goes down with one is not told.
  watch(['ip', 'monitor', 'link', 'address'], () => true);
  // On a busy node routes, neighbours and rules of others come and go all the time.
  const devices = Array.from(devicesOf(marks).keys(), device => ` ${device} `);
  const ours = [...devices, ...[table, bgp.table].flatMap(one => [` table ${one} `, ` lookup ${one} `])];
  watch(['ip', 'monitor', 'route', 'neigh', 'rule'], line => ours.some(one => `${line} `.includes(one)));
  watch(['nft', 'monitor'], line => `${line} `.includes(` inet ${nftTable} `));
  return { stop: () => stopping.abort() };
}
