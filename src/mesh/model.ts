import type {
  Affinity,
  Backends,
  EndpointSliceObject,
  Exported,
  GlobalProperties,
} from '../objects/shapes.ts';

export type { GlobalProperties, ServiceImportType } from '../objects/shapes.ts';

/** One cluster's contribution to a service: what the export half publishes and the import half reads. */
export interface ExportedService extends Exported {
  readonly cluster: string;
  readonly slices: readonly EndpointSliceObject[];
}

/** A service of the cluster set, merged from all its exports. Immutable: a change makes a new one. */
export interface MergedService extends GlobalProperties {
  readonly namespace: string;
  readonly name: string;
  /** The clusterset IPs (`ServiceImport.spec.ips`); empty where nothing has assigned any. */
  readonly ips: readonly string[];
  readonly affinity: Affinity;
  /** Absent: the daemon's own default holds. */
  readonly backends?: Backends;
  /** Seconds. Absent: the daemon's own default holds. */
  readonly ttl?: number;
  /** The clusters that take part, ordered by id. */
  readonly clusters: readonly ServiceCluster[];
}

/** One cluster's part in a merged service. */
export interface ServiceCluster {
  readonly cluster: string;
  /** Absent: no weight was set on this cluster's export. */
  readonly weight?: number;
  /** False: the controller holds the whole cluster for lost. Unknown is true. */
  readonly serving: boolean;
  /** The derived Service's addresses for this one cluster, in the cluster that asks; empty where there is none. */
  readonly derivedIPs: readonly string[];
  readonly clusterIPs: readonly string[];
  readonly loadBalancerIPs: readonly string[];
  /** Only ports that this cluster may serve after the port merge; slices left without a port are gone. */
  readonly slices: readonly EndpointSliceObject[];
}

/** Reasons of the `Conflict` condition; the last three are Causeway's own. */
export type ConflictReason =
  | 'PortConflict'
  | 'TypeConflict'
  | 'SessionAffinityConflict'
  | 'SessionAffinityConfigConflict'
  | 'LabelsConflict'
  | 'AnnotationsConflict'
  | 'InternalTrafficPolicyConflict'
  | 'TrafficDistributionConflict'
  | 'IPFamilyConflict'
  | 'AffinityConflict'
  | 'BackendsConflict'
  | 'TTLConflict';

/** One field on which the exports of a service disagree. */
export interface Conflict {
  readonly namespace: string;
  readonly name: string;
  readonly reason: ConflictReason;
  /** Names the field, the winner, and how many of how many disagree. */
  readonly message: string;
  /** The cluster whose value holds. */
  readonly winner: string;
  /** The clusters that said otherwise, ordered by id. */
  readonly losers: readonly string[];
}

/** An export that exports nothing, and why: the `Valid=False` condition. */
export interface InvalidExport {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly reason: 'NoService' | 'InvalidServiceType';
  readonly message: string;
}

/** What changed in the cluster set since the last time it was asked: the one thing a record index has to apply. */
export interface MeshChange {
  /** By `namespace/name`; undefined: the service is gone. */
  readonly services: ReadonlyMap<string, MergedService | undefined>;
  /**
   * All namespaces that exist in the cluster that asks: records exist only there. The same set while none came or went.
   */
  readonly namespaces: ReadonlySet<string>;
}

/** What metrics tell of a mesh. */
export interface MeshSizes {
  readonly services: number;
  /** Endpoints of all merged services, ready or not. */
  readonly endpoints: number;
}
