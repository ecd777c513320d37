import { type ChildProcess, spawn } from 'node:child_process';

/** Tells that something in the kernel's network changed. What it was has to be looked at: the lines leave things out. */
export interface Monitor {
  stop(): void;
}

/** Milliseconds until a program that ended is started again. */
const PAUSE = 1_000;

const PROGRAMS: readonly (readonly string[])[] = [
  ['ip', 'monitor', 'link', 'address', 'route', 'neigh', 'rule'],
  ['nft', 'monitor'],
];

/**
 * Calls `changed` after each burst of lines of `ip monitor` and `nft monitor`, ours included.
 * @param before words of a command that runs the programs elsewhere
 */
export function monitor(changed: () => void, before: readonly string[] = []): Monitor {
  const children = new Set<ChildProcess>();
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;
  const watch = (words: readonly string[]): void => {
    const [command = '', ...args] = [...before, ...words];
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    children.add(child);
    child.stdout.on('data', () => changed());
    child.once('error', () => {});
    child.once('close', () => {
      children.delete(child);
      if (stopped) return;
      // What happened meanwhile was not told.
      const timer = setTimeout(() => {
        timers.delete(timer);
        watch(words);
        changed();
      }, PAUSE);
      timers.add(timer);
    });
  };
  for (const words of PROGRAMS) watch(words);
  return {
    stop: () => {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      for (const child of children) child.kill();
    },
  };
}
