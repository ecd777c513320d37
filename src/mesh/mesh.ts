import type { MeshObject } from '../objects/shapes.ts';
import { ClusterState, type Dirt, NO_PARTS } from './cluster.ts';
import { compareText, isInvalid, type OwnParts } from './export.ts';
import { mergeService } from './merge.ts';
import { MergedServices } from './merged-services.ts';
import type {
  Conflict,
  ExportedService,
  InvalidExport,
  MergedService,
  MeshChange,
  MeshSizes,
} from './model.ts';

export interface MeshOptions {
  /** The cluster that asks; it alone says which namespaces exist, if it lists any. */
  readonly localCluster?: string | undefined;
}

/**
 * The state of all clusters and the services merged from it. Level-triggered: what it holds depends on the objects put
 * in last, never on the order or the number of the steps that led there.
 *
 * Puts and removes are cheap and only mark what is touched; `flush` merges that anew.
 */
export class Mesh {
  readonly #localCluster: string | undefined;
  readonly #clusters = new Map<string, ClusterState>();
  readonly #lost = new Set<string>();
  readonly #dirt: Dirt = { services: new Set(), namespaces: false };
  readonly #services = new MergedServices();
  readonly #conflicts = new Map<string, readonly Conflict[]>();
  readonly #invalid = new Map<string, readonly InvalidExport[]>();
  #namespaces: ReadonlySet<string> = new Set();

  constructor(options: MeshOptions = {}) {
    this.#localCluster = options.localCluster;
  }

  /** Adds an object, or replaces the one of the same kind, namespace and name. */
  put(cluster: string, object: MeshObject): void {
    const state = this.#clusters.get(cluster) ?? new ClusterState(cluster, this.#dirt);
    this.#clusters.set(cluster, state);
    state.put(object);
  }

  /** Removes the object of this kind, namespace and name; nothing happens if there is none. */
  remove(cluster: string, object: MeshObject): void {
    const state = this.#clusters.get(cluster);
    state?.remove(object);
    if (state?.empty) this.#clusters.delete(cluster);
  }

  /** Forgets a cluster and the verdict on it: one that comes back starts as serving. */
  removeCluster(cluster: string): void {
    const state = this.#clusters.get(cluster);
    for (const key of state?.exportedKeys() ?? []) this.#dirt.services.add(key);
    this.#dirt.namespaces ||= state !== undefined;
    this.#clusters.delete(cluster);
    this.#lost.delete(cluster);
  }

