import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { Finding, findingLines, markOf } from './finding.ts';

const Status = v.picklist(['True', 'False', 'Unknown']);

/** What `causeway get clusters` prints. */
export const GetClusters = v.strictObject({
  clusters: v.array(
    v.strictObject({
      /** Of the RemoteCluster. */
      name: v.string(),
      /** What the cluster calls itself; absent as long as it has not been heard. */
      clusterId: v.optional(v.string()),
      reachable: Status,
      synced: Status,
      serving: Status,
      /** Whether packets get to its pods; absent: nobody is to route to it, or nobody says. */
      dataPath: v.optional(Status),
      /** Whether the routing agents make its pods reachable. */
      routing: v.picklist(['Enabled', 'Disabled']),
      encryption: v.picklist(['Required', 'Preferred', 'Off']),
      /** How many services are imported from it. */
      services: v.number(),
      weight: v.optional(v.number()),
      labels: v.record(v.string(), v.string()),
    }),
  ),
  /** Conditions that are not True, as the controller wrote them; and that nobody vouches for any, if none leads. */
  findings: v.array(Finding),
});

export type GetClusters = v.InferOutput<typeof GetClusters>;

export function getClustersTable({ clusters, findings }: GetClusters, style: Style): string {
  if (clusters.length === 0) {
    return 'No RemoteClusters: this cluster imports from no other. Connect one with `causeway connect`.\n';
  }
  const isDoubted = findings.some(({ check }) => check === 'controller.leader');
  const said = (status: string) => (isDoubted ? `${markOf('unknown', style)} ${status}` : status);
  const rows = clusters.map(one => [
    one.name,
    one.clusterId ?? '-',
    said(one.reachable),
    said(one.synced),
    said(one.serving),
    one.dataPath === undefined ? '-' : said(one.dataPath),
    one.routing,
    one.encryption,
    `${one.services}`,
    `${one.weight ?? '-'}`,
  ]);
  const head = [
    ...['NAME', 'CLUSTER', 'REACHABLE', 'SYNCED', 'SERVING'],
    ...['DATA PATH', 'ROUTING', 'ENCRYPTION', 'SERVICES', 'WEIGHT'],
  ];
  return `${table(head, rows)}${findings.length > 0 ? '\n' : ''}${findingLines(findings, style)}`;
}
