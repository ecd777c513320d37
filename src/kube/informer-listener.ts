/** What a list was, when all of it was here. */
export interface WholeList {
  readonly version: string;
  /** Whether the list held an object of this name (and if the kind has them, of this namespace: else empty). */
  has(namespace: string, name: string): boolean;
}

/**
 * What an informer tells of one list of objects, cut down at the door by its `read`. Called synchronously; a call that
 * throws is logged and does not end the informer.
 */
export interface InformerListener<T> {
  /** New, or other than the one told before under the same namespace and name (`before`). */
  put(object: T, before: T | undefined): void;
  /** Gone, or no longer readable; the object as last told. */
  dropped(object: T): void;
  /** The first full list is told. Once. */
  synced(): void;
  /** A whole list is told, the first one or a later one. What the server held at `list.version` or before is in it. */
  listed?(list: WholeList): void;
  /** The server has stopped answering, or refuses. What was told before stays true as far as anyone knows. */
  stale(reason: Error): void;
  /** The list is current again after `stale` (and whenever it becomes so for the first time). */
  fresh(): void;
}
