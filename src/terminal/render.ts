import { type Style, styleFor } from './style.ts';
import { escaped, visibleIn } from './visible.ts';

export const OUTPUT_FORMATS = ['table', 'json', 'yaml'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What the process knows about where output goes. */
export interface Surroundings {
  readonly isTerminal: { readonly output: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * What a command found, in the format that was asked for. Whatever its texts hold, a terminal obeys nothing of it.
 *
 * @param value plain data; the same for JSON and YAML
 * @param asTable the same for people
 */
export async function render<Value>(
  format: OutputFormat,
  value: Value,
  asTable: (value: Value, style: Style) => string,
  { isTerminal, environment }: Surroundings,
): Promise<string> {
  if (format === 'json') return `${escaped(JSON.stringify(value, null, 2))}\n`;
  if (format === 'yaml') return escaped(await yamlText(value));
  return asTable(visibleIn(value), styleFor(isTerminal.output, environment));
}

/** Loaded for those who ask for it: what runs for years on every node loads this file as well, and prints no YAML. */
async function yamlText(value: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}
