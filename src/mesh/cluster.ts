import { objectKey } from '../base/name.ts';
import type {
  EndpointSliceObject,
  ExportedServiceObject,
  MeshObject,
  NamespaceObject,
  ServiceExportObject,
  ServiceObject,
} from '../objects/shapes.ts';
import { sameData } from './equal.ts';
import { exportService, inNameOrder, type OwnParts } from './export.ts';
import type { ExportedService, InvalidExport } from './model.ts';

/** What has to be computed anew; shared by all clusters of a mesh. */
export interface Dirt {
  /** Keys of services. */
  readonly services: Set<string>;
  namespaces: boolean;
}

/** What one cluster holds under one namespaced name. */
interface Parts {
  service: ServiceObject | undefined;
  request: ServiceExportObject | undefined;
  /** What the cluster publishes instead of the two above, where it is read from afar. */
  published: ExportedServiceObject | undefined;
  readonly slices: Set<EndpointSliceObject>;
}

/** Where the objects of which there is one per service are kept. */
const SLOTS = { Service: 'service', ServiceExport: 'request', ExportedService: 'published' } as const;

/** Of a key that a cluster knows nothing of. */
export const NO_PARTS: Omit<Parts, 'slices'> & OwnParts = {
  service: undefined,
  request: undefined,
  published: undefined,
  slices: [],
};

/** The objects of one cluster, put together by the service they belong to. */
export class ClusterState {
  readonly id: string;
  readonly #dirt: Dirt;
  readonly #parts = new Map<string, Parts>();
  /** Those of `#parts`, by namespace. */
  readonly #keys = new Map<string, Set<string>>();
  /** By their own names: a slice that changes the service it belongs to has to leave the old one. */
  readonly #slices = new Map<string, EndpointSliceObject>();
  readonly #namespaces = new Map<string, NamespaceObject>();
  /** How many objects are in, or are, each namespace. */
  readonly #population = new Map<string, number>();

  constructor(id: string, dirt: Dirt) {
    this.id = id;
    this.#dirt = dirt;
  }

  get empty(): boolean {
    return this.#population.size === 0;
  }

  /** Whether Namespace objects say which namespaces there are. */
  get declaresNamespaces(): boolean {
    return this.#namespaces.size > 0;
  }

  /** Those declared and those that other objects are in. */
  get namespaces(): Iterable<string> {
    return this.#population.keys();
  }

  /** Keys of the services that the cluster may give to others. */
  *exportedKeys(): Iterable<string> {
    for (const [key, parts] of this.#parts) {
      if (parts.request || parts.published || parts.service?.detail?.intent.global) yield key;
    }
  }

  /** The Service and the ServiceExport of a key, and the slices of the Service. */
  ownOf(key: string): OwnParts {
    return this.#parts.get(key) ?? NO_PARTS;
  }

  /** Keys of everything that has to do with a service. */
  get keys(): Iterable<string> {
    return this.#parts.keys();
  }

  /** Keys of everything in one namespace that has to do with a service. */
  keysIn(namespace: string): Iterable<string> {
    return this.#keys.get(namespace) ?? [];
  }

  /** What the cluster contributes to a service; undefined: it does not export it. */
  exportOf(key: string): ExportedService | InvalidExport | undefined {
    const parts = this.#parts.get(key);
    if (parts?.published === undefined) return parts && exportService(this.id, parts);
    const { kind: _kind, publishedAs: _publishedAs, ...exported } = parts.published;
    return { ...exported, slices: inNameOrder(parts.slices) };
  }

  /** An object that says what the one held says is dropped: a reload of a whole directory is no change. */
  put(object: MeshObject): void {
    const held = this.#find(object);
    if (held === undefined) this.#populate(object, 1);
    else if (sameData(held, object)) return;
    else this.#unlink(held);
    this.#link(object);
  }

  remove(object: MeshObject): void {
    const held = this.#find(object);
    if (held === undefined) return;
    this.#unlink(held);
    this.#populate(held, -1);
  }

  #find(object: MeshObject): MeshObject | undefined {
    if (object.kind === 'Namespace') return this.#namespaces.get(object.name);
    const key = objectKey(object.namespace, object.name);
    if (object.kind === 'EndpointSlice') return this.#slices.get(key);
    const parts = this.#parts.get(key);
    return parts?.[SLOTS[object.kind]];
  }

  #link(object: MeshObject): void {
    if (object.kind === 'Namespace') {
      this.#namespaces.set(object.name, object);
      this.#dirt.namespaces = true;
      return;
    }
    if (object.kind === 'EndpointSlice') this.#slices.set(objectKey(object.namespace, object.name), object);
    const key = serviceKey(object);
    const parts = this.#parts.get(key) ?? { ...NO_PARTS, slices: new Set() };
    if (object.kind === 'Service') parts.service = object;
    else if (object.kind === 'ServiceExport') parts.request = object;
    else if (object.kind === 'ExportedService') parts.published = object;
    else parts.slices.add(object);
    if (!this.#parts.has(key)) {
      this.#parts.set(key, parts);
      this.#keys.set(object.namespace, (this.#keys.get(object.namespace) ?? new Set()).add(key));
    }
    this.#dirt.services.add(key);
  }

  #unlink(object: MeshObject): void {
    if (object.kind === 'Namespace') {
      this.#namespaces.delete(object.name);
      this.#dirt.namespaces = true;
      return;
    }
    if (object.kind === 'EndpointSlice') this.#slices.delete(objectKey(object.namespace, object.name));
    const key = serviceKey(object);
    const parts = this.#parts.get(key);
    if (parts === undefined) return;
    if (object.kind === 'EndpointSlice') parts.slices.delete(object);
    else parts[SLOTS[object.kind]] = undefined;
    const { service, request, published, slices } = parts;
    if (!service && !request && !published && slices.size === 0) {
      this.#parts.delete(key);
      const keys = this.#keys.get(object.namespace);
      keys?.delete(key);
      if (keys?.size === 0) this.#keys.delete(object.namespace);
    }
    this.#dirt.services.add(key);
  }

  #populate(object: MeshObject, difference: 1 | -1): void {
    const namespace = object.kind === 'Namespace' ? object.name : object.namespace;
    const count = (this.#population.get(namespace) ?? 0) + difference;
    if (count === 0) this.#population.delete(namespace);
    else this.#population.set(namespace, count);
    if (count === 0 || count === difference) this.#dirt.namespaces = true;
  }
}

/** The service that an object is part of. */
function serviceKey(object: Exclude<MeshObject, NamespaceObject>): string {
  return objectKey(object.namespace, object.kind === 'EndpointSlice' ? object.serviceName : object.name);
}
