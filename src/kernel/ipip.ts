import { listOf, text } from '../routes/json.ts';
import type { Commands, Outcome } from './commands.ts';

/** Made and deleted at once, to see whether the kernel can: it may have to load a module for it. */
const PROBE = 'causeway-probe';

/**
 * Whether this host can have a device for IPv4 in IPv4, or why not. Where another has one in use, ours would take its
 * packets away: the kernel gives them to the device that has the address they came to.
 *
 * @param device ours, which may be there already
 */
export async function findIPIP(commands: Commands, device: string): Promise<true | string> {
  const ip = (...words: string[]): Promise<Outcome> => commands.run('ip', words);
  const devices = listOf(parsed(await ip('-j', '-d', 'link', 'show', 'type', 'ipip')));
  const names = devices
    .filter(({ flags }) => Array.isArray(flags) && flags.includes('UP'))
    .map(({ ifname }) => text(ifname));
  const others = names.filter(name => name !== device);
  if (others.length > 0) return `${others.join(', ')} of this host, which is not ours, takes these packets`;
  if (names.length > 0) return true;
  const { code, errors } = await ip('link', 'add', PROBE, 'type', 'ipip', 'local', '127.0.0.1');
  if (code === 0) {
    await ip('link', 'del', PROBE);
    return true;
  }
  return /Unknown device type|not supported/.test(errors)
    ? 'this kernel has no IPIP devices'
    : `this host makes no IPIP device: ${errors.trim()}`;
}

function parsed({ output }: Outcome): unknown {
  try {
    return JSON.parse(output);
  } catch {
    return [];
  }
}
