import type { AddressFamily } from '../base/ip.ts';

/**
 * Kubernetes objects cut down to what Causeway uses. An API object is converted to one of these at the door and the rest
 * of it dropped at once: at 250,000 endpoints every field kept costs megabytes, so adding one is a reviewed decision.
 * Everything in here has been validated; no reader further in checks it again.
 */
export type MeshObject = ServiceObject | ServiceExportObject | EndpointSliceObject | NamespaceObject;

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** core/v1 Service. */
export interface ServiceObject {
  readonly kind: 'Service';
  readonly namespace: string;
  readonly name: string;
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  /** `clusterIP: None`. */
  readonly headless: boolean;
  /** Canonical addresses, empty for headless services. */
  readonly clusterIPs: readonly string[];
  /** `status.loadBalancer.ingress[].ip`, canonical. */
  readonly loadBalancerIPs: readonly string[];
  readonly ports: readonly ServicePort[];
  /** `spec.ipFamilies`, or the families of the cluster IPs, or empty where the object tells neither. */
  readonly ipFamilies: readonly AddressFamily[];
  readonly sessionAffinity: 'None' | 'ClientIP';
  readonly sessionAffinityTimeoutSeconds?: number;
  readonly internalTrafficPolicy?: 'Cluster' | 'Local';
  readonly trafficDistribution?: string;
}

export interface ServicePort {
  /** Empty for the one unnamed port a Service may have. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly appProtocol?: string;
}

/** multicluster.x-k8s.io ServiceExport, v1alpha1 and v1beta1 alike. */
export interface ServiceExportObject {
  readonly kind: 'ServiceExport';
  readonly namespace: string;
  readonly name: string;
  /** `metadata.creationTimestamp` in milliseconds since the epoch; it decides conflicts. */
  readonly createdAt?: number;
  readonly exportedLabels: Readonly<Record<string, string>>;
  readonly exportedAnnotations: Readonly<Record<string, string>>;
  readonly traffic: TrafficSettings;
}

/** What the annotations of one ServiceExport ask for; a field that is absent was not set (or was set to nonsense). */
export interface TrafficSettings {
  /** `causeway.dev/weight`, 0–1000. */
  readonly weight?: number;
  /** `causeway.dev/affinity`. */
  readonly affinity?: Affinity;
  /** `causeway.dev/backends`. */
  readonly backends?: Backends;
  /** `causeway.dev/ttl`, seconds, 0–3600. */
  readonly ttl?: number;
}

/** Which clusters are tried first, seen from the cluster that asks. */
export type Affinity = 'local' | 'remote' | 'none';

/** Which of a cluster's addresses stands for it where the service has no clusterset IP. */
export type Backends = 'service' | 'loadbalancer' | 'endpoints';

/** discovery.k8s.io/v1 EndpointSlice. */
export interface EndpointSliceObject {
  readonly kind: 'EndpointSlice';
  readonly namespace: string;
  readonly name: string;
  /** Label `kubernetes.io/service-name`. */
  readonly serviceName: string;
  readonly addressType: AddressFamily;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export interface Endpoint {
  /** Canonical, of the slice's family, at least one. */
  readonly addresses: readonly string[];
  readonly hostname?: string;
  /** `conditions.ready`; absent means true (discovery/v1). */
  readonly ready: boolean;
}

export interface EndpointPort {
  readonly name: string;
  readonly protocol: Protocol;
  /** Absent: every port (discovery/v1). */
  readonly port?: number;
}

/** core/v1 Namespace. */
export interface NamespaceObject {
  readonly kind: 'Namespace';
  readonly name: string;
}
