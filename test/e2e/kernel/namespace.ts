import { spawnSync } from 'node:child_process';
import { type Commands, childCommands } from '../../../src/kernel/commands.ts';
import type { Sysctls } from '../../../src/kernel/sysctls.ts';
import { undoAtEnd } from '../kit/leftovers.ts';
import { run } from '../kit/process.ts';

/** A network namespace of the test's own, with nothing in it but a loopback device. */
export interface Namespace {
  readonly name: string;
  /** Words before a command that make it run in there. */
  readonly inside: readonly string[];
  readonly commands: Commands;
  readonly sysctls: Sysctls;
  remove(): Promise<void>;
}

let made = 0;

/** Needs the right to make network namespaces. */
export async function namespace(label: string): Promise<Namespace> {
  made += 1;
  const name = `causeway-${process.pid}-${made}-${label}`;
  await run('ip', ['netns', 'add', name]);
  const undone = undoAtEnd(() => {
    spawnSync('ip', ['netns', 'del', name]);
  });
  const inside = ['ip', 'netns', 'exec', name];
  const commands = childCommands(inside);
  await commands.run('ip', ['link', 'set', 'lo', 'up']);
  return {
    name,
    inside,
    commands,
    sysctls: sysctlsBy(commands),
    remove: async () => {
      await run('ip', ['netns', 'del', name]);
      undone();
    },
  };
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
