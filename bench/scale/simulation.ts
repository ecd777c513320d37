import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { undoAtEnd } from '../../test/e2e/kit/leftovers.ts';
import { Authority } from '../../test/kit/certificate.ts';
import { base64, kubeconfig } from '../../test/kit/kubeconfig.ts';
import type { Fleet, FleetExport } from './fleet.ts';
import type { Order, Report } from './simulated-servers.ts';

const PROGRAM = fileURLToPath(new URL('simulated-servers.ts', import.meta.url));

/** The process with the API servers of the remote clusters. */
export class Simulation {
  readonly #child: ChildProcess;
  readonly #root: string;
  readonly #port: number;
  readonly #undone: () => void;
  readonly #waiting = new Map<number, () => void>();

  private constructor(child: ChildProcess, root: string, port: number, undone: () => void) {
    this.#child = child;
    this.#root = root;
    this.#port = port;
    this.#undone = undone;
    child.on('message', message => {
      const report = message as Report;
      if (report.type === 'changed') this.#waiting.get(report.change)?.();
    });
  }

  static async start(fleet: Fleet): Promise<Simulation> {
    const child = fork(PROGRAM);
    const undone = undoAtEnd(() => child.kill('SIGKILL'));
    const authority = new Authority();
    child.send({ type: 'serve', fleet, ...authority.issue() } satisfies Order);
    const [report] = (await once(child, 'message')) as [Report];
    if (report.type !== 'listening') throw new Error(`the simulated servers said ${report.type}`);
    return new Simulation(child, authority.cert, report.port, undone);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** How to reach the API server of one cluster. */
  kubeconfig(cluster: number): string {
    const server = `https://127.0.0.1:${this.#port}/${cluster}`;
    return kubeconfig({ cluster: { server, 'certificate-authority-data': base64(this.#root) } });
  }

  /** Resolves when the change has gone out to who watches. */
  async change(of: FleetExport, change: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(change, resolve);
    this.#child.send({ type: 'change', of, change } satisfies Order);
    await promise;
    this.#waiting.delete(change);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    this.#undone();
  }
}
