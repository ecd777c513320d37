import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { undoAtEnd } from './leftovers.ts';

/** A process that runs beside the test until it is ended. */
export interface Running {
  /** Everything it has printed so far, both streams. */
  output(): string;
  /** Resolves when `holds` does; throws with the output when the process ends before that or takes too long. */
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
  /** Asks it to end (SIGTERM), forces it after 5 s, and resolves when it is gone. Harmless when it is gone already. */
  stop(): Promise<void>;
  /** Ends it as a crash would (SIGKILL). */
  kill(): Promise<void>;
  /** Such as SIGSTOP, which makes it hang, and SIGCONT, which wakes it. */
  signal(signal: NodeJS.Signals): void;
}

const waitLimit = 20_000;

export function start(command: string, args: readonly string[]): Running {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const undone = undoAtEnd(() => child.kill('SIGKILL'));
  let alive = true;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  child.once('error', error => {
    output += error.message;
  });
  const ended = new Promise<void>(resolve => {
    child.once('close', () => {
      alive = false;
      undone();
      resolve();
    });
  });
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    child.kill(signal);
    const forced = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(forced);
  };
  return {
    output: () => output,
    until: async (what, holds) => {
      const deadline = Date.now() + waitLimit;
      while (!(await holds())) {
        if (!alive) throw new Error(`${command} ended before it was ${what}:\n${output}`);
        if (Date.now() > deadline) throw new Error(`${command} was not ${what} in time:\n${output}`);
        await sleep(20);
      }
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    signal: signal => {
      child.kill(signal);
    },
  };
}

/** Runs a command to its end and returns its standard output; throws with its standard error when it fails. */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const undone = undoAtEnd(() => child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code] = await once(child, 'close');
  undone();
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}${errors}`);
  return output;
}

export function isInstalled(command: string): boolean {
  return spawnSync(command, ['-h'], { stdio: 'ignore' }).error === undefined;
}

/** Calls `probe` until it returns something, or throws what it last threw. */
export async function eventually<T>(probe: () => Promise<T>, milliseconds: number, pause = 50): Promise<T> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(pause);
    }
  }
}
