import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { markOf } from './finding.ts';

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
  ]);
  return table(['NODE', 'READY', 'ADDRESSES', 'POD CIDRS', 'ZONE'], rows);
}
