import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { undoAtEnd } from '../kit/leftovers.ts';
import type { Cluster } from './cluster.ts';

const main = join(import.meta.dirname, '../../../src/main.js');

/** What came of a command. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
  /** Standard error: how it went on the way. */
  readonly told: string;
  readonly milliseconds: number;
}

/** A command that runs. */
export interface Command {
  readonly ended: Promise<Ended>;
  /** Standard error so far. */
  told(): string;
  signal(signal: NodeJS.Signals): void;
}

/** Somebody with a kubeconfig of several clusters, each a context of its name, who types commands. */
export class Operator {
  readonly kubeconfig: string;
  readonly #before: readonly string[];

  private constructor(kubeconfig: string, before: readonly string[]) {
    this.kubeconfig = kubeconfig;
    this.#before = before;
  }

  /**
   * @param path where the kubeconfig is going to lie
   * @param texts kubeconfigs, of different names
   * @param before what to put in front of commands, so that they run elsewhere
   */
  static async withKubeconfigs(
    path: string,
    texts: readonly string[],
    before: readonly string[] = [],
  ): Promise<Operator> {
    const parsed = texts.map(text => parse(text));
    const all = (list: string) => parsed.flatMap(one => one[list]);
    const merged = { apiVersion: 'v1', kind: 'Config', clusters: all('clusters'), users: all('users') };
    await writeFile(path, stringify({ ...merged, contexts: all('contexts') }), { mode: 0o600 });
    return new Operator(path, before);
  }

  /** The administrator of all of these clusters. */
  static of(path: string, clusters: readonly Cluster[]): Promise<Operator> {
    return Operator.withKubeconfigs(
      path,
      clusters.map(cluster => cluster.kubeconfigText()),
    );
  }

  /** Types a command; `causeway` and the kubeconfig are put in front. */
  start(args: readonly string[]): Command {
    const began = performance.now();
    const [program = '', ...words] = [...this.#before, process.execPath, main, ...args];
    const child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, KUBECONFIG: this.kubeconfig },
    });
    const undone = undoAtEnd(() => child.kill('SIGKILL'));
    let [output, told] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    const ended = once(child, 'close').then(([code]) => {
      undone();
      return { code, output, told, milliseconds: performance.now() - began };
    });
    return { ended, told: () => told, signal: signal => void child.kill(signal) };
  }

  /** Types a command and waits for its end, whatever that is. */
  run(args: readonly string[]): Promise<Ended> {
    return this.start(args).ended;
  }
}
