import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outcome } from '../../../src/kernel/commands.ts';
import { MARKS } from '../../../src/routes/model.ts';
import { type TemporaryFolder, temporaryFolder, undoAtEnd } from '../kit/leftovers.ts';
import { type Running, run, start } from '../kit/process.ts';
import { killBird } from './birds.ts';
import { type Namespace, namespace } from './namespace.ts';

const HERE = import.meta.dirname;
const MAIN = join(HERE, '../../../src/main.js');

/** `causeway agent` that runs until it is told to end. */
export interface RunningAgent {
  output(): string;
  /** Asks it to end, and resolves with its exit code. */
  end(): Promise<number | null>;
  /** Kills it. */
  kill(): Promise<void>;
}

/** A host with one device to the world and something of somebody else's, and the API server of its cluster. */
export class AgentHost {
  readonly node: Namespace;
  readonly api: Running;
  readonly #folder: TemporaryFolder;
  readonly #agents: RunningAgent[] = [];

  private constructor(node: Namespace, api: Running, folder: TemporaryFolder) {
    this.node = node;
    this.api = api;
    this.#folder = folder;
  }

  static async of(yaml: string): Promise<AgentHost> {
    const node = await namespace('host');
    const folder = await temporaryFolder('agent');
    for (const line of [
      'link add eth0 type veth peer name world',
      'link set eth0 up',
      'link set world up',
      'addr add 172.31.1.11/24 dev eth0',
      'route add default via 172.31.1.1',
      'route add 192.0.2.0/24 via 172.31.1.1 table 300',
    ])
      await node.commands.run('ip', line.split(' '));
    undoAtEnd(() => killBird(join(folder.path, 'bird')));
    await writeFile(join(folder.path, 'cluster.yaml'), yaml);
    const files = ['cluster.yaml', 'kubeconfig'].map(name => join(folder.path, name));
    const [command = '', ...before] = node.inside;
    const api = start(command, [...before, process.execPath, join(HERE, 'api.ts'), ...files]);
    await api.until('ready', () => api.output().includes('ready'));
    return new AgentHost(node, api, folder);
  }

  /** Changes what the API server holds. */
  async load(yaml: string): Promise<void> {
    await writeFile(join(this.#folder.path, 'cluster.yaml'), yaml);
    this.api.signal('SIGHUP');
  }

  /** Starts `causeway agent` as a DaemonSet would. @param around words of a command that it is run by */
  agent(around: readonly string[] = []): RunningAgent {
    const [command = '', ...before] = this.node.inside;
    const words = [...before, ...around, process.execPath, MAIN, 'agent', ...this.#settings()];
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    const ended = once(child, 'close');
    const running = {
      output: () => output,
      end: async () => {
        child.kill('SIGTERM');
        return (await ended)[0] as number | null;
      },
      kill: async () => {
        child.kill('SIGKILL');
        await ended;
      },
    };
    this.#agents.push(running);
    return running;
  }

  /** Runs it to its end. @param before words of a command that runs it in other circumstances */
  once(words: readonly string[], before: readonly string[] = []): Promise<Outcome> {
    const all = [...before, process.execPath, MAIN, 'agent', ...this.#settings(), ...words];
    const [command = '', ...args] = all;
    return this.node.commands.run(command, args);
  }

  #settings(): string[] {
    const kubeconfig = join(this.#folder.path, 'kubeconfig');
    const given = ['--kubeconfig', kubeconfig, '--node-name', 'e1', '--state-dir', this.#folder.path];
    return [...given, '--bgp-folder', this.birdFolder, '--http-listen', '127.0.0.1:9355'];
  }

  /** A page of the agent's, with its status before it. */
  async page(path: string): Promise<string> {
    const program = `const got = await fetch('http://127.0.0.1:9355${path}'); console.log(got.status, await got.text())`;
    return (await this.node.commands.run(process.execPath, ['--input-type=module', '--eval', program]))
      .output;
  }

  /** All of the kernel's state that may be ours, and something that is not. */
  async state(): Promise<string> {
    const asked = await Promise.all([
      this.node.commands.run('ip', ['-d', '-o', 'link', 'show', 'type', 'vxlan']),
      this.node.commands.run('ip', ['route', 'show', 'table', 'all', 'proto', `${MARKS.protocol}`]),
      this.node.commands.run('ip', ['route', 'show', 'table', '300']),
      this.node.commands.run('ip', ['rule', 'show']),
      this.node.commands.run('ip', ['neigh', 'show', 'nud', 'permanent']),
      this.node.commands.run('nft', ['list', 'tables']),
    ]);
    return asked.map(({ output }) => output).join('\n');
  }

  /** The programs that watch the kernel for an agent. */
  async watchers(): Promise<string[]> {
    const pids = (await run('ip', ['netns', 'pids', this.node.name])).split('\n').filter(Boolean);
    const commands = await Promise.all(
      pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    return commands
      .map(command => command.split('\0').slice(0, 2).join(' '))
      .filter(is => is.includes('monitor'));
  }

  get birdFolder(): string {
    return join(this.#folder.path, 'bird');
  }

  get folder(): string {
    return this.#folder.path;
  }

  async remove(): Promise<void> {
    await Promise.all([...this.#agents.map(agent => agent.end()), this.api.stop()]);
    killBird(this.birdFolder);
    await this.node.remove();
    await this.#folder.remove();
  }
}
