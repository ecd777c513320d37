import type {
  ClusterPropertyObject,
  EndpointSliceObject,
  NamespaceObject,
  ServiceImportObject,
} from '../../objects/shapes.ts';

/** Every kind of object that names are made from, as far as they are. Plain data: it is also what a snapshot holds. */
export type ImportObject =
  | ServiceImportObject
  | EndpointSliceObject
  | DerivedServiceObject
  | NamespaceObject
  | ClusterPropertyObject
  | ClusterVerdict;

/** A derived Service that stands for one source cluster of an imported service. */
export interface DerivedServiceObject {
  readonly kind: 'DerivedService';
  readonly namespace: string;
  readonly name: string;
  /** The imported service. */
  readonly serviceName: string;
  readonly sourceCluster: string;
  readonly clusterIPs: readonly string[];
}

/** What a RemoteCluster says of the cluster that it stands for; only where it says anything. */
export interface ClusterVerdict {
  readonly kind: 'ClusterVerdict';
  /** Of the RemoteCluster. */
  readonly name: string;
  readonly cluster: string;
  readonly serving: boolean;
}
