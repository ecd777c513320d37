import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface Command {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly cpus: readonly number[];
  /** File that takes what the program prints. A file, so that no reader competes with it for a CPU. */
  readonly output: string;
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const STOP_GRACE_MS = 5000;

/**
 * The processes of one benchmark run, each bound to its CPUs, all of them ended by their pid when the run
 * ends.
 */
export class Fleet {
  readonly #children = new Set<ChildProcess>();
  readonly #taskset: string;

  constructor(taskset: string) {
    this.#taskset = taskset;
  }

  /** `taskset` replaces itself with the program, so the pid is the program's own. */
  start(command: Command): ChildProcess {
    const output = openSync(command.output, 'w');
    const child = spawn(
      this.#taskset,
      ['--cpu-list', command.cpus.join(), command.program, ...command.arguments],
      {
        cwd: command.directory,
        env: { ...process.env, ...command.environment },
        stdio: ['ignore', output, output],
      },
    );
    closeSync(output);
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** Runs a program to its end and returns what it printed. */
  async run(command: Command): Promise<string> {
    const child = this.start(command);
    const [code, signal] = await once(child, 'exit');
    const output = readFileSync(command.output, 'utf8');
    if (code !== 0) throw new Error(`${command.program} ended with ${code ?? signal}:\n${tail(output)}`);
    return output;
  }

  /**
   * Asks all to end and does not wait: for when this process is being ended itself. NSD's parent ends its
   * children.
   */
  interrupt(): void {
    for (const child of this.#children) child.kill('SIGTERM');
  }

  async stop(): Promise<void> {
    await Promise.all(Array.from(this.#children, stopChild));
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await exited;
  clearTimeout(timer);
}

/** The last lines, where a program says why it gave up. */
export function tail(text: string): string {
  return text.trimEnd().split('\n').slice(-10).join('\n');
}
