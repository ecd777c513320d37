import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import koffi from 'koffi';
import { type Commands, childCommands } from '../../../src/kernel/commands.ts';
import { loadNetlinkCalls, type Netlink, type NetlinkCalls, netlinkBy } from '../../../src/kernel/netlink.ts';
import type { Sysctls } from '../../../src/kernel/sysctls.ts';
import { MARKS } from '../../../src/routes/model.ts';
import { undoAtEnd } from '../kit/leftovers.ts';
import { run } from '../kit/process.ts';
import { waitFor } from '../kit/wait.ts';

/** A network namespace of the test's own, with nothing in it but a loopback device. */
export interface Namespace {
  readonly name: string;
  /** Words before a command that make it run in there. */
  readonly inside: readonly string[];
  readonly commands: Commands;
  readonly netlink: Netlink;
  readonly sysctls: Sysctls;
  /** The process that makes a WireGuard device in there; undefined where none does. @param device absent: the first */
  tunnelProcess(device?: string): Promise<number | undefined>;
  /** Ends it as a crash would. */
  killTunnel(device?: string): Promise<void>;
  remove(): Promise<void>;
}

/** Where wireguard-go and `wg` meet by the device's name, which is the same on every node. */
const SOCKETS = '/run/wireguard';

const CLONE_NEWNET = 0x4000_0000;
const DEVICE = MARKS.wireguard.device;

let made = 0;

/** Needs the right to make network namespaces. @param others instead of the system's own */
export async function namespace(label: string, others: Partial<NetlinkCalls> = {}): Promise<Namespace> {
  made += 1;
  const name = `causeway-${process.pid}-${made}-${label}`;
  await mkdir(SOCKETS, { recursive: true });
  await run('ip', ['netns', 'add', name]);
  const undone = undoAtEnd(() => removeNow(name));
  const holder = await holdMounts(name);
  const inside = ['nsenter', '--target', String(holder.pid), '--mount', '--net', '--'];
  const commands = childCommands(inside);
  for (const [type, path] of [
    ['tmpfs', SOCKETS],
    ['sysfs', '/sys'],
  ] as const)
    await run('nsenter', [...inside.slice(1), 'mount', '-t', type, type, path]);
  await commands.run('ip', ['link', 'set', 'lo', 'up']);
  const tunnelProcess = (device: string = DEVICE): Promise<number | undefined> =>
    tunnelProcessIn(name, device);
  return {
    name,
    inside,
    commands,
    netlink: await netlinkIn(name, others),
    sysctls: sysctlsBy(commands),
    tunnelProcess,
    killTunnel: async (device = DEVICE) => {
      const pid = await tunnelProcess(device);
      if (pid === undefined) return;
      process.kill(pid, 'SIGKILL');
      await waitFor(
        'the device goes with its process',
        () => commands.run('ip', ['link', 'show', device]),
        ({ code }) => code !== 0,
      );
    },
    remove: async () => {
      removeNow(name);
      holder.stdin?.end();
      await once(holder, 'close');
      undone();
    },
  };
}

/**
 * A process that keeps a mount namespace in the network namespace, and ends with this one, whose pipe it reads. What it
 * echoes is the sign that it has got there.
 */
async function holdMounts(name: string): Promise<ChildProcess> {
  const words = [`--net=/run/netns/${name}`, 'unshare', '--mount', '--propagation', 'slave', 'cat'];
  const holder = spawn('nsenter', words, { stdio: ['pipe', 'pipe', 'inherit'] });
  holder.stdin.write('ready');
  await once(holder.stdout, 'data');
  return holder;
}

/** A socket belongs to the network that its thread is in when it is opened. */
async function netlinkIn(name: string, others: Partial<NetlinkCalls>): Promise<Netlink> {
  const calls = { ...(await loadNetlinkCalls()), ...others };
  const library = koffi.load(null);
  const setns = library.func('int setns(int, int)');
  const enter = (path: string): void => {
    const file = openSync(path, 'r');
    const result: number = setns(file, CLONE_NEWNET);
    closeSync(file);
    if (result !== 0) throw new Error(`setns ${path}: errno ${koffi.errno()}`);
  };
  const inside = <Result>(what: () => Result): Result => {
    enter(`/run/netns/${name}`);
    try {
      return what();
    } finally {
      enter(`/proc/${process.pid}/ns/net`);
    }
  };
  return netlinkBy({
    ...calls,
    open: protocol => inside(() => calls.open(protocol)),
    indexOf: device => inside(() => calls.indexOf(device)),
  });
}

/** The processes of tun devices would keep the namespace alive. */
function removeNow(name: string): void {
  for (const device of [DEVICE, MARKS.wireguard.detour.device])
    spawnSync('ip', ['-n', name, 'link', 'del', device]);
  spawnSync('ip', ['netns', 'del', name]);
}

async function tunnelProcessIn(name: string, device: string): Promise<number | undefined> {
  const pids = (await run('ip', ['netns', 'pids', name])).split('\n').filter(line => line !== '');
  for (const pid of pids) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.startsWith(`wireguard-go\0${device}\0`)) return Number(pid);
  }
  return undefined;
}

/** A process sees the settings of the namespace that it is in, so they are read and written by one that is in there. */
function sysctlsBy(commands: Commands): Sysctls {
  return {
    read: async path => {
      const { code, output } = await commands.run('cat', [`/proc/sys/net/${path}`]);
      return code === 0 ? output.trim() : undefined;
    },
    write: async (path, value) => {
      const { code, errors } = await commands.run('tee', [`/proc/sys/net/${path}`], value);
      if (code !== 0) throw new Error(errors);
    },
  };
}
