import { objectKey } from '../../base/name.ts';
import type { Dirt } from '../../mesh/cluster.ts';
import { importedService } from '../../mesh/imported.ts';
import type { MergedService } from '../../mesh/model.ts';
import type {
  ClusterPropertyObject,
  EndpointSliceObject,
  ServiceImportObject,
} from '../../objects/shapes.ts';
import type { ClusterVerdict, DerivedServiceObject, ImportObject } from './objects.ts';

/** What there is under one namespaced name. */
interface Parts {
  serviceImport: ServiceImportObject | undefined;
  readonly slices: Set<EndpointSliceObject>;
  readonly derived: Set<DerivedServiceObject>;
}

/** An object that is part of a service. */
type Part = ServiceImportObject | EndpointSliceObject | DerivedServiceObject;

/**
 * The objects of one API server, put together by the imported service that they belong to. What it holds depends on the
 * objects put in last, never on their order: slices may come before their ServiceImport.
 */
export class ImportIndex {
  /** What has to be told anew; whoever tells it takes it out. */
  readonly dirt: Dirt = { services: new Set(), namespaces: false };
  readonly #parts = new Map<string, Parts>();
  readonly #namespaces = new Set<string>();
  readonly #verdicts = new Map<string, ClusterVerdict>();
  #clusterProperty: ClusterPropertyObject | undefined;
  #lost: ReadonlySet<string> = new Set();

  /** Adds an object; in the place of `before`, where there was one of the same kind and name. */
  put(object: ImportObject, before?: ImportObject): void {
    switch (object.kind) {
      case 'Namespace':
        this.#namespaces.add(object.name);
        this.dirt.namespaces = true;
        return;
      case 'ClusterProperty':
        this.#clusterProperty = object;
        return;
      case 'ClusterVerdict':
        this.#verdicts.set(object.name, object);
        this.#judge();
        return;
      default:
        if (before !== undefined) this.drop(before);
        this.#putPart(object);
    }
  }

  /** Removes the very object that was put. */
  drop(object: ImportObject): void {
    switch (object.kind) {
      case 'Namespace':
        this.#namespaces.delete(object.name);
        this.dirt.namespaces = true;
        return;
      case 'ClusterProperty':
        this.#clusterProperty = undefined;
        return;
      case 'ClusterVerdict':
        this.#verdicts.delete(object.name);
        this.#judge();
        return;
      default:
        this.#dropPart(object);
    }
  }

  /** Undefined: there is no ServiceImport, whatever else there may be. */
  serviceOf(key: string): MergedService | undefined {
    const parts = this.#parts.get(key);
    if (parts?.serviceImport === undefined) return undefined;
    const { serviceImport, slices, derived } = parts;
    const derivedIPs = new Map([...derived].map(each => [each.sourceCluster, each.clusterIPs]));
    return importedService({ serviceImport, slices, derivedIPs }, this.#lost);
  }

  /** The cluster that the API server is of, if it says so. */
  get localCluster(): string | undefined {
    return this.#clusterProperty?.value;
  }

  get namespaces(): ReadonlySet<string> {
    return this.#namespaces;
  }

  /** Everything put and not removed. Changes meanwhile may or may not show. */
  *objects(): Generator<ImportObject> {
    if (this.#clusterProperty !== undefined) yield this.#clusterProperty;
    for (const name of this.#namespaces) yield { kind: 'Namespace', name };
    yield* this.#verdicts.values();
    for (const { serviceImport, slices, derived } of this.#parts.values()) {
      if (serviceImport !== undefined) yield serviceImport;
      yield* slices;
      yield* derived;
    }
  }

  #putPart(object: Part): void {
    const key = serviceKey(object);
    const parts = this.#parts.get(key) ?? {
      serviceImport: undefined,
      slices: new Set(),
      derived: new Set(),
    };
    this.#parts.set(key, parts);
    if (object.kind === 'ServiceImport') parts.serviceImport = object;
    else if (object.kind === 'EndpointSlice') parts.slices.add(object);
    else parts.derived.add(object);
    this.dirt.services.add(key);
  }

  #dropPart(object: Part): void {
    const key = serviceKey(object);
    const parts = this.#parts.get(key);
    if (parts === undefined) return;
    if (object.kind === 'ServiceImport') parts.serviceImport = undefined;
    else if (object.kind === 'EndpointSlice') parts.slices.delete(object);
    else parts.derived.delete(object);
    const { serviceImport, slices, derived } = parts;
    if (serviceImport === undefined && slices.size === 0 && derived.size === 0) this.#parts.delete(key);
    this.dirt.services.add(key);
  }

  /**
   * A cluster is lost where somebody says so and nobody says otherwise: a RemoteCluster that was made twice, by
   * mistake, must not take the good one's cluster out of the answers.
   */
  #judge(): void {
    const verdicts = [...this.#verdicts.values()];
    const serving = new Set(verdicts.filter(verdict => verdict.serving).map(verdict => verdict.cluster));
    const lost = new Set(verdicts.map(verdict => verdict.cluster).filter(cluster => !serving.has(cluster)));
    const before = this.#lost;
    const changed = new Set(
      [...lost, ...before].filter(cluster => lost.has(cluster) !== before.has(cluster)),
    );
    this.#lost = lost;
    if (changed.size === 0) return;
    // A list of each cluster's services would cost memory all the time, and a verdict changes some times a day.
    for (const [key, parts] of this.#parts) if (involves(parts, changed)) this.dirt.services.add(key);
  }
}

function involves({ serviceImport, slices }: Parts, clusters: ReadonlySet<string>): boolean {
  if (serviceImport?.clusters.some(cluster => clusters.has(cluster))) return true;
  for (const { sourceCluster } of slices) if (sourceCluster && clusters.has(sourceCluster)) return true;
  return false;
}

function serviceKey(object: Part): string {
  return objectKey(object.namespace, object.kind === 'ServiceImport' ? object.name : object.serviceName);
}
