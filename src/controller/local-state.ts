import { objectKey } from '../base/name.ts';
import type { OwnedKind } from '../desired/model.ts';
import type { WholeList } from '../kube/informer-listener.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { Condition, MeshObject, NamespaceObject, RemoteClusterObject } from '../objects/shapes.ts';
import { type OwnedObject, OwnedObjects } from './owned-objects.ts';

/** What the status of a ServiceExport or ServiceImport says now. */
export interface StatusRecord {
  readonly kind: 'ServiceExport' | 'ServiceImport';
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly conditions: readonly Condition[];
  /** Of the parts that are ours. */
  readonly fingerprint: string;
}

/** One object of the local API server, as far as the controller cares. */
export interface LocalObject {
  /** It says something about what this cluster exports. */
  readonly mesh?: MeshObject;
  /** We wrote it. */
  readonly owned?: OwnedObject;
  /** It has a status that we write. */
  readonly status?: StatusRecord;
  /** It bears a name that we might want, and is not ours: `ServiceImport shop/payments`. */
  readonly foreign?: string;
}

/** A Secret of the controller's own namespace, as far as it is read. */
export interface HeldSecret {
  readonly name: string;
  readonly resourceVersion: string;
  /** The RemoteCluster for which `causeway connect` made it; undefined: somebody wrote it by hand. */
  readonly madeFor: string | undefined;
  /** By key, in base64. What is too long for a kubeconfig is absent. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Who wants to know of changes. */
export interface LocalChanges {
  /** What is written for this service may have to change. */
  service(key: string): void;
  /** The namespace came or went. */
  namespace(name: string): void;
  /** RemoteClusters, or the Secrets that they name, changed. */
  remotes(): void;
}

/** Everything that the controller knows of its own cluster. Fed by informers, and by the answers to its own writes. */
export class LocalState {
  readonly cluster: string;
  readonly mesh: Mesh;
  readonly owned = new OwnedObjects();
  readonly statuses = new Map<string, StatusRecord>();
  readonly foreign = new Set<string>();
  readonly namespaces = new Set<string>();
  /** Keys of federated Services: they depend on the other services of their namespace. */
  readonly federated = new Set<string>();
  /** Keys of exports that only some clusters may import: they depend on the RemoteClusters and their namespaces. */
  readonly restricted = new Set<string>();
  readonly remoteClusters = new Map<string, RemoteClusterObject>();
  /** By name. */
  readonly secrets = new Map<string, HeldSecret>();
  readonly #changes: LocalChanges;

  constructor(cluster: string, mesh: Mesh, changes: LocalChanges) {
    this.cluster = cluster;
    this.mesh = mesh;
    this.#changes = changes;
  }

  /** Every service that there is something to plan for, or to clean up. */
  get keys(): ReadonlySet<string> {
    const { mesh, owned } = this;
    const statuses = [...this.statuses.values()].map(({ namespace, name }) => objectKey(namespace, name));
    return new Set([...mesh.keys, ...owned.keys, ...statuses]);
  }

  keysIn(namespace: string): ReadonlySet<string> {
    const owned = [...this.owned.keys].filter(key => key.startsWith(`${namespace}/`));
    return new Set([...this.mesh.keysIn(namespace), ...owned]);
  }

  put(object: LocalObject, before: LocalObject | undefined): void {
    const { mesh, owned, status, foreign } = object;
    if (before?.mesh !== undefined && mesh === undefined) this.#removeFromMesh(before.mesh);
    if (before?.owned !== undefined && before.owned.key !== owned?.key) this.#dropOwned(before.owned);
    if (before?.foreign !== undefined && foreign === undefined) this.#setForeign(before.foreign, false);
    if (foreign !== undefined && before?.foreign === undefined) this.#setForeign(foreign, true);
    if (status !== undefined) this.putStatus(status);
    if (mesh !== undefined) this.#putIntoMesh(mesh, before?.mesh);
    if (owned !== undefined && this.owned.put(owned)) this.#changes.service(owned.key);
  }

  /** What the API server has made of a write of ours. Nobody is told: who wrote it is at work on that service. */
  wrote({ owned, status }: Pick<LocalObject, 'owned' | 'status'>): void {
    if (owned !== undefined) this.owned.put(owned);
    if (status !== undefined) this.statuses.set(statusId(status), status);
  }

