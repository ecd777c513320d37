import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process as the kernel tells it apart: a number is given again, a number and its start is not. */
interface Identity {
  readonly pid: number;
  /** Clock ticks between the start of the machine and that of the process. */
  readonly started: string;
}

const stopLimit = 10_000;

/**
 * A process that outlives the one that starts it. It is known by a file, so that any process can end, pause or start it
 * again: the one that set the bed up, the worker of a suite, `npm run e2e:down`.
 */
export class Program {
  readonly name: string;
  readonly #folder: string;

  /** @param folder where its log and its identity lie */
  constructor(name: string, folder: string) {
    this.name = name;
    this.#folder = folder;
  }

  /** Starts it unless it runs. Its log continues. */
  start(command: string, args: readonly string[]): void {
    if (this.runs()) return;
    mkdirSync(this.#folder, { recursive: true });
    const log = openSync(this.#file('log'), 'a');
    // In a session of its own, so that Ctrl-C in the terminal doesn't end it before those that depend on it.
    const child = spawn(command, args, { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    child.unref();
    if (child.pid === undefined) throw new Error(`${command} cannot be started`);
    const started = startOf(child.pid);
    if (started === undefined) throw new Error(`${command} ended at once:\n${this.log()}`);
    writeFileSync(this.#file('pid'), JSON.stringify({ pid: child.pid, started } satisfies Identity));
  }

  runs(): boolean {
    return this.pid() !== undefined;
  }

  /** Undefined when it does not run. */
  pid(): number | undefined {
    if (!existsSync(this.#file('pid'))) return undefined;
    const { pid, started }: Identity = JSON.parse(readFileSync(this.#file('pid'), 'utf8'));
    return startOf(pid) === started ? pid : undefined;
  }

  /** Asks it to end, forces it after 10 s, and resolves when it is gone. Harmless when it is gone already. */
  async stop(): Promise<void> {
    // A paused process takes no request to end.
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const deadline = Date.now() + stopLimit;
    while (this.runs() && Date.now() < deadline) await sleep(20);
    await this.kill();
  }

  /** Ends it as a crash would, and resolves when it is gone. */
  async kill(): Promise<void> {
    this.killNow();
    while (this.runs()) await sleep(5);
    rmSync(this.#file('pid'), { force: true });
  }

  /** For the end of a run, where nothing can be waited for. */
  killNow(): void {
    this.signal('SIGKILL');
  }

  signal(signal: NodeJS.Signals): void {
    const pid = this.pid();
    if (pid !== undefined) process.kill(pid, signal);
  }

  /** The last lines that it printed, of all its starts. */
  log(lines = 20): string {
    if (!existsSync(this.#file('log'))) return '';
    return readFileSync(this.#file('log'), 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  #file(extension: string): string {
    return join(this.#folder, `${this.name}.${extension}`);
  }
}

/** When a process started, or undefined when there is none: proc_pid_stat(5), fields 3 and 22. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in parentheses that may hold spaces itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not asked for its exit code yet. While threads of it are left, so are its
    // sockets.
    const ended = fields[0] === 'Z' && readdirSync(`/proc/${pid}/task`).length <= 1;
    return ended ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
