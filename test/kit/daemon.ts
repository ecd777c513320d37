import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { vi } from 'vitest';

const root = join(import.meta.dirname, '../..');

export interface Exit {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** `causeway` as a process of its own, with nothing of our environment but what it needs to run. */
export class Causeway {
  readonly #process: ChildProcess;
  readonly #exit: Promise<Exit>;
  #output = '';
  #errors = '';

  /**
   * @param output where standard output goes, by its descriptor, if not to us
   * @param before what a shell does before it becomes the program
   */
  constructor(
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    output: number | 'pipe' = 'pipe',
    before?: string,
  ) {
    const program = [join(root, 'src/main.js'), ...words];
    const shell = ['/bin/sh', '-c', `${before} && exec "$0" "$@"`, process.execPath];
    const [command = '', ...leading] = before === undefined ? [process.execPath] : shell;
    this.#process = spawn(command, [...leading, ...program], {
      cwd: root,
      env: environment,
      stdio: ['ignore', output, 'pipe'],
    });
    this.#process.stdout?.on('data', chunk => {
      this.#output += chunk;
    });
    this.#process.stderr?.on('data', chunk => {
      this.#errors += chunk;
    });
    this.#exit = once(this.#process, 'close').then(([code]) => ({
      code,
      output: this.#output,
      errors: this.#errors,
    }));
  }

  /** The sample mesh on ports that the system chooses. */
  static dns(words: readonly string[] = [], before?: string): Causeway {
    const mesh = ['--source', 'directory:deploy/samples/mesh', '--cluster-id', 'east'];
    const listen = ['--listen', '127.0.0.1:0', '--http-listen', '127.0.0.1:0'];
    return new Causeway(['dns', ...mesh, ...listen, ...words], {}, 'pipe', before);
  }

  /** What it has printed so far. */
  get output(): string {
    return this.#output;
  }

  /** What it has logged so far. */
  get messages(): string[] {
    return this.#output
      .split('\n')
      .flatMap(line => (line.startsWith('{') ? [String(JSON.parse(line).msg)] : []));
  }

  /** Resolves once it serves; the ports are those it says. */
  async ready(): Promise<{ http: number; dns: number }> {
    await vi.waitFor(
      () => {
        if (!this.messages.includes('ready')) throw new Error(`not ready: ${this.#output}${this.#errors}`);
      },
      { timeout: 20_000, interval: 20 },
    );
    const [http = 0, dns = 0] = this.messages
      .filter(message => message.startsWith('listening on '))
      .map(message => Number(message.slice(message.lastIndexOf(':') + 1)));
    return { http, dns };
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Resolves when the process is gone. */
  exit(): Promise<Exit> {
    return this.#exit;
  }
}
