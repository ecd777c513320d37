import type { CliCommand } from './command.ts';
import { controller } from './controller.ts';
import { dns } from './dns.ts';

/** Every subcommand, in the order of `causeway --help`. */
export const COMMANDS: readonly CliCommand[] = [dns, controller];
