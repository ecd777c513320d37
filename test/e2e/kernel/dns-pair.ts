import { join } from 'node:path';
import { sampleMesh } from '../kit/daemon.ts';
import { type Running, run, start } from '../kit/process.ts';
import { type Namespace, namespace } from './namespace.ts';

const MAIN = join(import.meta.dirname, '../../../src/main.js');
const ASKER = join(import.meta.dirname, 'asker.ts');
const PAGES = '127.0.0.1:9353';

/** Where the daemon is asked, and where from. */
export const SERVER = '10.99.0.1';
export const CLIENT = '10.99.0.7';

/** A daemon that answers in batches in one network namespace, and its clients in another one. */
export class DnsPair {
  readonly server: Namespace;
  readonly client: Namespace;
  readonly daemon: Running;

  private constructor(server: Namespace, client: Namespace, daemon: Running) {
    this.server = server;
    this.client = client;
    this.daemon = daemon;
  }

  /** @param more settings */
  static async start(...more: readonly string[]): Promise<DnsPair> {
    const [server, client] = [await namespace('dns'), await namespace('asker')];
    try {
      await connect(server, client);
      return new DnsPair(server, client, await daemonIn(server, more));
    } catch (error) {
      await Promise.all([server.remove(), client.remove()]);
      throw error;
    }
  }

  /**
   * So many queries from a socket at each source, and how many were answered.
   *
   * @param before words of a command that runs the client
   */
  async ask(
    where: string,
    count: number,
    sources: readonly string[],
    before: readonly string[] = [],
  ): Promise<Record<string, number>> {
    const [command = '', ...words] = [...this.client.inside, ...before, process.execPath, ASKER];
    return JSON.parse(await run(command, [...words, 'ask', where, String(count), ...sources]));
  }

  /** What a metric of the daemon says. */
  async metric(series: string): Promise<number> {
    const [command = '', ...words] = [...this.server.inside, process.execPath, ASKER];
    const text = await run(command, [...words, 'page', `http://${PAGES}/metrics`]);
    const line = text.split('\n').find(each => each.startsWith(`${series} `));
    return Number(line?.split(' ')[1]);
  }

  async remove(): Promise<void> {
    await this.daemon.stop();
    await this.client.remove();
    await this.server.remove();
  }
}

/** Neither filters what comes from other networks: such sources are what the tests ask from. */
async function connect(server: Namespace, client: Namespace): Promise<void> {
  await ip(server, `link add eth0 type veth peer name eth0 netns ${client.name}`);
  for (const side of [server, client]) {
    for (const part of ['all', 'default', 'eth0'])
      await side.sysctls.write(`ipv4/conf/${part}/rp_filter`, '0');
  }
  await ip(server, 'link set eth0 up', `addr add ${SERVER}/24 dev eth0`);
  await ip(client, 'link set eth0 up', `addr add ${CLIENT}/24 dev eth0`);
}

async function daemonIn({ inside }: Namespace, settings: readonly string[]): Promise<Running> {
  const source = ['--source', `directory:${sampleMesh}`, '--cluster-id', 'east', '--http-listen', PAGES];
  const udp = ['--listen', '0.0.0.0:53', '--udp-transport', 'batched', ...settings];
  const [command = '', ...words] = inside;
  const daemon = start(command, [...words, process.execPath, MAIN, 'dns', ...source, ...udp]);
  try {
    await daemon.until('ready', () => daemon.output().includes('ready'));
    return daemon;
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}

/** Runs `ip` with each line. */
export async function ip({ commands }: Namespace, ...lines: string[]): Promise<void> {
  for (const line of lines) {
    const { code, errors } = await commands.run('ip', line.split(' '));
    if (code !== 0) throw new Error(`${line}: ${errors}`);
  }
}
