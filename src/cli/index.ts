import type { CliCommand } from './command.ts';
import { dns } from './dns.ts';

/** Every subcommand, in the order of `causeway --help`. */
export const COMMANDS: readonly CliCommand[] = [dns];
