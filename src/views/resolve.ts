import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { Draws, drawsText } from './draws.ts';
import { Explanation, explanationText } from './explanation.ts';
import { Finding, findingLines } from './finding.ts';
import { Watched, watchedText } from './watched.ts';

const ReplyRecord = v.strictObject({
  name: v.string(),
  ttl: v.number(),
  type: v.string(),
  data: v.string(),
  /** The cluster that has this address, as far as is known. */
  cluster: v.optional(v.string()),
});

const Reply = v.strictObject({
  /** A pod, or an address and a port. */
  server: v.string(),
  transport: v.picklist(['udp', 'tcp', 'http']),
  rcode: v.string(),
  /** As dig prints them: `aa`. */
  flags: v.array(v.string()),
  milliseconds: v.number(),
  /** How the server calls itself. */
  nsid: v.optional(v.string()),
  /** UDP payload size that it announces; absent: it does not speak EDNS. */
  payloadSize: v.optional(v.number()),
  extendedErrors: v.array(
    v.strictObject({ code: v.number(), meaning: v.string(), text: v.optional(v.string()) }),
  ),
  answers: v.array(ReplyRecord),
  authorities: v.array(ReplyRecord),
});

/** What `causeway resolve` prints. */
export const Resolve = v.strictObject({
  /** With a dot at its end. */
  name: v.string(),
  type: v.string(),
  /** Who was asked: every DNS replica, one server, or the cluster's CoreDNS. */
  asked: v.picklist(['replicas', 'server', 'coredns']),
  /** One of each that answered. */
  replies: v.array(Reply),
  /** Absent where nobody says why. */
  why: v.optional(Explanation),
  /** With -n. */
  draws: v.optional(Draws),
  /** With --watch. */
  watched: v.optional(Watched),
  findings: v.array(Finding),
});

export type Resolve = v.InferOutput<typeof Resolve>;
export type ResolveReply = v.InferOutput<typeof Reply>;
export type ResolveRecord = v.InferOutput<typeof ReplyRecord>;

export function resolveTable(report: Resolve, style: Style): string {
  const { name, type, replies, why, draws, watched, findings } = report;
  return [
    `${style.strong(`${name} ${type}`)}\n`,
    ...replies.map(reply => replyText(reply, style)),
    ...(why === undefined ? [] : [explanationText(why, style)]),
    ...(draws === undefined ? [] : [drawsText(draws, style)]),
    ...(watched === undefined ? [] : [watchedText(watched)]),
    ...(findings.length === 0 ? [] : [findingLines(findings, style)]),
  ].join('\n');
}

function replyText(reply: ResolveReply, style: Style): string {
  const { server, transport, rcode, flags, milliseconds, nsid, payloadSize, extendedErrors } = reply;
  const facts = [
    rcode === 'NOERROR' ? rcode : style.bad(rcode),
    flags.join(' '),
    transport,
    payloadSize === undefined ? 'no EDNS' : `EDNS ${payloadSize}`,
    `${milliseconds.toFixed(1)} ms`,
    // A replica is known by its pod, which is what it calls itself.
    ...(nsid === undefined || nsid === server ? [] : [`NSID ${nsid}`]),
  ];
  const errors = extendedErrors.map(
    ({ code, meaning, text }) =>
      `  extended error ${code}, ${meaning}${text === undefined ? '' : `: ${text}`}\n`,
  );
  // The authority is of interest where there is nothing else: it says for how long.
  const records = reply.answers.length > 0 ? reply.answers : reply.authorities;
  const rows = records.map(record => [
    `  ${record.name}`,
    `${record.ttl}`,
    record.type,
    record.data,
    ...(record.cluster === undefined ? [] : [style.faint(record.cluster)]),
  ]);
  const lines = rows.length === 0 ? '' : table(undefined, rows);
  return `${style.strong(server)}  ${facts.join('  ')}\n${errors.join('')}${lines}`;
}
