import type { AddressFamily } from '../base/ip.ts';

/**
 * Kubernetes objects cut down to what Causeway uses. An API object is converted to one of these at the door and the
 * rest of it dropped at once: at 250,000 endpoints every field kept costs megabytes, so adding one is a reviewed
 * decision. Everything in here has been validated; no reader further in checks it again.
 */
export type MeshObject =
  | ServiceObject
  | ServiceExportObject
  | EndpointSliceObject
  | NamespaceObject
  | ExportedServiceObject;

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
  /** Only where a controller reads it: what a DNS daemon never looks at is not kept. */
  readonly detail?: ServiceDetail;
}

/** What the controller needs to know of a Service beyond what is exported. */
export interface ServiceDetail {
  readonly labels: Readonly<Record<string, string>>;
  /** Whether `spec.selector` is set: then Kubernetes itself writes the Service's own slices. */
  readonly hasSelector: boolean;
  readonly intent: ServiceIntent;
}

/**
 * What the annotations of a Service ask for without a ServiceExport (Cilium global services, Tigera federated
 * services).
 */
export interface ServiceIntent {
  /** `service.cilium.io/global`: remote endpoints of the same-named Services are merged in. */
  readonly global: boolean;
  /** `service.cilium.io/shared`: this cluster's endpoints are given to others; true by default where `global` is. */
  readonly shared: boolean;
  /** `service.cilium.io/affinity`. */
  readonly affinity: Affinity;
  /** `service.cilium.io/global-sync-endpoint-slices`: whether a headless Service takes part (its default is true). */
  readonly syncEndpointSlices: boolean;
  /** `federation.tigera.io/serviceSelector` as written. */
  readonly federationSelector?: string;
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
  /** `causeway.dev/export-to` as written: a label selector over RemoteClusters. Absent: every cluster may import. */
  readonly exportTo?: string;
  /** What cannot be read of it and is ignored: each field, what was found there, and what holds instead. */
  readonly ignored?: readonly string[];
}

/** `ServiceImport.spec.type`. */
export type ServiceImportType = 'ClusterSetIP' | 'Headless';

