import {
  type Choice,
  CONTEXTS,
  type CommandGrammar,
  type Completion,
  firstWords,
  type Grammar,
  operandWords,
  quoted,
  secondWords,
  spellings,
} from './grammar.ts';

/** To be sourced by zsh after compinit, or to lie in its fpath as `_causeway`. */
export function zsh(grammar: Grammar): string {
  const { program, groups, commands } = grammar;
  const name = `_${program.replaceAll('-', '_')}`;
  const second = secondWords(grammar).map(
    ({ first, choices }) => `      (3:${first}) candidates=(${listOf(choices)}) ;;\n`,
  );
  return `#compdef ${program}
# zsh completion of ${program}
${name}() {
  local -a candidates
  local command=$words[2] before=$words[CURRENT-1] depth=2
  case $command in
    (${Object.keys(groups).join('|')}) depth=3 command+=" $words[3]" ;;
  esac
  if (( CURRENT <= depth )); then
    case $CURRENT:$words[2] in
      (2:*) candidates=(${listOf(firstWords(grammar))}) ;;
${second.join('')}    esac
    _describe command candidates
    return
  fi
  case "$command $before" in
${commands.map(cases).join('')}  esac
  _describe value candidates
}
(( $+functions[compdef] )) && compdef ${name} ${program}
`;
}

function cases(command: CommandGrammar): string {
  const name = command.words.join(' ');
  const values = command.flags.flatMap(flag => {
    const action = actionOf(flag.value);
    const patterns = spellings(flag).map(spelling => quoted(`${name} ${spelling}`));
    return action === undefined ? [] : [`    (${patterns.join('|')}) ${action} ;;\n`];
  });
  const choices = [
    ...operandWords(command).map(word => ({ word, help: '' })),
    ...command.flags.map(({ long, help }) => ({ word: long, help })),
  ];
  return `${values.join('')}    (${quoted(`${name} `)}*) candidates=(${listOf(choices)}) ;;\n`;
}

function actionOf(value: Completion): string | undefined {
  switch (value.kind) {
    case 'words':
      return `candidates=(${listOf(value.words.map(word => ({ word, help: '' })))})`;
    case 'files':
      return '_files; return';
    case 'contexts':
      // A context may hold colons, which would begin its description.
      return `candidates=("\${(@)\${(@f)"$(${CONTEXTS})"}//:/\\\\:}")`;
    case 'anything':
      return 'return';
    case 'nothing':
      return undefined;
  }
}

/** As `_describe` reads them: the word, a colon, what it means. */
function listOf(choices: readonly Choice[]): string {
  return choices
    .map(({ word, help }) => quoted(help === '' ? word : `${word}:${help.replaceAll(':', '\\:')}`))
    .join(' ');
}
