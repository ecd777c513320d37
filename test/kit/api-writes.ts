import { applied, patched } from './api-merge.ts';
import type { AskedOf } from './api-request.ts';
import type { ApiObject, ApiStore } from './api-store.ts';

/** A Kubernetes Status as an answer. */
export class Refusal extends Error {
  readonly status: number;
  readonly reason: string;
  readonly retryAfter: number | undefined;

  constructor(status: number, reason: string, message = reason, retryAfter?: number) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

/**
 * Fills in what an API server would, or throws a `Refusal`; before every write of an object, status writes left out.
 */
export type Admission = (collection: string, object: ApiObject, before: ApiObject | undefined) => void;

/** What a request to write does to the store. */
export class Writes {
  readonly #store: ApiStore;
  readonly #admit: Admission;
  /** By object and field manager: the manifest last applied. */
  readonly #manifests = new Map<string, object>();

  constructor(store: ApiStore, admit: Admission) {
    this.#store = store;
    this.#admit = admit;
  }

  do(asked: AskedOf, body: object): ApiObject {
    if (asked.verb === 'create') return this.#create(asked, body as ApiObject);
    if (asked.verb === 'apply') return this.#apply(asked, body);
    if (asked.verb === 'merge') return this.#merge(asked, body);
    if (asked.verb === 'replace') return this.#replace(asked, body as ApiObject);
    return this.#delete(asked, body);
  }

  #create(asked: AskedOf, object: ApiObject): ApiObject {
    const { collection } = asked;
    const { name } = object.metadata;
    if (this.#get(asked, name) !== undefined)
      throw new Refusal(409, 'AlreadyExists', `${name} already exists`);
    const { status: _, ...rest } = object;
    const created: ApiObject = { ...rest, metadata: { ...object.metadata, generation: 1 } };
    if (asked.namespace !== undefined) created.metadata.namespace = asked.namespace;
    this.#admit(collection, created, undefined);
    return isDryRun(asked) ? created : this.#store.write(collection, created);
  }

  #apply(asked: AskedOf, manifest: object): ApiObject {
    const id = [asked.collection, asked.namespace, asked.name, asked.query.get('fieldManager'), asked.status];
    const before = this.#get(asked, asked.name);
    if (asked.status && before === undefined) throw notFound(asked);
    const { resourceVersion } = Object(Object(manifest).metadata);
    if (resourceVersion !== undefined && resourceVersion !== before?.metadata.resourceVersion) {
      throw modified(asked);
    }
    const object = applied(before, this.#manifests.get(id.join(' ')), manifest);
    if (!isDryRun(asked)) this.#manifests.set(id.join(' '), manifest);
    object.metadata = { ...before?.metadata, ...object.metadata, name: asked.name ?? '' };
    if (asked.namespace !== undefined) object.metadata.namespace = asked.namespace;
    return this.#save(asked, object, before);
  }

  #merge(asked: AskedOf, patch: object): ApiObject {
    const before = this.#get(asked, asked.name);
    if (before === undefined) throw notFound(asked);
    const { uid } = Object(Object(patch).metadata);
    if (uid !== undefined && uid !== before.metadata.uid)
      throw new Refusal(409, 'Conflict', `Precondition failed: UID in precondition: ${uid}`);
    return this.#save(asked, patched(before, patch) as ApiObject, before);
  }

  #replace(asked: AskedOf, object: ApiObject): ApiObject {
    const before = this.#get(asked, asked.name);
    if (before === undefined) throw notFound(asked);
    const { resourceVersion = before.metadata.resourceVersion } = object.metadata;
    if (resourceVersion !== before.metadata.resourceVersion) {
      throw modified(asked);
    }
    const { uid, creationTimestamp } = before.metadata;
    return this.#save(
      asked,
      { ...object, metadata: { ...object.metadata, uid, creationTimestamp } as never },
      before,
    );
  }

  #delete(asked: AskedOf, body: object): ApiObject {
    const { uid, resourceVersion } = Object(Object(body).preconditions);
    const before = this.#get(asked, asked.name);
    if (before === undefined) throw notFound(asked);
    if (uid !== undefined && uid !== before.metadata.uid) {
      throw new Refusal(409, 'Conflict', `Precondition failed: UID in precondition: ${uid}`);
    }
    if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion) {
      const message = `Precondition failed: ResourceVersion in precondition: ${resourceVersion}`;
      throw new Refusal(409, 'Conflict', message);
    }
    for (const id of this.#manifests.keys()) {
      if (id.startsWith(`${asked.collection} ${asked.namespace} ${asked.name} `)) this.#manifests.delete(id);
    }
    return this.#store.delete(asked.collection, asked.namespace ?? '', asked.name ?? '') as ApiObject;
  }

  /** Of status, only the status is written; of the object, all but that. Nothing happens where nothing differs. */
  #save(asked: AskedOf, object: ApiObject, before: ApiObject | undefined): ApiObject {
    const { collection, status } = asked;
    const next: ApiObject = status
      ? { ...(before as ApiObject), status: object['status'] }
      : { ...object, ...(before?.['status'] === undefined ? {} : { status: before['status'] }) };
    if (!status) this.#admit(collection, next, before);
    if (!status && before?.['status'] === undefined) delete next['status'];
    const version = before?.metadata.resourceVersion;
    const generation = before?.metadata.generation ?? 0;
    next.metadata = {
      ...next.metadata,
      generation,
      ...(version === undefined ? {} : { resourceVersion: version }),
    };
    if (before !== undefined && sorted(next) === sorted(before)) return before;
    const meant = ({ metadata: _m, status: _s, ...rest }: ApiObject) => sorted(rest);
    if (before === undefined || meant(next) !== meant(before)) next.metadata.generation = generation + 1;
    return isDryRun(asked) ? next : this.#store.write(collection, next);
  }

  #get({ collection, namespace }: AskedOf, name: string | undefined): ApiObject | undefined {
    return this.#store.get(collection, namespace ?? '', name ?? '');
  }
}

function isDryRun({ query }: AskedOf): boolean {
  return query.get('dryRun') === 'All';
}

function modified({ name }: AskedOf): Refusal {
  const message = `${name} has been modified; apply your changes to the latest version`;
  return new Refusal(409, 'Conflict', message);
}

export function notFound({ collection, name }: AskedOf): Refusal {
  return new Refusal(404, 'NotFound', `${collection} "${name}" not found`);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, field) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([one], [other]) => (one < other ? -1 : 1)))
      : field,
  );
}