/** The properties of a service on which its exports must agree; the oldest export's value holds for all (KEP-1645). */
export interface GlobalProperties {
  readonly type: ServiceImportType;
  readonly ports: readonly ServicePort[];
  readonly ipFamilies: readonly AddressFamily[];
  readonly sessionAffinity: 'None' | 'ClientIP';
  readonly sessionAffinityTimeoutSeconds?: number;
  readonly internalTrafficPolicy?: 'Cluster' | 'Local';
  readonly trafficDistribution?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What a service is given to other clusters as: by a ServiceExport, or as a Cilium global service. */
export type SharedAs = 'ClusterSet' | 'Global';

/** What one cluster tells the others of one service. */
export interface Exported extends GlobalProperties {
  readonly namespace: string;
  readonly name: string;
  /** Creation of the ServiceExport, milliseconds since the epoch. Absent counts as youngest. */
  readonly exportedAt?: number;
  readonly traffic: TrafficSettings;
  readonly clusterIPs: readonly string[];
  readonly loadBalancerIPs: readonly string[];
  /** At least one. */
  readonly sharedAs: readonly SharedAs[];
  /** Labels of the Service itself: federated services select by them. Only where a controller reads them. */
  readonly serviceLabels?: Readonly<Record<string, string>>;
}

/**
 * causeway.dev/v1alpha1 ExportedService: what the export half of a cluster's controller publishes for the import halves
 * of the others. `namespace` and `name` are the service's (`spec`), not the object's own.
 */
export interface ExportedServiceObject extends Exported {
  readonly kind: 'ExportedService';
  /** `spec.cluster`: the id of the cluster that exports it. */
  readonly cluster: string;
  /** The object's own `namespace/name`. A service may be published twice for a moment, while it moves. */
  readonly publishedAs: string;
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
  /** The service it belongs to; which label says so depends on where the slice is read (`SliceOrigin`). */
  readonly serviceName: string;
  /** Label `multicluster.kubernetes.io/source-cluster`, where the slice is read as another than a Service's own. */
  readonly sourceCluster?: string;
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
  /** Only where a controller reads it. */
  readonly topology?: EndpointTopology;
}

/** What of an endpoint matters to kube-proxy but not to an answer. Equal ones share one object. */
export interface EndpointTopology {
  /** `conditions.serving`; absent means the same as `ready`. */
  readonly serving?: boolean;
  readonly terminating?: boolean;
  readonly zone?: string;
  readonly nodeName?: string;
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

/** A standard condition; `reason` and `message` are required by every schema that we write to. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  /** RFC 3339, seconds. */
  readonly lastTransitionTime: string;
}

/** multicluster.x-k8s.io ServiceImport, as a DNS daemon reads it back from its own API server. */
export interface ServiceImportObject extends Omit<GlobalProperties, 'labels' | 'annotations'> {
  readonly kind: 'ServiceImport';
  readonly namespace: string;
  readonly name: string;
  readonly ips: readonly string[];
  /** `status.clusters[].cluster`. */
  readonly clusters: readonly string[];
  /** Annotation `causeway.dev/traffic`; all absent for an import that another controller wrote. */
  readonly traffic: ImportTraffic;
}

/**
 * The content of the ServiceImport annotation `causeway.dev/traffic`, JSON: what the merge decided and MCS has no field
 * for.
 */
export interface ImportTraffic {
  readonly affinity?: Affinity;
  readonly backends?: Backends;
  readonly ttl?: number;
  /** By cluster id; a cluster without settings of its own may be absent. */
  readonly clusters?: Readonly<Record<string, ImportClusterTraffic>>;
}

export interface ImportClusterTraffic {
  readonly weight?: number;
  /** Only where `backends` is set. */
  readonly clusterIPs?: readonly string[];
  readonly loadBalancerIPs?: readonly string[];
}

/** Whether packets to the pods of another cluster are encrypted; `Preferred`: where that works. */
export const ENCRYPTIONS = ['Required', 'Preferred', 'Off'] as const;
export type Encryption = (typeof ENCRYPTIONS)[number];

/** Ways to the pods of another cluster. Encryption is none of them: it has a field of its own. */
export const ROUTING_MODES = ['Direct', 'BGP', 'VXLAN', 'IPIP', 'None'] as const;
export type RoutingMode = (typeof ROUTING_MODES)[number];

/** causeway.dev/v1alpha1 RemoteCluster: one cluster that this one imports from. */
export interface RemoteClusterObject {
  readonly kind: 'RemoteCluster';
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly labels: Readonly<Record<string, string>>;
  /** `spec.secretRef.name`: a Secret in the controller's own namespace. */
  readonly secretName: string;
  /** `spec.secretRef.key`. */
  readonly secretKey: string;
  readonly overlayRoutingMode: 'Enabled' | 'Disabled';
  readonly encryption: Encryption;
  /** The first that can carry a block carries it. Absent: as the routing agents are told. */
  readonly routingModes?: readonly RoutingMode[];
  /** `spec.weight`: of this cluster's exports that set none of their own. */
  readonly weight?: number;
  /** `spec.namespaces`: the only ones whose services are imported. Empty: all. */
  readonly namespaces: readonly string[];
  /** `causeway.dev/allow-mass-removal`: absent where it is not true. */
  readonly allowMassRemoval?: true;
  /** What is wrong with it, where it cannot be read: then no more is known than which cluster it was. */
  readonly unreadable?: string;
  readonly status: RemoteClusterStatus;
}

export interface RemoteClusterStatus {
  readonly clusterId?: string;
  readonly conditions: readonly Condition[];
  /** Number of services imported from it. */
  readonly services?: number;
}

/** about.k8s.io ClusterProperty. */
export interface ClusterPropertyObject {
  readonly kind: 'ClusterProperty';
  readonly name: string;
  readonly value: string;
}
