import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { undoAtEnd } from '../../test/e2e/kit/leftovers.ts';
import { freePort } from '../../test/e2e/kit/ports.ts';
import { waitFor } from '../../test/e2e/kit/wait.ts';
import { podEnvironment } from '../pod-environment.ts';
import { metricOf } from './metrics-text.ts';
import type { Pod } from './pod.ts';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const START_LIMIT = 300_000;

export interface CausewayOptions {
  readonly pod: Pod;
  /** Folder for profiles of the processor time (`--cpu-prof`). */
  readonly profiles?: string | undefined;
}

/** A controller or DNS daemon in a process of its own, as it runs in a pod. */
export class Causeway {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #http: string;
  readonly #undone: () => void;

  private constructor(command: readonly string[], http: string, { pod, profiles }: CausewayOptions) {
    const flags = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
    const settings = ['--http-listen', http, '--log-level', 'warn'];
    const words = [...pod.inside, process.execPath, ...flags, MAIN, ...command, ...settings];
    const [program = '', ...args] = words;
    this.#child = spawn(program, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...podEnvironment(`base/${command[0]}.yaml`), ...pod.environment },
    });
    if (this.#child.pid === undefined) throw new Error(`causeway ${command[0]} could not be started`);
    this.pid = this.#child.pid;
    this.#http = `http://${http}`;
    this.#undone = undoAtEnd(() => this.#child.kill('SIGKILL'));
  }

  /** Returns at once; see `untilReady`. */
  static async controller(options: CausewayOptions): Promise<Causeway> {
    return new Causeway(['controller'], `127.0.0.1:${await freePort()}`, options);
  }

  /** @param port where it answers, of 127.0.0.1 */
  static async daemon(port: number, options: CausewayOptions): Promise<Causeway> {
    const command = ['dns', '--source', 'kubernetes', '--listen', `127.0.0.1:${port}`];
    return new Causeway(command, `127.0.0.1:${await freePort()}`, options);
  }

  async untilReady(): Promise<void> {
    const look = async (): Promise<number> => {
      if (this.#child.exitCode !== null) throw new Error(`it has ended (${this.#child.exitCode})`);
      return (await fetch(`${this.#http}/readyz`)).status;
    };
    await waitFor('causeway is ready', look, status => status === 200, START_LIMIT);
  }

  async metrics(): Promise<(name: string, labels?: Readonly<Record<string, string>>) => number> {
    const text = await (await fetch(`${this.#http}/metrics`)).text();
    return (name, labels) => metricOf(text, name, labels);
  }

  /** Of a controller: how many services wait for something or are worked on, and how many of its remotes are read. */
  async progress(): Promise<{ readonly queue: number; readonly remotes: readonly RemoteView[] }> {
    const { queue, remotes } = (await (await fetch(`${this.#http}/debug/remotes`)).json()) as ProgressPage;
    const waiting = queue === undefined ? Number.POSITIVE_INFINITY : sum(Object.values(queue));
    return { queue: waiting, remotes };
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    this.#undone();
  }
}

interface RemoteView {
  readonly name: string;
  readonly services: number;
  readonly conditions: readonly { readonly type: string; readonly status: string }[];
}

interface ProgressPage {
  /** Undefined: it does not lead. */
  readonly queue?: Readonly<Record<'ready' | 'running' | 'delayed' | 'failing', number>>;
  readonly remotes: readonly RemoteView[];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
