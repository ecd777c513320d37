import {
  CONTEXTS,
  type CommandGrammar,
  type Completion,
  firstWords,
  type Grammar,
  operandWords,
  secondWords,
} from './grammar.ts';

/** To be sourced by fish, or to lie in its completions folder. */
export function fish(grammar: Grammar): string {
  const { program, commands } = grammar;
  const first = firstWords(grammar).map(
    ({ word, help }) => `complete -c ${program} -n '__${name(program)}_is' -a ${word} -d ${text(help)}\n`,
  );
  const second = secondWords(grammar).flatMap(({ first: before, choices }) =>
    choices.map(
      ({ word, help }) =>
        `complete -c ${program} -n '__${name(program)}_is ${before}' -a ${word} -d ${text(help)}\n`,
    ),
  );
  return `# fish completion of ${program}
# Whether these words are all that has been typed.
function __${name(program)}_is
    set -l typed (commandline -opc)[2..]
    test "$typed" = "$argv"
end
# Whether these words are what has been typed first.
function __${name(program)}_in
    set -l typed (commandline -opc)[2..]
    test (count $typed) -ge (count $argv); and test "$typed[1..$(count $argv)]" = "$argv"
end
complete -c ${program} -f
${[...first, ...second, ...commands.flatMap(command => lines(program, command))].join('')}`;
}

function lines(program: string, command: CommandGrammar): string[] {
  const start = `complete -c ${program} -n '__${name(program)}_in ${command.words.join(' ')}'`;
  const flags = command.flags.map(({ long, short, help, value }) => {
    const spelled = `-l ${long.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}`;
    return `${start} ${spelled}${valueFlags(value)} -d ${text(help)}\n`;
  });
  const operands = operandWords(command);
  return operands.length === 0 ? flags : [`${start} -a ${text(operands.join(' '))}\n`, ...flags];
}

function valueFlags(value: Completion): string {
  switch (value.kind) {
    case 'words':
      return ` -x -a ${text(value.words.join(' '))}`;
    case 'files':
      return ' -r -F';
    case 'contexts':
      return ` -x -a '(${CONTEXTS})'`;
    case 'anything':
      return ' -x';
    case 'nothing':
      return '';
  }
}

function name(program: string): string {
  return program.replaceAll('-', '_');
}

/** fish reads backslashes in single quotes. */
function text(words: string): string {
  return `'${words.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
