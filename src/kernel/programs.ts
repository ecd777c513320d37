import { CausewayError, messageOf } from '../base/errors.ts';
import type { Commands, Outcome } from './commands.ts';

interface Program {
  readonly name: string;
  /** What the program prints with `-V` begins its version with these. */
  readonly version: RegExp;
  /** The oldest that the tests have run with. */
  readonly least: readonly number[];
  readonly package: string;
}

const PROGRAMS: readonly Program[] = [
  { name: 'ip', version: /iproute2-v?([\d.]+)/, least: [6, 1], package: 'iproute2' },
  { name: 'nft', version: /nftables v([\d.]+)/, least: [1, 0, 6], package: 'nftables' },
  { name: 'setpriv', version: /setpriv from util-linux ([\d.]+)/, least: [2, 38], package: 'util-linux' },
];

/**
 * Whether the programs are there by which the kernel is changed and tells of changes, and whether they may.
 *
 * @throws CausewayError PROGRAM_MISSING, PROGRAM_TOO_OLD or PERMISSION_MISSING: the first thing that is in the way
 */
export async function checkPrograms(commands: Commands): Promise<void> {
  for (const program of PROGRAMS) await checkVersion(commands, program);
  // Only who may change the network may look at its firewall, and only what a program may that we start is of use.
  const { code, errors } = await run(commands, 'nft', 'nftables', ['-j', 'list', 'tables']);
  if (code === 0) return;
  if (/not permitted|permission denied/i.test(errors))
    throw new CausewayError(
      'PERMISSION_MISSING',
      `looking at the firewall by "nft -j list tables": ${firstLine(errors)}; ` +
        "run the agent as root with the capability NET_ADMIN in the host's network namespace",
    );
  throw new CausewayError(
    'KERNEL_UNREADABLE',
    `looking at the firewall by "nft -j list tables": ${firstLine(errors)}; ` +
      'needs a kernel with nf_tables and an nft that was built with JSON',
  );
}

async function checkVersion(commands: Commands, program: Program): Promise<void> {
  const { name, version, least, package: from } = program;
  const { output, errors } = await run(commands, name, from, ['-V']);
  const found = version.exec(output)?.[1];
  const needed = `install ${from} ${least.join('.')} or later`;
  if (found === undefined)
    throw new CausewayError(
      'PROGRAM_MISSING',
      `"${name} -V" printed ${JSON.stringify(firstLine(output || errors))}, which is not the ${name} of ${from}; ${needed}`,
    );
  if (isBefore(found.split('.').map(Number), least))
    throw new CausewayError('PROGRAM_TOO_OLD', `${name} is of ${from} ${found}, which is too old; ${needed}`);
}

async function run(
  commands: Commands,
  name: string,
  from: string,
  args: readonly string[],
): Promise<Outcome> {
  try {
    return await commands.run(name, args);
  } catch (thrown) {
    const missing = Object(thrown).code === 'ENOENT';
    const found = missing ? 'is not there: none in PATH' : `cannot be run: ${messageOf(thrown)}`;
    throw new CausewayError('PROGRAM_MISSING', `${name} ${found}; install ${from}`, { cause: thrown });
  }
}

function isBefore(version: readonly number[], least: readonly number[]): boolean {
  const at = least.findIndex((part, index) => part !== (version[index] ?? 0));
  return at !== -1 && (version[at] ?? 0) < (least[at] ?? 0);
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 200) ?? '';
}
