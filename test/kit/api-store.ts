export interface StoredRecord {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The whole object. */
  readonly json: string;
}

export interface StoreEvent {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** `group/plural` */
  readonly collection: string;
  readonly record: StoredRecord;
  readonly before: StoredRecord | undefined;
}

export interface ApiObject {
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

const MAX_HISTORY = 20_000;

/**
 * What etcd and the watch cache are to an API server: objects by collection, one count of revisions, and a short
 * history.
 */
export class ApiStore {
  revision = 100;
  /** Nothing at or before this revision can be told any more. */
  compacted = 0;
  readonly #collections = new Map<string, Map<string, StoredRecord>>();
  readonly #followers = new Set<(event: StoreEvent) => void>();
  #history: StoreEvent[] = [];
  #uids = 0;

  get(collection: string, namespace: string, name: string): ApiObject | undefined {
    const record = this.#collections.get(collection)?.get(`${namespace}/${name}`);
    return record && JSON.parse(record.json);
  }

  /** Sorted by namespace and name. */
  list(collection: string): StoredRecord[] {
    const records = [...(this.#collections.get(collection) ?? [])];
    return records.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, record]) => record);
  }

  /** Every object of a collection, parsed. */
  objects(collection: string): ApiObject[] {
    return this.list(collection).map(({ json }) => JSON.parse(json));
  }

  /** Stores the object as it is, under a new version. */
  write(collection: string, object: ApiObject): ApiObject {
    const records = this.#collections.get(collection) ?? new Map<string, StoredRecord>();
    this.#collections.set(collection, records);
    const { metadata } = object;
    const key = `${metadata.namespace ?? ''}/${metadata.name}`;
    const before = records.get(key);
    this.revision++;
    metadata.uid ??= this.#uid();
    metadata.creationTimestamp ??= '2025-01-01T00:00:00Z';
    metadata.resourceVersion = `${this.revision}`;
    const record = recordOf(object);
    records.set(key, record);
    this.#tell({
      revision: this.revision,
      type: before ? 'MODIFIED' : 'ADDED',
      collection,
      record,
      before,
    });
    return object;
  }

  /** Undefined: it was not there. */
  delete(collection: string, namespace: string, name: string): ApiObject | undefined {
    const key = `${namespace}/${name}`;
    const records = this.#collections.get(collection);
    const before = records?.get(key);
    if (before === undefined) return undefined;
    records?.delete(key);
    this.revision++;
    const object: ApiObject = JSON.parse(before.json);
    object.metadata.resourceVersion = `${this.revision}`;
    this.#tell({ revision: this.revision, type: 'DELETED', collection, record: recordOf(object), before });
    return object;
  }

  /** What came after this revision; undefined: that is no longer known. */
  since(revision: number): StoreEvent[] | undefined {
    if (revision < this.compacted) return undefined;
    return this.#history.filter(event => event.revision > revision);
  }

  compact(): void {
    this.compacted = this.revision;
    this.#history = [];
  }

  /** As an etcd that has lost its disk: empty, and counting from the beginning. Nobody is told. */
  wipe(): void {
    this.#collections.clear();
    this.#history = [];
    this.compacted = 0;
    this.revision = 1;
  }

  /** Returns what ends it. */
  follow(follower: (event: StoreEvent) => void): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  #tell(event: StoreEvent): void {
    this.#history.push(event);
    if (this.#history.length > MAX_HISTORY) {
      this.#history = this.#history.slice(MAX_HISTORY / 2);
      this.compacted = (this.#history[0]?.revision ?? this.revision) - 1;
    }
    for (const follower of this.#followers) follower(event);
  }

  #uid(): string {
    const count = (++this.#uids).toString(16).padStart(8, '0');
    return `${count}-${this.revision.toString(16).padStart(4, '0').slice(-4)}-4000-8000-000000000000`;
  }
}

function recordOf(object: ApiObject): StoredRecord {
  const { namespace = '', name, labels = {} } = object.metadata;
  return { namespace, name, labels, json: JSON.stringify(object) };
}
