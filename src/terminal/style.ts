/** How text is shown: coloured on a terminal, plain elsewhere. */
export interface Style {
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly bad: (text: string) => string;
  /** What matters least. */
  readonly faint: (text: string) => string;
  readonly strong: (text: string) => string;
}

const escaped = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;

export const COLOURED: Style = {
  good: escaped(32),
  warning: escaped(33),
  bad: escaped(31),
  faint: escaped(2),
  strong: escaped(1),
};

const same = (text: string): string => text;

export const PLAIN: Style = { good: same, warning: same, bad: same, faint: same, strong: same };

/**
 * Colours on a terminal only, and not where NO_COLOR is set to anything (https://no-color.org) or the terminal is dumb.
 */
export function styleFor(
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): Style {
  const forbidden = Boolean(environment['NO_COLOR']) || environment['TERM'] === 'dumb';
  return isTerminal && !forbidden ? COLOURED : PLAIN;
}
