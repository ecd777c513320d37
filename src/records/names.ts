import type { Labels } from '../wire/name.ts';
import type { Node } from './node.ts';
import type { PolicyOptions } from './policy.ts';

/** Names of one service: labels left of it, joined by dots (no label of ours holds one), to what stands there. */
export type NodeMap = Map<string, Node>;

/** What turning a merged service into names needs to know. */
export interface ServiceOptions extends PolicyOptions {
  /** The service's own name relative to the zone: `payments shop svc`. */
  readonly owner: Labels;
  readonly origin: Labels;
  /** Seconds, where the service sets none. */
  readonly ttl: number;
  /** Serve `<cluster>.<service>` for ClusterSetIP services. */
  readonly clusterNames: boolean;
}
