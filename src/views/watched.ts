import * as v from 'valibot';
import { several } from '../base/several.ts';
import { oneLine } from '../terminal/visible.ts';

/** What came of watching a name. */
export const Watched = v.strictObject({
  seconds: v.number(),
  servers: v.array(
    v.strictObject({
      server: v.string(),
      asked: v.number(),
      /** Questions without an answer. */
      missing: v.number(),
      /** Milliseconds: the longest time from one answer to the next, over at least one that was missing. */
      longestGap: v.number(),
      /** How often each cluster was answered. */
      clusters: v.array(v.strictObject({ cluster: v.string(), answers: v.number() })),
    }),
  ),
  changes: v.array(
    v.strictObject({
      /** RFC 3339 */
      at: v.string(),
      server: v.string(),
      from: v.string(),
      to: v.string(),
    }),
  ),
});

export type Watched = v.InferOutput<typeof Watched>;
export type WatchedChange = Watched['changes'][number];

/** `12:00:03.512  causeway-dns-1  east, west → west` */
export function changeLine({ at, server, from, to }: WatchedChange): string {
  return `${oneLine(`${at.slice(11, 23)}  ${server}  ${from === '' ? '' : `${from} → `}${to}`)}\n`;
}

export function watchedText({ seconds, servers, changes }: Watched): string {
  const lines = servers.map(({ server, asked, missing, longestGap, clusters }) => {
    const gap = missing === 0 ? '' : ` (${(longestGap / 1000).toFixed(1)} s at the longest)`;
    const counts = clusters.map(({ cluster, answers }) => `${cluster} ${answers}`).join(', ');
    return `  ${server}: ${asked} asked, ${missing} without an answer${gap}${counts === '' ? '' : `; ${counts}`}\n`;
  });
  // The first line of each server is how it began.
  const count = changes.filter(({ from }) => from !== '').length;
  return `Watched for ${seconds.toFixed(0)} s: ${several(count, 'change')}\n${lines.join('')}`;
}
