import { objectKey } from '../base/name.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { RemoteClusterObject } from '../objects/shapes.ts';
import { serviceKeyOf } from './local-state.ts';
import type { ImportedObject } from './memory.ts';

/** What a RemoteCluster says of how its services are taken in. */
type ImportRules = Pick<RemoteClusterObject, 'namespaces' | 'weight'>;

interface Held {
  readonly object: ImportedObject;
  /** The namespace of the remote cluster that it was read from; undefined: remembered from earlier. */
  readonly from: string | undefined;
}

/**
 * What one other cluster gives to this one. It outlives the connection to it: after a break everything is unconfirmed, stays
 * as it was, and only a full list of what the cluster publishes makes the rest go.
 */
export class RemoteImports {
  readonly cluster: string;
  readonly #mesh: Mesh;
  readonly #touched: (key: string) => void;
  readonly #held = new Map<string, Held>();
  #unconfirmed = new Set<string>();
  #spec: ImportRules;
  #services = 0;

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

  /** The full list comes anew, by these rules; until it is there, nothing goes. */
  restart(spec: ImportRules): void {
    this.#spec = spec;
    this.#unconfirmed = new Set(this.#held.keys());
  }

  put(object: ImportedObject, from: string | undefined): void {
    const { namespaces, weight } = this.#spec;
    if (namespaces.length > 0 && !namespaces.includes(object.namespace)) return;
    const id = idOf(object);
    const adopted =
      object.kind === 'ExportedService' && object.traffic.weight === undefined && weight !== undefined
        ? { ...object, traffic: { ...object.traffic, weight } }
        : object;
    const before = this.#held.get(id);
    if (before === undefined && object.kind === 'ExportedService') this.#services++;
    this.#held.set(id, { object: adopted, from });
    this.#unconfirmed.delete(id);
    this.#mesh.put(this.cluster, adopted);
    if (before !== undefined && serviceKeyOf(before.object) !== serviceKeyOf(adopted))
      this.#touch(before.object);
    this.#touch(adopted);
  }

  /** Nothing happens where the same was put from elsewhere since: a service that moves between namespaces stays. */
  drop(object: ImportedObject, from: string): void {
    const id = idOf(object);
    if (this.#held.get(id)?.from === from) this.#remove(id);
  }

  /** The full list is in: what it did not confirm is gone. */
  confirmed(): void {
    for (const id of this.#unconfirmed) this.#remove(id);
    this.#unconfirmed.clear();
  }

  /** Whether the cluster is held for lost; nothing happens where that is known. */
  setServing(serving: boolean): void {
    if (serving !== this.#mesh.lost.has(this.cluster)) return;
    this.#mesh.setServing(this.cluster, serving);
    for (const key of this.#mesh.keysOf(this.cluster)) this.#touched(key);
  }

  /** Everything goes. */
  clear(): void {
    const keys = [...this.#mesh.keysOf(this.cluster)];
    this.#mesh.removeCluster(this.cluster);
    this.#held.clear();
    this.#unconfirmed.clear();
    this.#services = 0;
    for (const key of keys) this.#touched(key);
  }

  #remove(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    if (held.object.kind === 'ExportedService') this.#services--;
    this.#mesh.remove(this.cluster, held.object);
    this.#touch(held.object);
  }

  #touch(object: ImportedObject): void {
    const key = serviceKeyOf(object);
    if (key !== undefined) this.#touched(key);
  }
}

function idOf({ kind, namespace, name }: ImportedObject): string {
  return `${kind} ${objectKey(namespace, name)}`;
}
