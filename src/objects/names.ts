/**
 * Names that Kubernetes, the Multi-Cluster Services API and Causeway itself give to labels, annotations and the like.
 */

/** Label of a native EndpointSlice, and of those that kube-proxy shall use for a derived Service. */
export const SERVICE_NAME = 'kubernetes.io/service-name';
/** Labels of an imported EndpointSlice (KEP-1645). */
export const MCS_SERVICE_NAME = 'multicluster.kubernetes.io/service-name';
export const MCS_SOURCE_CLUSTER = 'multicluster.kubernetes.io/source-cluster';
/** Annotation of a ServiceImport that names the Service whose cluster IPs are its own (mcs-api's sample controller). */
export const DERIVED_SERVICE = 'multicluster.kubernetes.io/derived-service';
/** Label that tells the EndpointSlice controllers apart; ours has to be set and must not be Kubernetes' own. */
export const SLICE_MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
export const OUR_SLICE_MANAGER = 'controller.causeway.dev';
/**
 * Label (on a ServiceImport: annotation, since its labels are the exports') of everything that the controller writes.
 */
export const MANAGED_BY = 'app.kubernetes.io/managed-by';
export const US = 'causeway';

/** Labels of everything that an operator applies from `deploy/`. */
export const PART_OF = 'app.kubernetes.io/part-of';
export const VERSION = 'app.kubernetes.io/version';

/**
 * Labels of what the controller writes: the service that it was written for. The namespace where it differs from its
 * own.
 */
export const FOR_NAMESPACE = 'causeway.dev/service-namespace';
export const FOR_NAME = 'causeway.dev/service-name';
/** Annotation of a mirrored slice: `cluster/name` of the published slice that it mirrors. */
export const MIRROR_OF = 'causeway.dev/mirror-of';
/** Annotation of a RemoteNode: the RemoteCluster by which its cluster is read. */
export const READ_BY = 'causeway.dev/remote-cluster';
/** Annotation of a ServiceExport: a label selector over the RemoteClusters that may import. */
export const EXPORT_TO = 'causeway.dev/export-to';
/** Condition of a ServiceExport, there only while it is true: something that it asks for cannot be read. */
export const PARTLY_IGNORED = 'causeway.dev/PartlyIgnored';
/** Annotation of a RemoteCluster: routes to many of its nodes at once may be taken away. */
export const ALLOW_MASS_REMOVAL = 'causeway.dev/allow-mass-removal';
/** Annotation of a ServiceImport: `ImportTraffic` as JSON. */
export const TRAFFIC = 'causeway.dev/traffic';

/**
 * Label of a Secret that `causeway connect` made: the RemoteCluster that it is for. The controller renews the
 * credential in it; without the label it does not touch it.
 */
export const MADE_FOR = 'causeway.dev/made-for';

/** Where a cluster publishes what every other cluster may import. */
export const EXPORTS_NAMESPACE = 'causeway-exports';
/** Where a cluster keeps what it last heard from the others, so that a restart while one is away loses nothing. */
export const IMPORTS_NAMESPACE = 'causeway-imports';

/** Field manager of everything that the controller applies. */
export const FIELD_MANAGER = 'causeway-controller';
/** Field manager of what a routing agent says of its node. */
export const AGENT_FIELD_MANAGER = 'causeway-agent';
/** Field manager of what operators apply with the command line. */
export const OPERATOR_FIELD_MANAGER = 'causeway-cli';

/** ClusterProperties (KEP-2149). */
export const CLUSTER_ID_PROPERTY = 'cluster.clusterset.k8s.io';
export const CLUSTERSET_PROPERTY = 'clusterset.k8s.io';
/** Ours among them: address blocks, with commas between them. */
export const SERVICE_CIDRS_PROPERTY = 'service-cidrs.causeway.dev';
export const POD_CIDRS_PROPERTY = 'pod-cidrs.causeway.dev';
