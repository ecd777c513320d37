import { CausewayError, messageOf } from '../base/errors.ts';
import type { Commands, Outcome } from './commands.ts';

/** What is said on a host without IPv6. */
export const NO_FAMILY = 'Address family not supported';

/** As much of a message or a transaction as stands in a log line. */
export const SHOWN = 300;

/**
 * What a program prints as JSON.
 *
 * @param nothing what the program says where there is nothing to list; then it is undefined
 * @throws CausewayError KERNEL_UNREADABLE where the program is missing, says no or speaks another language
 */
export async function ask(
  commands: Commands,
  program: string,
  args: readonly string[],
  ...nothing: readonly string[]
): Promise<unknown> {
  const output = await askText(commands, program, args, ...nothing);
  return output === undefined ? undefined : readJson(output, program, args);
}

/** The same, not read yet. */
export async function askText(
  commands: Commands,
  program: string,
  args: readonly string[],
  ...nothing: readonly string[]
): Promise<string | undefined> {
  const { code, output, errors } = await runOrThrow(commands, program, args);
  if (code !== 0 && nothing.some(one => errors.includes(one))) return undefined;
  if (code !== 0) throw unreadable(program, args, errors.trim());
  return output;
}

/** @throws CausewayError KERNEL_UNREADABLE where it is no JSON */
export function readJson(output: string, program: string, args: readonly string[]): unknown {
  try {
    return output.trim() === '' ? [] : JSON.parse(output);
  } catch {
    throw unreadable(program, args, `answered with no JSON: ${output.slice(0, SHOWN)}`);
  }
}

/** @throws CausewayError KERNEL_UNREADABLE where the program cannot be run */
export async function runOrThrow(
  commands: Commands,
  program: string,
  args: readonly string[],
  input?: string,
): Promise<Outcome> {
  try {
    return await commands.run(program, args, input);
  } catch (error) {
    throw unreadable(program, args, messageOf(error));
  }
}

export function unreadable(program: string, args: readonly string[], found: string): CausewayError {
  const message =
    `asking the kernel by "${program} ${args.join(' ')}": ${found.slice(0, SHOWN)}; ` +
    'needs iproute2 and nftables, wireguard-tools for encryption, and CAP_NET_ADMIN';
  return new CausewayError('KERNEL_UNREADABLE', message);
}
