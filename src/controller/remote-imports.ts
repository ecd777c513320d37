import { objectKey } from '../base/name.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { RemoteClusterObject } from '../objects/shapes.ts';
import { serviceKeyOf } from './local-state.ts';
import type { ImportedObject } from './memory.ts';

/** Of one cluster. Cilium's and Karmada's largest published tests have 250,000 endpoints in all clusters together. */
const MOST_SERVICES = 20_000;
const MOST_ENDPOINTS = 300_000;

/** What a RemoteCluster says of how its services are taken in. */
type ImportRules = Pick<RemoteClusterObject, 'namespaces' | 'weight'>;

interface Held {
  readonly object: ImportedObject;
  /** The namespace of the remote cluster that it was read from; undefined: remembered from earlier. */
  readonly from: string | undefined;
}

/**
 * What one other cluster gives to this one. It outlives the connection to it: after a break everything is unconfirmed,
 * stays as it was, and only a full list of what the cluster publishes makes the rest go.
 */
export class RemoteImports {
  readonly cluster: string;
  readonly #mesh: Mesh;
  readonly #touched: (key: string) => void;
  readonly #held = new Map<string, Held>();
  #unconfirmed = new Set<string>();
  #spec: ImportRules;
  #services = 0;
  #endpoints = 0;
  /** Whether a full list of what the cluster publishes was ever taken in. */
  #known = false;
  #closed = false;

  constructor(cluster: string, spec: ImportRules, mesh: Mesh, touched: (key: string) => void) {
    this.cluster = cluster;
    this.#spec = spec;
    this.#mesh = mesh;
    this.#touched = touched;
  }

  /** Number of services. */
  get services(): number {
    return this.#services;
  }

  get endpoints(): number {
    return this.#endpoints;
  }

  /** Whether an object can be taken in: no cluster may fill the memory, and the store, of the others. */
  fits(object: ImportedObject): boolean {
    const held = this.#held.get(idOf(object))?.object;
    if (object.kind === 'ExportedService') return held !== undefined || this.#services < MOST_SERVICES;
    const before = held?.kind === 'EndpointSlice' ? held.endpoints.length : 0;
    return this.#endpoints - before + object.endpoints.length <= MOST_ENDPOINTS;
  }

  /**
   * Takes up what was last heard of the cluster by whoever led before, as far as nothing newer is known. It goes with
   * the first full list if that does not confirm it.
   */
  recall(objects: Iterable<ImportedObject>): void {
    if (this.#known) return;
    for (const object of objects) {
      const id = idOf(object);
      if (this.#held.has(id)) continue;
      this.put(object, undefined);
      this.#unconfirmed.add(id);
    }
  }

  /** The full list comes anew, by these rules; until it is there, nothing goes. */
  restart(spec: ImportRules): void {
    this.#spec = spec;
    this.#unconfirmed = new Set(this.#held.keys());
  }

  put(object: ImportedObject, from: string | undefined): void {
    if (this.#closed) return;
    const { namespaces, weight } = this.#spec;
    if (namespaces.length > 0 && !namespaces.includes(object.namespace)) return;
    const id = idOf(object);
    const adopted =
      object.kind === 'ExportedService' && object.traffic.weight === undefined && weight !== undefined
        ? { ...object, traffic: { ...object.traffic, weight } }
        : object;
    const before = this.#held.get(id);
    this.#count(before?.object, -1);
    this.#count(object, 1);
    this.#held.set(id, { object: adopted, from });
    this.#unconfirmed.delete(id);
    this.#mesh.put(this.cluster, adopted);
    if (before !== undefined && serviceKeyOf(before.object) !== serviceKeyOf(adopted))
      this.#touch(before.object);
    this.#touch(adopted);
  }

  /**
   * Nothing happens where the same was put from elsewhere since: a service that moves between namespaces stays.
   *
   * @param grace milliseconds for which it may still come back
   */
  drop(object: ImportedObject, from: string, grace = 0): void {
    const id = idOf(object);
    const held = this.#held.get(id);
    if (held?.from !== from) return;
    if (grace === 0) this.#remove(id);
    else setTimeout(() => this.#held.get(id) === held && this.#remove(id), grace).unref();
  }

  /** The full list is in: what it did not confirm is gone. */
  confirmed(): void {
    for (const id of this.#unconfirmed) this.#remove(id);
    this.#unconfirmed.clear();
    this.#known = true;
  }

  /** Whether the cluster is held for lost; nothing happens where that is known. */
  setServing(serving: boolean): void {
    if (this.#closed || serving !== this.#mesh.lost.has(this.cluster)) return;
    this.#mesh.setServing(this.cluster, serving);
    for (const key of this.#mesh.keysOf(this.cluster)) this.#touched(key);
  }

  /** Everything goes, and nothing comes in any more. */
  clear(): void {
    this.#closed = true;
    const keys = [...this.#mesh.keysOf(this.cluster)];
    this.#mesh.removeCluster(this.cluster);
    this.#held.clear();
    this.#unconfirmed.clear();
    this.#services = 0;
    this.#endpoints = 0;
    for (const key of keys) this.#touched(key);
  }

  #remove(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    this.#count(held.object, -1);
    this.#mesh.remove(this.cluster, held.object);
    this.#touch(held.object);
  }

  #count(object: ImportedObject | undefined, sign: 1 | -1): void {
    if (object?.kind === 'ExportedService') this.#services += sign;
    if (object?.kind === 'EndpointSlice') this.#endpoints += sign * object.endpoints.length;
  }

  #touch(object: ImportedObject): void {
    const key = serviceKeyOf(object);
    if (key !== undefined) this.#touched(key);
  }
}

function idOf({ kind, namespace, name }: ImportedObject): string {
  return `${kind} ${objectKey(namespace, name)}`;
}
