import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toJsonSchema } from '@valibot/to-json-schema';
import { environmentOf, flagOf, operandOf, type SettingsTable } from '../../src/apps/setting.ts';
import type { CliCommand } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/index.ts';
import { FINDINGS } from '../../src/corefile/finding.ts';
import type { Family, Message } from '../../src/diagnose/family.ts';
import { FAMILIES } from '../../src/diagnose/index.ts';
import type { MetricDeclaration } from '../../src/ops/metric-declaration.ts';
import { METRICS } from '../../src/ops/metric-table.ts';

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
    { name: 'commands/README.md', text: commandsPage(COMMANDS) },
    ...COMMANDS.map(command => ({ name: `commands/${fileOf(command.name)}`, text: commandPage(command) })),
    { name: 'metrics.md', text: metricsPage(Object.values(METRICS)) },
    { name: 'troubleshooting.md', text: troubleshootingPage(FAMILIES) },
  ];
}

/** The page as it is; empty where there is none. */
export function pageOnDisk({ name }: GeneratedPage): Promise<string> {
  return readFile(join(docs, name), 'utf8').catch(() => '');
}

const COMMANDS_HEAD = `# Commands

Made from the commands in \`src/cli/\` by \`npm run docs\`.

Each setting is a flag and an environment variable. The flag goes before the variable, the variable before the default; an
empty variable counts as unset. A value that is not understood is one line on standard error and exit code 2.

| exit code | what it means |
| --- | --- |
| 0 | done, or all is well |
| 1 | it was looked at, and something is wrong; or it failed on the way |
| 2 | the command line, a setting, a context or a kubeconfig cannot be understood |
| 3 | a cluster or server gives no answer, or lets nobody in |
| 130 | ended by Ctrl-C or SIGTERM before it was done; what stays until then (\`dns\`, \`controller\`, \`agent\`, \`--watch\`) ends with 0 |

\`status\` and \`coredns show\`, which are asked whether all is well, end with 1 also for what could not be looked at (\`?\`);
\`diagnose\`, \`connect\` and \`resolve\` only for what is wrong (\`✗\`). The lists of \`get\` end with 0 whatever they hold, nothing
included.

What was asked for goes to standard output, how it goes on the way to standard error. Colours appear on a terminal only, and
not where \`NO_COLOR\` is set. Errors are one line; \`--verbose\` adds where in the program they came from.
`;

function commandsPage(commands: readonly CliCommand[]): string {
  const rows = commands.map(({ name, summary }) => [
    `[\`causeway ${name}\`](${fileOf(name)})`,
    `to ${summary}`,
  ]);
  return `${[COMMANDS_HEAD, ...tableOf(['command', 'what for'], rows)].join('\n')}\n`;
}

function fileOf(name: string): string {
  return `${name.replace(' ', '-')}.md`;
}

function commandPage({ name, summary, operands = {}, settings, examples, output, yaml }: CliCommand): string {
  const usage = ['causeway', name, ...Object.keys(operands).map(operandOf), '[flags]'].join(' ');
  const given = Object.entries(operands).map(([operand, { reader, help, shown }]) => [
    `\`${operandOf(operand)}\``,
    ...[help, reader.must, shown].map(plainText),
  ]);
  return [
    `# \`causeway ${name}\``,
    '',
    'Made from `src/cli/` by `npm run docs`.',
    '',
    `To ${summary}.`,
    '',
    ...fenced('', usage),
    ...examples.flatMap(({ to, line }) => [`To ${to}:`, '', ...fenced('', line)]),
    ...(given.length === 0 ? [] : [...tableOf(['operand', 'what it is', 'value', 'default'], given), '']),
    ...settingsTable(settings),
    '',
    ...(output === undefined ? [] : outputSection(output, yaml)),
  ].join('\n');
}

function outputSection(output: NonNullable<CliCommand['output']>, yaml: string | undefined): string[] {
  const { $schema: _, ...schema } = toJsonSchema(output, { errorMode: 'ignore' });
  return [
    '## What `-o json` prints',
    '',
    `Its JSON Schema; \`-o yaml\` prints ${yaml ?? 'the same'}:`,
    '',
    ...fenced('json', JSON.stringify(schema, null, 2)),
  ];
}

function fenced(language: string, text: string): string[] {
  return [`\`\`\`${language}`, text, '```', ''];
}

function settingsTable(table: SettingsTable): string[] {
  const rows = Object.entries(table).map(([name, { reader, help, shown, repeatable, short }]) => [
    `\`${short === undefined ? '' : `-${short}, `}${flagOf(name)}\`<br>\`${environmentOf(name)}\``,
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

const TROUBLESHOOTING_HEAD = `# Troubleshooting

Made from the tables of checks in \`src/diagnose/\` by \`npm run docs\`.

\`causeway diagnose --context A --destination-context B\` checks everything below in one go, and prints cause and cure beside
what it found. Look for the words it printed; what stands in braces is different from case to case. What begins with \`✗\` is
wrong and ends the command with exit code 1, \`⚠\` works and wants to be looked at, \`?\` could not be looked at and is never
taken for good.
`;

function troubleshootingPage(families: readonly Family[]): string {
  return [TROUBLESHOOTING_HEAD, ...families.map(familySection)].join('\n');
}

function familySection({ about, name, checks, messages }: Family): string {
  const rows = Object.entries(checks).map(([check, sure]) => [`\`${check}\``, sure]);
  return [
    `## \`${name}\`: ${about}`,
    '',
    ...tableOf(['check', 'what it makes sure of'], rows),
    '',
    ...Object.entries(messages).flatMap(([code, message]) => messageSection(code, message)),
  ].join('\n');
}

function messageSection(code: string, { check, verdict, found, cause, cure }: Message): string[] {
  const heading = `### \`${verdict === 'bad' ? '✗' : '⚠'} ${found}\``;
  return [
    heading,
    '',
    `${code}, of check \`${check}\`.`,
    '',
    `Cause: ${plainText(cause)}`,
    '',
    `Cure: ${plainText(cure)}`,
    '',
  ];
}

/** The table of everything that a Corefile is judged by, in docs/coredns.md. */
export function corefileFindingsTable(): string {
  const rows = Object.entries(FINDINGS).map(([code, { severity, about }]) => [code, severity, about]);
  return tableOf(['code', 'how bad', 'what it is'], rows).join('\n');
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
  await rm(join(docs, 'commands'), { recursive: true, force: true });
  await mkdir(join(docs, 'commands'));
  for (const page of generatedPages()) await writeFile(join(docs, page.name), page.text);
}
