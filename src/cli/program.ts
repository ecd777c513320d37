import { Command, CommanderError, type Help, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { environmentOf, flagOf, type Setting } from '../apps/setting.ts';
import { CausewayError } from '../base/errors.ts';
import type { CliCommand } from './command.ts';

export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly print: (text: string) => void;
  /** Prints one line about what went wrong. */
  readonly complain: (line: string) => void;
}

/** Exit code of a command line or setting that cannot be understood. */
const USAGE = 2;

/**
 * Runs the command that the arguments name.
 *
 * @returns the exit code: 2 for a command line or setting that cannot be understood, 1 for what went wrong later
 */
export async function runProgram(
  commands: readonly CliCommand[],
  words: readonly string[],
  terminal: Terminal,
): Promise<number> {
  let exitCode = 0;
  const program = baseCommand(new Command('causeway'), terminal)
    .description(packageJson.description)
    .version(packageJson.version, '--version', 'print the version')
    .helpCommand(false);
  for (const command of commands) {
    const parser = baseCommand(program.command(command.name), terminal)
      .description(command.summary)
      .configureHelp({ formatItem: twoLines });
    for (const [name, setting] of Object.entries(command.settings)) parser.addOption(optionOf(name, setting));
    parser.action(async (found: Record<string, string[] | true>) => {
      // Where a flag may stand without its value, commander gives true.
      const flags = Object.fromEntries(
        Object.entries(found).map(([name, texts]) => [name, texts === true ? ['true'] : texts]),
      );
      exitCode = await command.run({ flags, environment: terminal.environment });
    });
  }
  try {
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    const named = commands.find(({ name }) => name === words[0]);
    return exitCodeOf(thrown, named === undefined ? 'causeway' : `causeway ${named.name}`, terminal);
  }
}

function baseCommand(command: Command, { print }: Terminal): Command {
  return command
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => {} })
    .helpOption('-h, --help', 'print this');
}

/** Values are only collected here: flags, variables and defaults are read in one place, with the same messages. */
function optionOf(name: string, { reader, help, shown, repeatable }: Setting<unknown>): Option {
  const again = repeatable ? '; may be repeated' : '';
  const option = new Option(
    `${flagOf(name)} ${reader.placeholder}`,
    `${help}${again} (default: ${shown}; ${environmentOf(name)})`,
  );
  option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
  return option;
}

/** Flags are long and so is what they do: each on a line of its own reads better than two columns. */
function twoLines(term: string, _width: number, description: string, helper: Help): string {
  const text = helper.boxWrap(description, Math.min(helper.helpWidth ?? 80, 100) - 6);
  return `  ${term}\n      ${text.replaceAll('\n', '\n      ')}`;
}

function exitCodeOf(thrown: unknown, command: string, { complain }: Terminal): number {
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return 0;
    // Commander puts its suggestion on a second line; one line is what a log shows.
    complain(`${thrown.message.replace(/^error: /, '').replaceAll('\n', ' ')}; see ${command} --help`);
    return USAGE;
  }
  if (thrown instanceof CausewayError) {
    complain(thrown.message);
    return thrown.code === 'SETTING_INVALID' ? USAGE : 1;
  }
  throw thrown;
}
