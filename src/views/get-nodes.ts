import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { markOf, type Verdict } from './finding.ts';

/** What `causeway get nodes` prints. */
export const GetNodes = v.strictObject({
  nodes: v.array(
    v.strictObject({
      /** One of another cluster begins with it: `west/node-1`. */
      name: v.string(),
      /** Absent: this one. */
      cluster: v.optional(v.string()),
      /** As its own cluster sees it. Absent: nobody says. */
      ready: v.optional(v.boolean()),
      addresses: v.array(v.string()),
      podCIDRs: v.array(v.string()),
      zone: v.optional(v.string()),
      /** Octets of the largest packet that its network takes, as its routing agent says. */
      mtu: v.optional(v.number()),
      /** Whether it has a WireGuard key. */
      key: v.boolean(),
      /** Of one of another cluster: whether routes may lead to it; `reason` as in its condition Accepted. */
      accepted: v.optional(
        v.strictObject({
          status: v.picklist(['True', 'False', 'Unknown']),
          reason: v.string(),
          message: v.string(),
        }),
      ),
      /** Of one of this cluster: whether packets get through, by the ids of other clusters. Absent: it says nothing. */
      dataPath: v.optional(v.record(v.string(), v.picklist(['up', 'down']))),
    }),
  ),
});

export type GetNodes = v.InferOutput<typeof GetNodes>;

export function getNodesTable({ nodes }: GetNodes, style: Style): string {
  if (nodes.length === 0) return 'No nodes.\n';
  const rows = nodes.map(one => [
    one.name,
    markOf(one.ready === undefined ? 'unknown' : one.ready ? 'good' : 'bad', style),
    one.addresses.join(',') || '-',
    one.podCIDRs.join(',') || '-',
    one.zone ?? '-',
    one.accepted === undefined
      ? '-'
      : `${markOf(VERDICTS[one.accepted.status], style)} ${one.accepted.reason}`,
    `${one.mtu ?? '-'}`,
    one.key ? 'yes' : '-',
    pathsOf(one.dataPath),
  ]);
  const head = ['NODE', 'READY', 'ADDRESSES', 'POD CIDRS', 'ZONE', 'ACCEPTED', 'MTU', 'KEY', 'DATA PATH'];
  const refused = nodes.flatMap(({ name, accepted }) =>
    accepted?.status === 'False' ? `${markOf('bad', style)} ${name}: ${accepted.message}\n` : [],
  );
  return `${table(head, rows)}${refused.length > 0 ? '\n' : ''}${refused.join('')}`;
}

const VERDICTS: Readonly<Record<'True' | 'False' | 'Unknown', Verdict>> = {
  True: 'good',
  False: 'bad',
  Unknown: 'unknown',
};

function pathsOf(dataPath: GetNodes['nodes'][number]['dataPath']): string {
  const paths = Object.entries(dataPath ?? {}).map(([cluster, path]) => `${cluster} ${path}`);
  return paths.sort().join(', ') || '-';
}
