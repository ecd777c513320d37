import { CLUSTER_ID_PROPERTY, CLUSTERSET_PROPERTY } from '../objects/names.ts';
import type { Manifest } from './manifest.ts';

/** Who a cluster is. */
export interface Identity {
  readonly clusterId: string;
  /** Undefined: the set has no name. */
  readonly clusterset: string | undefined;
}

/** What a cluster says of itself, to its own programs and to those of the other clusters (KEP-2149). */
export function clusterPropertyManifests({ clusterId, clusterset }: Identity): Manifest[] {
  return Object.entries({ [CLUSTER_ID_PROPERTY]: clusterId, [CLUSTERSET_PROPERTY]: clusterset }).flatMap(
    ([name, value]) =>
      value === undefined
        ? []
        : [
            {
              apiVersion: 'about.k8s.io/v1beta1',
              kind: 'ClusterProperty',
              metadata: { name, labels: { 'app.kubernetes.io/part-of': 'causeway' } },
              spec: { value },
            },
          ],
  );
}
