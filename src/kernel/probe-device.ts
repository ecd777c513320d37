import type { Commands, Outcome } from './commands.ts';

/** Made and deleted at once. */
const NAME = 'causeway-probe';

/**
 * Tries whether the kernel makes devices of a type, for which it may have to load a module. One that a process has left
 * that was ended in between is in nobody's way: it would be taken for a refusal.
 *
 * @param type with what such a device needs
 */
export async function tryDevice(commands: Commands, ...type: readonly string[]): Promise<Outcome> {
  await removeProbe(commands);
  const outcome = await commands.run('ip', ['link', 'add', NAME, 'type', ...type]);
  if (outcome.code === 0) await removeProbe(commands);
  return outcome;
}

/** Whether a process has left one that was ended in between. */
export async function hasProbe(commands: Commands): Promise<boolean> {
  return (await commands.run('ip', ['link', 'show', NAME])).code === 0;
}

export async function removeProbe(commands: Commands): Promise<void> {
  await commands.run('ip', ['link', 'del', NAME]);
}

/** In words of `ip`. */
export const PROBE_GOES = `ip link del ${NAME}`;
