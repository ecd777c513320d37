import { join } from 'node:path';
import { freePort } from './ports.ts';
import { type Running, start } from './process.ts';

const root = join(import.meta.dirname, '../../..');

/** The sample mesh of the README. */
export const sampleMesh = join(root, 'deploy/samples/mesh');

/** `causeway dns`, as an operator runs it, in the cluster `east`. */
export class Daemon {
  /** `127.0.0.1:PORT`, for a Corefile's `forward`. */
  readonly address: string;
  readonly port: number;
  readonly #http: string;
  readonly #mesh: string;
  #process: Running | undefined;

  private constructor(mesh: string, port: number, httpPort: number) {
    this.#mesh = mesh;
    this.port = port;
    this.address = `127.0.0.1:${port}`;
    this.#http = `127.0.0.1:${httpPort}`;
  }

  /** @param mesh a folder with one folder per cluster */
  static async start(mesh: string): Promise<Daemon> {
    const daemon = new Daemon(mesh, await freePort(), await freePort());
    await daemon.start();
    return daemon;
  }

  /** Starts it (again), on the same ports; resolves when it says that it is ready. */
  async start(): Promise<void> {
    const source = ['--source', `directory:${this.#mesh}`, '--cluster-id', 'east'];
    const listen = ['--listen', this.address, '--http-listen', this.#http];
    const running = start(process.execPath, [join(root, 'src/main.js'), 'dns', ...source, ...listen]);
    this.#process = running;
    try {
      await running.until('ready', async () => {
        const response = await fetch(`http://${this.#http}/readyz`).catch(() => undefined);
        return response?.status === 200;
      });
    } catch (error) {
      await running.stop();
      throw error;
    }
  }

  stop(): Promise<void> {
    return this.#process?.stop() ?? Promise.resolve();
  }

  kill(): Promise<void> {
    return this.#process?.kill() ?? Promise.resolve();
  }

  /** Queries answered so far, over one transport, by the daemon's own count. */
  async queries(transport: 'udp' | 'tcp'): Promise<number> {
    const response = await fetch(`http://${this.#http}/metrics`);
    const counts = (await response.text())
      .split('\n')
      .filter(line => line.startsWith('causeway_dns_queries_total{'))
      .filter(line => line.includes(`transport="${transport}"`))
      .map(line => Number(line.slice(line.lastIndexOf(' '))));
    return counts.reduce((sum, count) => sum + count, 0);
  }
}