  dropped(object: LocalObject): void {
    const { mesh, owned, status, foreign } = object;
    if (foreign !== undefined) this.#setForeign(foreign, false);
    if (status !== undefined) {
      this.statuses.delete(statusId(status));
      this.#changes.service(objectKey(status.namespace, status.name));
    }
    if (mesh !== undefined) this.#removeFromMesh(mesh);
    if (owned !== undefined) this.#dropOwned(owned);
  }

  putStatus(status: StatusRecord): void {
    const id = statusId(status);
    const before = this.statuses.get(id);
    this.statuses.set(id, status);
    if (before?.fingerprint !== status.fingerprint) {
      this.#changes.service(objectKey(status.namespace, status.name));
    }
  }

  statusOf(kind: StatusRecord['kind'], key: string): StatusRecord | undefined {
    return this.statuses.get(`${kind} ${key}`);
  }

  /** A whole list of a kind that we write is in. */
  listed(kind: OwnedKind, list: WholeList): void {
    for (const key of this.owned.verify(kind, list)) this.#changes.service(key);
  }

  putNamespace(namespace: NamespaceObject): void {
    if (this.namespaces.has(namespace.name)) return;
    this.namespaces.add(namespace.name);
    this.mesh.put(this.cluster, namespace);
    this.#changes.namespace(namespace.name);
  }

  dropNamespace(namespace: NamespaceObject): void {
    this.namespaces.delete(namespace.name);
    this.mesh.remove(this.cluster, namespace);
    this.#changes.namespace(namespace.name);
  }

  putRemote(remote: RemoteClusterObject): void {
    this.remoteClusters.set(remote.name, remote);
    this.#changes.remotes();
  }

  /** In base64; undefined: there is none. */
  kubeconfigOf({ secretName, secretKey }: RemoteClusterObject): string | undefined {
    return this.secrets.get(secretName)?.texts.get(secretKey);
  }

  dropRemote(remote: RemoteClusterObject): void {
    this.remoteClusters.delete(remote.name);
    this.#changes.remotes();
  }

  putSecret(secret: HeldSecret): void {
    this.secrets.set(secret.name, secret);
    this.#changes.remotes();
  }

  dropSecret({ name }: HeldSecret): void {
    this.secrets.delete(name);
    this.#changes.remotes();
  }

  /**
   * Whoever wants the name can have it from now on, or no longer. Which Service a derived one is for its name does not
   * say.
   */
  #setForeign(id: string, exists: boolean): void {
    enter(this.foreign, id, exists);
    const [kind, key = ''] = id.split(' ');
    // The names of derived Services are hashes: it may be any service of the namespace that waits for this one.
    const waiting = kind === 'ServiceImport' ? [key] : this.keysIn(key.slice(0, key.indexOf('/')));
    for (const each of waiting) this.#changes.service(each);
  }

  #putIntoMesh(object: MeshObject, before: MeshObject | undefined): void {
    // A slice that was given to another Service has to be planned for under both.
    if (before !== undefined && serviceKeyOf(before) !== serviceKeyOf(object)) this.#touch(before);
    this.mesh.put(this.cluster, object);
    this.#index(object, true);
    this.#touch(object);
  }

  #removeFromMesh(object: MeshObject): void {
    this.mesh.remove(this.cluster, object);
    this.#index(object, false);
    this.#touch(object);
  }

  #index(object: MeshObject, exists: boolean): void {
    const key = serviceKeyOf(object);
    if (key === undefined) return;
    if (object.kind === 'Service') {
      enter(this.federated, key, exists && object.detail?.intent.federationSelector !== undefined);
    }
    if (object.kind === 'ServiceExport') enter(this.restricted, key, exists && object.exportTo !== undefined);
  }

  #dropOwned(object: OwnedObject): void {
    if (this.owned.drop(object)) this.#changes.service(object.key);
  }

  #touch(object: MeshObject): void {
    const key = serviceKeyOf(object);
    if (key !== undefined) this.#changes.service(key);
  }
}

/** The service that an object is part of. */
export function serviceKeyOf(object: MeshObject): string | undefined {
  if (object.kind === 'Namespace') return undefined;
  return objectKey(object.namespace, object.kind === 'EndpointSlice' ? object.serviceName : object.name);
}

function enter(set: Set<string>, key: string, belongs: boolean): void {
  if (belongs) set.add(key);
  else set.delete(key);
}

function statusId({ kind, namespace, name }: StatusRecord): string {
  return `${kind} ${objectKey(namespace, name)}`;
}
