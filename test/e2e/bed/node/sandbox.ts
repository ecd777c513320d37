import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

interface SandboxOptions {
  /** Where its files lie. */
  readonly folder: string;
  readonly hostname: string;
  /** Of this machine: source and target. */
  readonly binds: readonly (readonly [string, string])[];
  /** Written over those of the machine, by their paths. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * The namespaces of a pod: network, host name, and files, which are those of this machine with what is its own on top.
 * They are kept by a process that sleeps, as the pause container does, and end with it.
 */
export class Sandbox {
  readonly pid: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
    this.pid = process.pid ?? 0;
  }

  static async create(options: SandboxOptions): Promise<Sandbox> {
    const command = ['unshare', '--net', '--mount', '--uts', 'sh', '-euc', script(options)];
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close').then(([code]) => {
      throw new Error(`the sandbox of ${options.hostname} ended with ${code}`);
    });
    ended.catch(() => {});
    await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
    return new Sandbox(child);
  }

  end(): void {
    this.#process.kill('SIGKILL');
  }
}

/** Where the machine's own files are while the pod's are put together. */
const old = '/.machine';

function script({ folder, hostname, binds, files }: SandboxOptions): string {
  const root = join(folder, 'root');
  mkdirSync(root, { recursive: true });
  return [
    `hostname ${quoted(hostname)}`,
    // Ports below 1024 are everybody's, as container runtimes have it.
    'echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start',
    `mount -t tmpfs -o mode=755 none ${quoted(root)}`,
    `cd ${quoted(root)}`,
    'mkdir upper work root',
    'mount -t overlay -o lowerdir=/,upperdir=upper,workdir=work none root',
    'cd root',
    ...['proc', 'sys', 'dev'].map(name => `mount --rbind /${name} ${name}`),
    `mkdir .${old}`,
    // Before anything is put in its place: /var/run, as a link, would still lead to the machine's /run.
    `pivot_root . .${old}`,
    'cd /',
    'mount -t tmpfs -o mode=755 none run',
    'mount -t tmpfs -o mode=1777 none tmp',
    ...Object.entries(files).flatMap(([path, text]) => written(folder, path, text)),
    ...binds.flatMap(([source, target]) => bound(source, target)),
    `umount -l ${old}`,
    `rmdir ${old}`,
    'echo ready',
    'exec sleep infinity',
  ].join('\n');
}

/** The machine's may be a link to somewhere else. */
function written(folder: string, path: string, text: string): string[] {
  const source = join(folder, path.replaceAll('/', '_'));
  writeFileSync(source, text);
  return [`rm -f ${path}`, `cp ${quoted(old + realpathSync(source))} ${path}`];
}

function bound(source: string, target: string): string[] {
  const make = statSync(source).isDirectory()
    ? [`mkdir -p ${quoted(target)}`]
    : [`mkdir -p ${quoted(dirname(target))}`, `rm -f ${quoted(target)}`, `touch ${quoted(target)}`];
  return [...make, `mount --bind ${quoted(old + realpathSync(source))} ${quoted(target)}`];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
