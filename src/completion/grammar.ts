/** What may stand where a value is expected. */
export type Completion =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' }
  /** Contexts of the kubeconfig, which kubectl knows. */
  | { readonly kind: 'contexts' }
  /** Anything: there is nothing to suggest. */
  | { readonly kind: 'anything' }
  /** The flag stands alone. */
  | { readonly kind: 'nothing' };

export interface FlagGrammar {
  /** `--output` */
  readonly long: string;
  /** `-o` */
  readonly short?: string;
  readonly help: string;
  readonly value: Completion;
}

export interface CommandGrammar {
  /** One word or two. */
  readonly words: readonly string[];
  readonly summary: string;
  readonly flags: readonly FlagGrammar[];
  /** Of what stands without a flag. */
  readonly operands: readonly Completion[];
}

/** A whole command line, as a shell has to know it. */
export interface Grammar {
  readonly program: string;
  /** First word of commands with two → what these have in common. */
  readonly groups: Readonly<Record<string, string>>;
  readonly commands: readonly CommandGrammar[];
}

export interface Choice {
  readonly word: string;
  readonly help: string;
}

/** What may stand first. */
export function firstWords({ commands, groups }: Grammar): Choice[] {
  const choices = commands.map(({ words, summary }) => {
    const word = words[0] ?? '';
    return { word, help: words.length > 1 ? (groups[word] ?? '') : summary };
  });
  return choices.filter(({ word }, index) => choices.findIndex(one => one.word === word) === index);
}

/** What may stand second, by what stands first. */
export function secondWords({
  commands,
  groups,
}: Grammar): { readonly first: string; readonly choices: Choice[] }[] {
  return Object.keys(groups).map(first => ({
    first,
    choices: commands
      .filter(({ words }) => words.length > 1 && words[0] === first)
      .map(({ words, summary }) => ({ word: words[1] ?? '', help: summary })),
  }));
}

/** Both spellings of a flag. */
export function spellings({ long, short }: FlagGrammar): string[] {
  return short === undefined ? [long] : [long, short];
}

/** Words that may stand as an operand. */
export function operandWords({ operands }: CommandGrammar): string[] {
  return operands.flatMap(operand => (operand.kind === 'words' ? operand.words : []));
}

/** What kubectl prints, one context a line; the same in every shell. */
export const CONTEXTS = 'kubectl config get-contexts -o name 2>/dev/null';

/** In single quotes, which the three shells read alike but for what ends them. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
