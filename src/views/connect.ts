import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { AppliedObject } from './applied.ts';
import { Finding, findingLines } from './finding.ts';

const Status = v.picklist(['True', 'False', 'Unknown']);

/** One direction: a cluster that reads another one. */
export const ConnectLink = v.strictObject({
  /** Cluster ids. */
  reader: v.string(),
  source: v.string(),
  /** Where the reader's controller asks the source. */
  server: v.string(),
  /** `kept`: the one that is there does. */
  credential: v.picklist(['new', 'kept']),
  /** When it ends, if the controller does not renew it before; absent: it has no end, or is not there yet. */
  credentialEnds: v.optional(v.string()),
  /** What it consists of in the source, and in the reader. */
  inSource: v.array(AppliedObject),
  inReader: v.array(AppliedObject),
  /** By the reader's controller, as last seen while waiting; Unknown: it was not waited for, or nothing was heard. */
  synced: Status,
  serving: Status,
});

/** What `causeway connect` prints. */
export const Connect = v.strictObject({
  /** Nothing was written: the changes are those that would come. */
  dryRun: v.boolean(),
  /** What was checked before, and what came of it. */
  findings: v.array(Finding),
  /** Empty: a finding speaks against it. */
  links: v.array(ConnectLink),
});

export type ConnectLink = v.InferOutput<typeof ConnectLink>;
export type Connect = v.InferOutput<typeof Connect>;

export function connectTable({ dryRun, findings, links }: Connect, style: Style): string {
  const notable = findings.filter(({ verdict }) => verdict !== 'good');
  const told = findingLines(notable, style);
  const failed = notable.some(({ verdict }) => verdict === 'bad');
  if (links.length === 0) return `${told}\nNothing was changed.\n`;
  const rows = links.map(link => [
    `${link.reader} reads ${link.source}`,
    link.server,
    credentialText(link),
    changesText(link, dryRun),
    link.synced,
    link.serving,
  ]);
  const head = ['LINK', 'SERVER', 'CREDENTIAL', 'OBJECTS', 'SYNCED', 'SERVING'];
  const [first] = links;
  const next =
    dryRun || failed || first === undefined
      ? ''
      : `\nNext: in a cluster that has a service to give, causeway export SERVICE -n NAMESPACE\n`;
  return `${table(head, rows)}${told === '' ? '' : `\n${told}`}${next}`;
}

function credentialText({ credential, credentialEnds }: ConnectLink): string {
  return credentialEnds === undefined ? credential : `${credential}, until ${credentialEnds}`;
}

function changesText({ inSource, inReader }: ConnectLink, dryRun: boolean): string {
  const counts = (['created', 'changed'] as const).flatMap(change => {
    const count = [...inSource, ...inReader].filter(one => one.change === change).length;
    return count === 0 ? [] : [`${count} ${dryRun ? 'to be ' : ''}${change}`];
  });
  return counts.length === 0 ? 'unchanged' : counts.join(', ');
}
