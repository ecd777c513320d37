import {
  CLUSTER_ID_PROPERTY,
  CLUSTERSET_PROPERTY,
  PART_OF,
  POD_CIDRS_PROPERTY,
  SERVICE_CIDRS_PROPERTY,
  US,
} from '../objects/names.ts';
import type { Manifest } from './manifest.ts';

/** Who a cluster is. */
export interface Identity {
  readonly clusterId: string;
  /** Undefined: the set has no name. */
  readonly clusterset: string | undefined;
}

/** Address blocks; empty: not known. */
export interface Networks {
  readonly serviceCidrs: readonly string[];
  readonly podCidrs: readonly string[];
}

/**
 * What a cluster says of itself, to its own programs and to those of the other clusters (KEP-2149), by name. Other
 * clusters may read ClusterProperties and no ConfigMap, which is why address blocks are here too.
 */
export function clusterProperties(
  { clusterId, clusterset }: Identity,
  { serviceCidrs, podCidrs }: Networks,
): ReadonlyMap<string, string> {
  const values = {
    [CLUSTER_ID_PROPERTY]: clusterId,
    [CLUSTERSET_PROPERTY]: clusterset ?? '',
    [SERVICE_CIDRS_PROPERTY]: serviceCidrs.join(','),
    [POD_CIDRS_PROPERTY]: podCidrs.join(','),
  };
  return new Map(Object.entries(values).filter(([, value]) => value !== ''));
}

export function clusterPropertyManifests(properties: ReadonlyMap<string, string>): Manifest[] {
  return [...properties].map(([name, value]) => ({
    apiVersion: 'about.k8s.io/v1beta1',
    kind: 'ClusterProperty',
    metadata: { name, labels: { [PART_OF]: US } },
    spec: { value },
  }));
}
