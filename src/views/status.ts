import * as v from 'valibot';
import type { Style } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { Finding, findingLines } from './finding.ts';

const Replica = v.strictObject({
  pod: v.string(),
  node: v.optional(v.string()),
  /** Kubernetes holds it for ready, and it said so itself just now. */
  ready: v.boolean(),
  /** RFC 3339: since when Kubernetes holds it for ready, or not. */
  since: v.optional(v.string()),
  restarts: v.number(),
  image: v.string(),
});

const Component = v.strictObject({
  component: v.string(),
  wanted: v.number(),
  ready: v.number(),
  replicas: v.array(Replica),
});

/** What `causeway status` prints. */
export const Status = v.strictObject({
  /** As the kubeconfig calls the cluster. */
  context: v.string(),
  components: v.array(Component),
  /** Everything that was checked; `good` only where it was looked at just now. */
  findings: v.array(Finding),
});

export type Status = v.InferOutput<typeof Status>;
export type StatusComponent = v.InferOutput<typeof Component>;
export type StatusReplica = v.InferOutput<typeof Replica>;

export function statusTable({ components, findings }: Status, style: Style): string {
  const rows = components.flatMap(({ component, replicas }) =>
    replicas.map(({ pod, node, ready, since, restarts, image }) => [
      component,
      pod,
      ready ? 'yes' : 'no',
      since ?? '-',
      `${restarts}`,
      node ?? '-',
      image,
    ]),
  );
  const head = ['COMPONENT', 'POD', 'READY', 'SINCE', 'RESTARTS', 'NODE', 'IMAGE'];
  return `${table(head, rows)}\n${findingLines(findings, style)}`;
}
