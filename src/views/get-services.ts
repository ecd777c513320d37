import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { Finding, findingLines } from './finding.ts';

const Service = v.strictObject({
  namespace: v.string(),
  name: v.string(),
  type: v.picklist(['ClusterSetIP', 'Headless']),
  /** Its clusterset IPs in this cluster. */
  ips: v.array(v.string()),
  /** `80/TCP http` */
  ports: v.array(v.string()),
  affinity: v.picklist(['local', 'remote', 'none']),
  clusters: v.array(
    v.strictObject({
      cluster: v.string(),
      /** Endpoints that are ready, of those that there are. */
      ready: v.number(),
      endpoints: v.number(),
      weight: v.optional(v.number()),
    }),
  ),
  /** The reason, where this cluster's own export disagrees with others. */
  conflict: v.optional(v.string()),
});

/** What `causeway get services` prints. */
export const GetServices = v.strictObject({ services: v.array(Service), findings: v.array(Finding) });

export type GetServices = v.InferOutput<typeof GetServices>;

export function getServicesTable({ services, findings }: GetServices, style: Style): string {
  if (services.length === 0) {
    return 'No ServiceImports: nothing is exported in the cluster set. Export a service with `causeway export`.\n';
  }
  const rows = services.map(one => [
    one.namespace,
    one.name,
    one.type,
    one.ips.join(',') || '-',
    one.ports.join(', ') || '-',
    one.affinity,
    one.clusters.map(clusterText).join(', ') || '-',
    one.conflict ?? '-',
  ]);
  const head = ['NAMESPACE', 'NAME', 'TYPE', 'IPS', 'PORTS', 'AFFINITY', 'CLUSTERS', 'CONFLICT'];
  return `${table(head, rows)}${findings.length > 0 ? '\n' : ''}${findingLines(findings, style)}`;
}

function clusterText({
  cluster,
  ready,
  endpoints,
  weight,
}: v.InferOutput<typeof Service>['clusters'][number]): string {
  return `${cluster} ${ready}/${endpoints}${weight === undefined ? '' : ` weight ${weight}`}`;
}
