import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { decode, encode, type Packet } from 'dns-packet';
import { undoAtEnd } from '../../test/e2e/kit/leftovers.ts';
import { freePort } from '../../test/e2e/kit/ports.ts';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const PATIENCE_MS = 120_000;
/** Between one question and the next: what the times measured here may be too long by. */
const POLL_MS = 1;

/** A daemon of its own process, and a client that asks it for addresses. */
export class Daemon {
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  readonly port: number;
  readonly #started: number;
  readonly #undone: () => void;
  #id = 0;

  private constructor(child: ChildProcess, socket: Socket, port: number, started: number) {
    this.#child = child;
    this.#socket = socket;
    this.port = port;
    this.#started = started;
    this.#undone = undoAtEnd(() => child.kill('SIGKILL'));
    // Until the daemon listens, every question comes back as an error.
    socket.on('error', () => undefined);
  }

  /** @param more settings beside those that it needs */
  static async start(root: string, more: readonly string[] = []): Promise<Daemon> {
    const port = await freePort();
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const listen = ['--listen', `127.0.0.1:${port}`, '--http-listen', '127.0.0.1:0'];
    const settings = ['--source', `directory:${root}`, '--cluster-id', 'east', '--log-level', 'warn'];
    const started = performance.now();
    const child = spawn(process.execPath, [MAIN, 'dns', ...settings, ...listen, ...more], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    return new Daemon(child, socket, port, started);
  }

  /** Milliseconds from the start of the process until the name is answered with an address. */
  async firstAnswer(name: string): Promise<number> {
    await this.#until(name, reply => addressesOf(reply).length > 0);
    return performance.now() - this.#started;
  }

  /** Milliseconds from the start of the process until it knows what does not exist: SERVFAIL has become NXDOMAIN. */
  async ready(): Promise<number> {
    await this.#until('nothing.nowhere.svc.clusterset.local', reply => rcodeOf(reply) === 'NXDOMAIN');
    return performance.now() - this.#started;
  }

  /** Resolves when the name is answered with this address. */
  async answered(name: string, address: string): Promise<void> {
    await this.#until(name, reply => addressesOf(reply).includes(address));
  }

  /** MiB, now and at most so far. */
  get resident(): { now: number; peak: number } {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const mebibytes = (field: string) =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
    return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the daemon could not be started');
    return this.#child.pid;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
    this.#socket.close();
    this.#undone();
  }

  async #until(name: string, good: (reply: Packet) => boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    let found = false;
    const listener = (message: Buffer) => {
      found ||= good(decode(message));
    };
    this.#socket.on('message', listener);
    while (!found) {
      if (this.#child.exitCode !== null) throw new Error(`the daemon has ended (${this.#child.exitCode})`);
      if (performance.now() > deadline) throw new Error(`${name} is not answered as it should be`);
      this.#ask(name);
      await sleep(POLL_MS);
    }
    this.#socket.off('message', listener);
  }

  #ask(name: string): void {
    this.#id = (this.#id + 1) & 0xffff;
    const query = encode({ type: 'query', id: this.#id, questions: [{ type: 'A', name }] });
    this.#socket.send(query, this.port, '127.0.0.1', () => undefined);
  }
}

function addressesOf(reply: Packet): string[] {
  return (reply.answers ?? []).flatMap(answer => (answer.type === 'A' ? [answer.data] : []));
}

/** The types of dns-packet leave out what it decodes the response code to. */
function rcodeOf(reply: object): string {
  return 'rcode' in reply ? String(reply.rcode) : '';
}
