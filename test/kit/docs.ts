import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { environmentOf, flagOf, type SettingsTable } from '../../src/apps/setting.ts';
import type { CliCommand } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/index.ts';
import { METRICS, type MetricDeclaration } from '../../src/ops/metric-table.ts';

const docs = join(import.meta.dirname, '../../docs');

/** A page of docs/ that is made from the source. */
export interface GeneratedPage {
  /** File name in docs/. */
  readonly name: string;
  readonly text: string;
}

/** Every generated page, as it should be. */
export function generatedPages(): GeneratedPage[] {
  return [
    { name: 'settings.md', text: settingsPage(COMMANDS) },
    { name: 'metrics.md', text: metricsPage(Object.values(METRICS)) },
  ];
}

/** The page as it is; empty where there is none. */
export function pageOnDisk({ name }: GeneratedPage): Promise<string> {
  return readFile(join(docs, name), 'utf8').catch(() => '');
}

function settingsPage(commands: readonly CliCommand[]): string {
  const sections = commands.map(({ name, summary, settings }) => [
    `## \`causeway ${name}\``,
    '',
    `To ${summary}.`,
    '',
    ...settingsTable(settings),
    '',
  ]);
  return [
    '# Settings',
    '',
    'Made from the settings tables in `src/apps/` by `npm run docs`.',
    '',
    'Each setting is a flag and an environment variable. The flag goes before the variable, the variable before the default;',
    'an empty variable counts as unset. A value that is not understood is one line on standard error and exit code 2.',
    '',
    ...sections.flat(),
  ].join('\n');
}

function settingsTable(table: SettingsTable): string[] {
  const rows = Object.entries(table).map(([name, { reader, help, shown, repeatable }]) => [
    `\`${flagOf(name)}\`<br>\`${environmentOf(name)}\``,
    plainText(`${help}${repeatable ? '; may be repeated, or several with commas' : ''}`),
    plainText(reader.must),
    plainText(shown),
  ]);
  return tableOf(['flag, variable', 'what it does', 'value', 'default'], rows);
}

function metricsPage(declarations: readonly MetricDeclaration[]): string {
  const rows = declarations.map(({ name, type, help, labels }) => [
    `\`${name}\``,
    type,
    help,
    Object.entries(labels)
      .map(([label, values]) => `\`${label}\`: ${values}`)
      .join('<br>'),
  ]);
  return [
    '# Metrics',
    '',
    'Made from `src/ops/metric-table.ts` by `npm run docs`.',
    '',
    'Served at `/metrics` on `--http-listen`, with the `process_*` and `nodejs_*` metrics of prom-client. No label holds',
    'anything that a client can choose, so the number of series is bounded.',
    '',
    ...tableOf(['metric', 'type', 'what it says', 'labels'], rows),
    '',
  ].join('\n');
}

/** Text that Markdown must not take for HTML: `<service>`. */
function plainText(text: string): string {
  return text.replaceAll('<', '&lt;');
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

if (import.meta.main) {
  for (const page of generatedPages()) await writeFile(join(docs, page.name), page.text);
}
