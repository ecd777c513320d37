import type { LocalWireGuard } from '../routes/model.ts';
import type { Commands, Outcome } from './commands.ts';
import { tryDevice } from './probe-device.ts';

/** By what WireGuard runs on this host; undefined where neither the kernel nor wireguard-go is there, or no `wg`. */
export async function findEngine(
  commands: Commands,
  device: string,
): Promise<LocalWireGuard['engine'] | undefined> {
  if ((await attempt(commands, 'wg', ['--version'])) === undefined) return undefined;
  // The kernel's own device that an agent before this one has made shows it; one of wireguard-go's is given up for it.
  const there = await attempt(commands, 'ip', ['-d', 'link', 'show', device]);
  if (there?.code === 0 && /^\s+wireguard\b/m.test(there.output)) return 'kernel';
  if ((await tryDevice(commands, 'wireguard')).code === 0) return 'kernel';
  return (await attempt(commands, 'wireguard-go', ['--version'])) && 'userspace';
}

/** Undefined where there is no such program. */
async function attempt(
  commands: Commands,
  program: string,
  args: readonly string[],
): Promise<Outcome | undefined> {
  try {
    return await commands.run(program, args);
  } catch {
    return undefined;
  }
}
