import type { AddressFamily } from '../base/ip.ts';
import type { Conflict, ExportedService, InvalidExport, MergedService } from '../mesh/model.ts';
import type {
  Condition,
  EndpointSliceObject,
  ServiceExportObject,
  ServiceObject,
} from '../objects/shapes.ts';

/**
 * The kinds of object that the controller creates and deletes, in the order in which they are applied (and removed: the
 * other way).
 */
export const OWNED_KINDS = ['Service', 'EndpointSlice', 'ExportedService', 'ServiceImport'] as const;
export type OwnedKind = (typeof OWNED_KINDS)[number];

/** An object that shall exist. */
export interface DesiredObject {
  readonly kind: OwnedKind;
  readonly namespace: string;
  readonly name: string;
  /** The whole manifest, apiVersion, kind and metadata included, as it is applied. No `status`. */
  readonly manifest: Readonly<Record<string, unknown>>;
  /** Of what the manifest says (`fingerprintOf`); an object in the cluster with the same one needs no write. */
  readonly fingerprint: string;
}

/** The status that an object shall have; only the parts that are ours. */
export interface DesiredStatus {
  readonly kind: 'ServiceExport' | 'ServiceImport';
  readonly namespace: string;
  readonly name: string;
  readonly status: Readonly<Record<string, unknown>>;
  readonly fingerprint: string;
}

/** Something that somebody has to act on and that no condition of an object of ours can carry: it becomes an Event. */
export interface Remark {
  readonly about: {
    readonly kind: 'Service' | 'ServiceExport' | 'ServiceImport';
    readonly namespace: string;
    readonly name: string;
  };
  /** UpperCamelCase. */
  readonly reason: string;
  /** What was found and what to do. */
  readonly message: string;
}

/** Everything that decides what the controller writes for one namespaced name. */
export interface ServiceView {
  readonly namespace: string;
  readonly name: string;
  readonly localCluster: string;
  /** False: nothing is written into the namespace, but a local export is impossible then too. */
  readonly namespaceExists: boolean;
  /** Of all clusters; undefined: nobody exports it. */
  readonly merged: MergedService | undefined;
  /** Every cluster's contribution, shared as whatever, slices unfiltered; the local one included. */
  readonly exports: readonly ExportedService[];
  readonly conflicts: readonly Conflict[];
  /** The local ServiceExport and its conditions, if there is one. */
  readonly serviceExport: ServiceExportObject | undefined;
  readonly exportConditions: readonly Condition[];
  /** Why the local export exports nothing. */
  readonly invalid: InvalidExport | undefined;
  /** The namespaces to publish the local export in: the common one, or one per cluster that `export-to` selects. */
  readonly publishIn: readonly string[];
  /** What is wrong with `export-to`, or with where it leads; undefined: nothing. */
  readonly publishFault: string | undefined;
  /** The Service of this very name. */
  readonly service: ServiceObject | undefined;
  /** That Service's own slices, whether it is shared or not; never those that the controller added to it. */
  readonly localSlices: readonly EndpointSliceObject[];
  /** By name: the cluster IPs of those derived Services that exist and are ours. */
  readonly derivedIPs: ReadonlyMap<string, readonly string[]>;
  /** Objects of others that bear a name we might want: `Service shop/derived-…`. Such an object is never written. */
  readonly foreign: ReadonlySet<string>;
  readonly importConditions: readonly Condition[];
  /** The families that Services of this cluster can have. */
  readonly localFamilies: readonly AddressFamily[];
  /** Remote clusters held for lost. */
  readonly lost: ReadonlySet<string>;
  /**
   * Whether the namespace's federated Services see this one, or it is one itself: the backing exports, else undefined.
   */
  readonly federated: FederatedView | undefined;
}

/** What a federated Service (Tigera) is made of. */
export interface FederatedView {
  /** Undefined: the selector cannot be read; `fault` says why. */
  readonly fault: string | undefined;
  /** Contributions whose Service matches the selector, of any name in the same namespace. */
  readonly exports: readonly ExportedService[];
  /** Local Services that match, with their own slices. */
  readonly local: readonly ExportedService[];
}

/** What the controller shall write for one namespaced name. */
export interface Plan {
  /** In no particular order; the kinds tell it. */
  readonly objects: readonly DesiredObject[];
  readonly statuses: readonly DesiredStatus[];
  readonly remarks: readonly Remark[];
  /**
   * False: some objects depend on what the API server answers to others (a VIP that is not allocated yet). Nothing may
   * be removed yet; plan again after applying.
   */
  readonly complete: boolean;
}

/** What a plan needs from outside: the names of derived objects are hashes. */
export interface PlanTools {
  /** SHA-256 of the UTF-8 octets of a text. */
  readonly sha256: (text: string) => Uint8Array;
  /** RFC 3339, seconds: for conditions that change. */
  readonly now: () => string;
}
