import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { Finding, findingLines, markOf } from './finding.ts';

const Endpoint = v.strictObject({
  /** `shop/web-0`; one of another cluster begins with it: `west/shop/10.2.0.7`. */
  endpoint: v.string(),
  /** Absent: a pod of this cluster, found by its labels. */
  cluster: v.optional(v.string()),
  service: v.optional(v.string()),
  addresses: v.array(v.string()),
  /** `80/TCP http` */
  ports: v.optional(v.array(v.string())),
  ready: v.boolean(),
  node: v.optional(v.string()),
  zone: v.optional(v.string()),
});

/** What `causeway get endpoints` prints. */
export const GetEndpoints = v.strictObject({
  endpoints: v.array(Endpoint),
  /** Why there is none, where that is because no such service is imported. */
  findings: v.array(Finding),
});

export type GetEndpoints = v.InferOutput<typeof GetEndpoints>;

export function getEndpointsTable({ endpoints, findings }: GetEndpoints, style: Style): string {
  if (endpoints.length === 0) return `No endpoints.\n${findingLines(findings, style)}`;
  const rows = endpoints.map(one => [
    one.endpoint,
    one.service ?? '-',
    one.addresses.join(','),
    one.ports?.join(', ') ?? '-',
    markOf(one.ready ? 'good' : 'bad', style),
    one.node ?? '-',
    one.zone ?? '-',
  ]);
  return table(['ENDPOINT', 'SERVICE', 'ADDRESSES', 'PORTS', 'READY', 'NODE', 'ZONE'], rows);
}
