import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { insidePod } from './inside-pod.ts';
import { probe } from './probe.ts';
import type { ContainerSpec, SecurityContext } from './spec.ts';

export interface ContainerOptions {
  readonly spec: ContainerSpec;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly user: SecurityContext;
  /** A process in the namespaces of its pod. */
  readonly sandbox: number;
  readonly address: string;
  readonly log: string;
}

/** What is known of a process that ended. */
interface Ended {
  readonly exitCode: number;
  readonly finishedAt: string;
}

/** Milliseconds before the second restart; twice as many before each further one. */
const firstBackoff = 500;
const longestBackoff = 10_000;
/** Milliseconds that a process has to end in when it is asked to; more only makes a test wait. */
const patience = 2_000;

/** A container as a process, started again whenever it ends. */
export class Container {
  readonly #options: ContainerOptions;
  readonly #stopped = new AbortController();
  #process: ChildProcess | undefined;
  startedAt: string | undefined;
  ended: Ended | undefined;
  restarts = 0;
  started = false;
  ready = false;

  constructor(options: ContainerOptions) {
    this.#options = options;
  }

  get spec(): ContainerSpec {
    return this.#options.spec;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Resolves when it has been ended for good. */
  async run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await this.#once();
      if (signal.aborted) return;
      const backoff = this.restarts === 0 ? 0 : firstBackoff * 2 ** (this.restarts - 1);
      await sleep(Math.min(backoff, longestBackoff), undefined, { signal }).catch(() => {});
      this.restarts += 1;
    }
  }

  /** Asks it to end, forces it when it takes its time, and resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    const child = this.#process;
    if (child === undefined) return;
    const ended = once(child, 'close');
    child.kill('SIGTERM');
    const forced = setTimeout(() => child.kill('SIGKILL'), patience);
    await ended;
    clearTimeout(forced);
  }

  kill(): void {
    this.#stopped.abort();
    this.#process?.kill('SIGKILL');
  }

  async #once(): Promise<void> {
    const child = this.#spawn();
    this.#process = child;
    this.startedAt = now();
    const probing = new AbortController();
    const probed = {
      started: () => {
        this.started = true;
      },
      ready: (ready: boolean) => {
        this.ready = ready;
      },
      unhealthy: (why: string) => {
        console.log(`${this.spec.name} at ${this.#options.address}: ${why}`);
        child.kill('SIGKILL');
      },
    };
    probe(this.spec, this.#options.address, probed, probing.signal).catch(console.error);
    const [code] = await once(child, 'close');
    probing.abort();
    this.#process = undefined;
    this.started = false;
    this.ready = false;
    // 137: what a shell makes of SIGKILL.
    this.ended = { exitCode: code ?? 137, finishedAt: now() };
  }

  #spawn(): ChildProcess {
    const { command, environment, log, sandbox, user } = this.#options;
    const { runAsUser = 0, runAsGroup = runAsUser } = user;
    const identity = ['--reuid', `${runAsUser}`, '--regid', `${runAsGroup}`, '--clear-groups'];
    // Set again where the identity changes, which takes it away.
    const bound = ['setpriv', '--pdeathsig', 'KILL'];
    const enter = [...bound, 'nsenter', ...insidePod(sandbox), '--', ...bound, ...identity, '--'];
    const [program = '', ...args] = [...enter, ...command];
    const output = openSync(log, 'a');
    const child = spawn(program, args, { env: environment, stdio: ['ignore', output, output] });
    closeSync(output);
    return child;
  }
}

export function now(): string {
  return new Date().toISOString().replace(/\.\d+/, '');
}
