import type { GenericSchema } from 'valibot';
import type { Given, SettingsTable } from '../apps/setting.ts';
import type { Terminal } from './terminal.ts';

/** One thing that people do with a command, as they would type it. */
export interface Example {
  /** Completes "To …:". */
  readonly to: string;
  /** `causeway dns --source directory:mesh` */
  readonly line: string;
}

/** One subcommand. Its `run` loads what it needs: `--help` must not wait for a server's modules. */
export interface CliCommand {
  /** One word, or two where several commands are about the same thing: `coredns show`. */
  readonly name: string;
  /** One line for `causeway --help`; completes "To …". */
  readonly summary: string;
  /** What stands behind the name without a flag, in order. Those that are mandatory come first. */
  readonly operands?: SettingsTable;
  readonly settings: SettingsTable;
  readonly examples: readonly Example[];
  /** What `-o json` and `-o yaml` print, for commands that have `-o`. */
  readonly output?: GenericSchema;
  /** What `-o yaml` prints where that is something else. */
  readonly yaml?: string;
  /** @returns the exit code, one of EXIT. Throws CausewayError for what the user must mend. */
  readonly run: (given: Given, terminal: Terminal) => Promise<number>;
}

/** Exit codes of every command. */
export const EXIT = {
  /** Done, or all is well. */
  fine: 0,
  /** It was looked at, and something is wrong; or it failed on the way. */
  unhealthy: 1,
  /** The command line, a setting or a context cannot be understood. */
  usage: 2,
  /** A cluster or server gives no answer, or lets nobody in. */
  unreachable: 3,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const;
