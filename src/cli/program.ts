import { Command, CommanderError, type Help, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { environmentOf, flagOf, operandOf, type Setting } from '../apps/setting.ts';
import type { CliCommand } from './command.ts';
import { exitCodeOf, type Thrown } from './exit-code.ts';
import { GROUPS } from './index.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs the command that the arguments name.
 *
 * @returns the exit code, one of EXIT
 */
export async function runProgram(
  commands: readonly CliCommand[],
  typed: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const words = withoutHelp(commands, typed);
  let exitCode = 0;
  const ran = (code: number) => {
    exitCode = code;
  };
  const program = programOf(commands, terminal, ran);
  const listed = listedBy(program, words);
  try {
    if (listed === undefined) await program.parseAsync(words, { from: 'user' });
    else listed.outputHelp();
    return exitCode;
  } catch (thrown) {
    return exitCodeOf(thrownBy(thrown, commands, words, terminal), terminal);
  }
}

/** `help COMMAND` is `COMMAND --help`; commander's own would say nothing of commands with two words. */
function withoutHelp(commands: readonly CliCommand[], [first, ...about]: readonly string[]): string[] {
  if (first !== 'help') return first === undefined ? [] : [first, ...about];
  const isKnown = commands.some(({ name }) => name.split(' ')[0] === about[0]);
  return isKnown ? [...about, '--help'] : about;
}

/** Whoever names nothing, or a group alone, only wants to know what there is. */
function listedBy(program: Command, [first, ...more]: readonly string[]): Command | undefined {
  if (first === undefined) return program;
  const isGroup = more.length === 0 && Object.hasOwn(GROUPS, first);
  return isGroup ? program.commands.find(one => one.name() === first) : undefined;
}

function programOf(
  commands: readonly CliCommand[],
  terminal: Terminal,
  ran: (code: number) => void,
): Command {
  const program = baseCommand(new Command(terminal.program), terminal)
    .description(packageJson.description)
    .version(packageJson.version, '--version', 'print the version');
  const groups = new Map<string, Command>();
  for (const command of commands) {
    const [first = '', second] = command.name.split(' ');
    if (second === undefined) {
      addCommand(baseCommand(program.command(first), terminal), command, terminal, ran);
      continue;
    }
    const group =
      groups.get(first) ?? baseCommand(program.command(first), terminal).description(GROUPS[first] ?? '');
    groups.set(first, group);
    addCommand(baseCommand(group.command(second), terminal), command, terminal, ran);
  }
  return program;
}

function addCommand(
  parser: Command,
  command: CliCommand,
  terminal: Terminal,
  ran: (code: number) => void,
): void {
  const operands = Object.entries(command.operands ?? {});
  parser.description(command.summary).configureHelp({ formatItem: twoLines });
  // Whether one may be missing is decided where all values are read, with the same messages.
  for (const [name, { help }] of operands) parser.argument(`[${operandOf(name).slice(1, -1)}]`, help);
  for (const [name, setting] of Object.entries(command.settings)) parser.addOption(optionOf(name, setting));
  parser.addHelpText('after', examplesOf(command, terminal));
  parser.action(async (...all: unknown[]) => {
    const found = parser.opts<Record<string, string[] | true>>();
    // Where a flag may stand without its value, commander gives true.
    const flags = Object.fromEntries(
      Object.entries(found).map(([name, texts]) => [name, texts === true ? ['true'] : texts]),
    );
    const given = operands.map(([name], index) => {
      const text = all[index];
      return [name, typeof text === 'string' ? [text] : undefined] as const;
    });
    const { environment } = terminal;
    ran(await command.run({ flags, operands: Object.fromEntries(given), environment }, terminal));
  });
}

function examplesOf({ examples }: CliCommand, { program }: Terminal): string {
  return examples
    .map(({ to, line }) => `\nTo ${to}:\n  ${line.replaceAll(/\bcauseway (?=[a-z])/g, `${program} `)}\n`)
    .join('');
}

function baseCommand(command: Command, { print }: Terminal): Command {
  return command
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => {} })
    .helpOption('-h, --help', 'print this')
    .helpCommand(false);
}

/** Values are only collected here: flags, variables and defaults are read in one place, with the same messages. */
function optionOf(name: string, { reader, help, shown, repeatable, short }: Setting<unknown>): Option {
  const again = repeatable ? '; may be repeated' : '';
  const flag = short === undefined ? flagOf(name) : `-${short}, ${flagOf(name)}`;
  const option = new Option(
    `${flag} ${reader.placeholder}`,
    `${help}${again} (default: ${shown}; ${environmentOf(name)})`,
  );
  option.argParser((text: string, before: string[] | true | undefined) => [
    ...(before === true ? ['true'] : (before ?? [])),
    text,
  ]);
  return option;
}

/** Flags are long and so is what they do: each on a line of its own reads better than two columns. */
function twoLines(term: string, _width: number, description: string, helper: Help): string {
  const text = helper.boxWrap(description, Math.min(helper.helpWidth ?? 80, 100) - 6);
  return `  ${term}\n      ${text.replaceAll('\n', '\n      ')}`;
}

function thrownBy(
  thrown: unknown,
  commands: readonly CliCommand[],
  words: readonly string[],
  { program }: Terminal,
): Thrown {
  const named = commands.find(({ name }) => name === words[0] || name === words.slice(0, 2).join(' '));
  const command = named?.name ?? (words[0] !== undefined && words[0] in GROUPS ? words[0] : undefined);
  const verbose = words.includes('--verbose') && named?.settings['verbose'] !== undefined;
  const isUsage = thrown instanceof CommanderError;
  return {
    // What parsing found ends --help and --version, too; those are no faults.
    fault: isUsage && thrown.exitCode === 0 ? undefined : thrown,
    usage: isUsage,
    command: command === undefined ? program : `${program} ${command}`,
    verbose,
  };
}
