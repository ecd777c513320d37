import type { Given, SettingsTable } from '../apps/setting.ts';

/** One subcommand. Its `run` loads what it needs: `--help` must not wait for a server's modules. */
export interface CliCommand {
  readonly name: string;
  /** One line for `causeway --help`. */
  readonly summary: string;
  readonly settings: SettingsTable;
  /** @returns the exit code. Throws CausewayError for what the user must mend. */
  readonly run: (given: Given) => Promise<number>;
}
