import * as read from '../apps/readers.ts';
import { flagOf, mandatory, type Reader, readOperands, type SettingsTable } from '../apps/setting.ts';
import type { Completion, Grammar } from '../completion/grammar.ts';
import { type CliCommand, EXIT } from './command.ts';

const operands = {
  shell: mandatory(read.choice(['bash', 'zsh', 'fish']), 'the shell that shall know what may be typed'),
};

/** @param grammar of the whole program, this command included */
export function completion(grammar: () => Grammar): CliCommand {
  return {
    name: 'completion',
    summary: 'print the script by which a shell completes command lines',
    operands,
    settings: {},
    examples: [
      { to: 'have it in this bash', line: 'source <(causeway completion bash)' },
      { to: 'have it in every zsh', line: `causeway completion zsh > "\${fpath[1]}/_causeway"` },
      {
        to: 'have it in every fish',
        line: 'causeway completion fish > ~/.config/fish/completions/causeway.fish',
      },
    ],
    run: async (given, terminal) => {
      const { shell } = readOperands(operands, given);
      const { SHELLS } = await import('../completion/index.ts');
      terminal.print(SHELLS[shell](grammar()));
      return EXIT.fine;
    },
  };
}

/** What shells have to know of these commands. */
export function grammarOf(
  commands: readonly Pick<CliCommand, 'name' | 'summary' | 'operands' | 'settings'>[],
  groups: Grammar['groups'],
): Grammar {
  return {
    program: 'causeway',
    groups,
    commands: commands.map(({ name, summary, operands = {}, settings }) => ({
      words: name.split(' '),
      summary,
      flags: flagsOf(settings),
      operands: Object.values(operands).map(({ reader }) => completionOf(reader)),
    })),
  };
}

function flagsOf(settings: SettingsTable): Grammar['commands'][number]['flags'] {
  const own = Object.entries(settings).map(([name, { reader, help, short }]) => ({
    long: flagOf(name),
    ...(short === undefined ? {} : { short: `-${short}` }),
    help,
    value: completionOf(reader),
  }));
  return [...own, { long: '--help', short: '-h', help: 'print this', value: { kind: 'nothing' } }];
}

/** In brackets stands what may be left out. */
function completionOf({ placeholder, suggests }: Reader<unknown>): Completion {
  if (placeholder.startsWith('[')) return { kind: 'nothing' };
  if (suggests === undefined) return { kind: 'anything' };
  return typeof suggests === 'string' ? { kind: suggests } : { kind: 'words', words: suggests };
}
