import {
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

/** To be sourced by bash; needs no bash-completion. */
export function bash(grammar: Grammar): string {
  const { program, groups, commands } = grammar;
  const name = `_${program.replaceAll('-', '_')}`;
  const second = secondWords(grammar).map(
    ({ first, choices }) =>
      `      2:${first}) words=${quoted(choices.map(({ word }) => word).join(' '))} ;;\n`,
  );
  return `# bash completion of ${program}
${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  local command=\${COMP_WORDS[1]} depth=1 words=
  COMPREPLY=()
  # bash takes --output=json for three words.
  if [[ $current == = ]]; then
    current=
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  case $command in
    ${Object.keys(groups).join('|')}) depth=2 command+=" \${COMP_WORDS[2]}" ;;
  esac
  if (( COMP_CWORD <= depth )); then
    case $COMP_CWORD:\${COMP_WORDS[1]} in
      1:*) words=${quoted(
        firstWords(grammar)
          .map(({ word }) => word)
          .join(' '),
      )} ;;
${second.join('')}    esac
  else
    case "$command $before" in
${commands.map(cases).join('')}    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F ${name} ${program}
`;
}

function cases(command: CommandGrammar): string {
  const name = command.words.join(' ');
  const values = command.flags.flatMap(flag => {
    const action = actionOf(flag.value);
    const patterns = spellings(flag).map(spelling => quoted(`${name} ${spelling}`));
    return action === undefined ? [] : [`      ${patterns.join('|')}) ${action} ;;\n`];
  });
  const words = [...operandWords(command), ...command.flags.map(({ long }) => long)];
  return `${values.join('')}      ${quoted(`${name} `)}*) words=${quoted(words.join(' '))} ;;\n`;
}

function actionOf(value: Completion): string | undefined {
  switch (value.kind) {
    case 'words':
      return `words=${quoted(value.words.join(' '))}`;
    case 'files':
      return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")); return';
    case 'contexts':
      return `words=$(${CONTEXTS})`;
    case 'anything':
      return 'return';
    case 'nothing':
      return undefined;
  }
}
