import type { Style } from '../terminal/style.ts';
import { oneLine } from '../terminal/visible.ts';
import { type Finding, markOf } from './finding.ts';
import type { Status } from './status.ts';
import { summaryLine } from './status-text.ts';

/**
 * A line for each finding that is new or says something else than before, for each that was not good and is not made
 * any more, and for what all of it comes to; empty where nothing has changed.
 */
export function statusChanges({ findings: before }: Status, after: Status, style: Style): string {
  const { time } = after.cluster;
  const when = time === undefined ? '' : `${time} `;
  const fresh = without(after.findings, before);
  const lines = [
    ...fresh.map(({ verdict, ...finding }) => `${markOf(verdict, style)} ${lineOf(finding)}`),
    // Not good for that: what is not there any more was not looked at.
    ...goneOf(before, after.findings, fresh).map(({ about, found }) => {
      return `- ${lineOf({ about, found: `no longer told: ${found}` })}`;
    }),
  ];
  const verdict = summaryLine(after.findings, style);
  if (lines.length === 0 && verdict === summaryLine(before, style)) return '';
  return `${lines.map(line => `${when}${line}\n`).join('')}${when}${verdict}`;
}

/** Those that were not good, and of which nothing new says what became of them. */
function goneOf(
  before: readonly Finding[],
  after: readonly Finding[],
  fresh: readonly Finding[],
): readonly Finding[] {
  return without(before, after).filter(
    ({ check, about, verdict }) =>
      verdict !== 'good' && !fresh.some(told => told.check === check && told.about === about),
  );
}

function without(findings: readonly Finding[], others: readonly Finding[]): readonly Finding[] {
  const said = new Set(others.map(textOf));
  return findings.filter(finding => !said.has(textOf(finding)));
}

function lineOf({ about, found }: Pick<Finding, 'about' | 'found'>): string {
  return oneLine(`${about}: ${found}`);
}

function textOf({ check, about, verdict, found }: Finding): string {
  return JSON.stringify([check, about, verdict, found]);
}