  /** The verdict on a whole cluster; it holds for objects that come later too. */
  setServing(cluster: string, serving: boolean): void {
    if (serving !== this.#lost.has(cluster)) return;
    if (serving) this.#lost.delete(cluster);
    else this.#lost.add(cluster);
    for (const key of this.#clusters.get(cluster)?.exportedKeys() ?? []) this.#dirt.services.add(key);
  }

  /**
   * Merges what was touched since the last flush and returns what came out different.
   *
   * @param most services merged at once; what is left over waits for the next flush, and `settled` tells of it
   */
  flush(most = Number.POSITIVE_INFINITY): MeshChange {
    const services = this.#services.flush(this.#dirt.services, key => this.#merge(key), most);
    if (this.#dirt.namespaces) this.#keepNamespaces(this.#findNamespaces());
    this.#dirt.namespaces = false;
    return { services, namespaces: this.#namespaces };
  }

  /** Whether everything put and removed has been merged. */
  get settled(): boolean {
    return this.#dirt.services.size === 0 && !this.#dirt.namespaces;
  }

  /** As of the last flush, ordered by service. */
  get conflicts(): Conflict[] {
    return inKeyOrder(this.#conflicts);
  }

  /** As of the last flush, ordered by service and cluster. */
  get invalidExports(): InvalidExport[] {
    return inKeyOrder(this.#invalid);
  }

  /** The ids of all clusters that have an object, in order. */
  get clusters(): string[] {
    return [...this.#clusters.keys()].sort(compareText);
  }

  /** As of the last flush; undefined: no cluster exports it. */
  serviceOf(key: string): MergedService | undefined {
    return this.#services.get(key);
  }

  /** As of the last flush. */
  conflictsOf(key: string): readonly Conflict[] {
    return this.#conflicts.get(key) ?? [];
  }

  /** As of the last flush. */
  invalidExportsOf(key: string): readonly InvalidExport[] {
    return this.#invalid.get(key) ?? [];
  }

  /** What every cluster gives of a service, shared as whatever; ordered by cluster. */
  exportsOf(key: string): readonly ExportedService[] {
    return [...this.#contributions(key)]
      .flatMap(contribution => (isInvalid(contribution) ? [] : [contribution]))
      .sort((one, other) => compareText(one.cluster, other.cluster));
  }

  /** Keys of the services that a cluster may give to others. */
  keysOf(cluster: string): Iterable<string> {
    return this.#clusters.get(cluster)?.exportedKeys() ?? [];
  }

  /** Keys of everything that has to do with a service, whichever cluster it is in. */
  get keys(): ReadonlySet<string> {
    return new Set([...this.#clusters.values()].flatMap(state => [...state.keys]));
  }

  /** Keys of everything in one namespace that has to do with a service, whichever cluster it is in. */
  keysIn(namespace: string): ReadonlySet<string> {
    return new Set([...this.#clusters.values()].flatMap(state => [...state.keysIn(namespace)]));
  }

  /** One cluster's Service, ServiceExport and slices of a key. */
  ownPartsOf(cluster: string, key: string): OwnParts {
    return this.#clusters.get(cluster)?.ownOf(key) ?? NO_PARTS;
  }

  /** The clusters held for lost. */
  get lost(): ReadonlySet<string> {
    return this.#lost;
  }

  /** As of the last flush. */
  get sizes(): MeshSizes {
    return this.#services.sizes;
  }

  *#contributions(key: string): Iterable<ExportedService | InvalidExport> {
    for (const state of this.#clusters.values()) {
      const contribution = state.exportOf(key);
      if (contribution !== undefined) yield contribution;
    }
  }

  #merge(key: string): MergedService | undefined {
    const exports: ExportedService[] = [];
    const invalid: InvalidExport[] = [];
    for (const exported of this.#contributions(key)) {
      if (isInvalid(exported)) invalid.push(exported);
      else if (exported.sharedAs.includes('ClusterSet')) exports.push(exported);
    }
    invalid.sort((one, other) => compareText(one.cluster, other.cluster));
    const merged = exports.length > 0 ? mergeService(exports, this.#lost) : undefined;
    keep(this.#invalid, key, invalid);
    keep(this.#conflicts, key, merged?.conflicts ?? []);
    return merged?.service;
  }

  /** The very same set while nothing came or went: by that a zone sees that it need not change. */
  #keepNamespaces(found: ReadonlySet<string>): void {
    const before = this.#namespaces;
    const same = found.size === before.size && [...found].every(namespace => before.has(namespace));
    if (!same) this.#namespaces = found;
  }

  #findNamespaces(): ReadonlySet<string> {
    const local = this.#localCluster === undefined ? undefined : this.#clusters.get(this.#localCluster);
    if (local?.declaresNamespaces) return new Set(local.namespaces);
    return new Set([...this.#clusters.values()].flatMap(state => [...state.namespaces]));
  }
}

/** Most services have none, and an empty list for each of 100,000 would add up. */
function keep<T>(lists: Map<string, readonly T[]>, key: string, list: readonly T[]): void {
  if (list.length > 0) lists.set(key, list);
  else lists.delete(key);
}

function inKeyOrder<T>(lists: ReadonlyMap<string, readonly T[]>): T[] {
  const keys = [...lists.keys()].sort(compareText);
  return keys.flatMap(key => lists.get(key) ?? []);
}
