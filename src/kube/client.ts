import type { Place, Resource } from './resource.ts';

/** An object as the API server sends it; nothing in it is checked yet. */
export interface RawObject {
  readonly metadata: RawMetadata;
  readonly [field: string]: unknown;
}

/** What every API server fills in; the client refuses objects without a name. */
export interface RawMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly resourceVersion?: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Of a list or a watch; the client refuses them without a version. */
export type StoredObject = RawObject & { readonly metadata: { readonly resourceVersion: string } };

export interface ListPage {
  readonly items: readonly StoredObject[];
  /** Of the list as a whole: where a watch goes on from. */
  readonly resourceVersion: string;
  /** Undefined: this was the last page. */
  readonly continue?: string;
}

export interface Selection {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: StoredObject }
  /** Nothing happened up to here. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }
  /** A Kubernetes Status in the stream; 410 means that the watch has to start over with a list. */
  | { readonly type: 'ERROR'; readonly status: number; readonly message: string };

export interface ServerFacts {
  /** `v1.34.2` */
  readonly version: string;
  /**
   * The time of day by the server's own clock, from the answer's Date: milliseconds since the epoch, in whole seconds
   * that have passed. Undefined: the answer has none.
   */
  readonly time: number | undefined;
}

/**
 * One API server. Every method throws `ApiError` for an answer that is an error, and `CausewayError` API_UNREACHABLE
 * where there was no answer in time, or API_ANSWER_INVALID where it is none that an API server gives. A signal cuts a
 * call short (it then throws the signal's reason).
 */
export interface ApiClient {
  /** `https://10.0.0.1:6443`, for messages. Never holds a credential. */
  readonly server: string;
  /** Undefined: there is no such object (404). */
  get(resource: Resource, place: Place, signal?: AbortSignal): Promise<RawObject | undefined>;
  list(
    resource: Resource,
    selection: Selection & {
      readonly limit?: number;
      readonly continue?: string;
      readonly resourceVersion?: string;
    },
    signal?: AbortSignal,
  ): Promise<ListPage>;
  /**
   * Streams events until the server ends the watch (returns) or it breaks (throws). `heard` is called when the server
   * has accepted the watch and then for every chunk of octets, so that the caller can tell silence from quiet. What
   * `event` throws ends the watch and is thrown on.
   */
  watch(
    resource: Resource,
    selection: Selection & { readonly resourceVersion: string; readonly timeoutSeconds: number },
    events: { event(event: WatchEvent): void; heard(): void },
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Server-side apply with the client's field manager, forced: what we say of our own objects holds. Returns the object
   * as stored; with `dryRun` as it would be.
   */
  apply(
    resource: Resource,
    place: Place,
    manifest: object,
    signal?: AbortSignal,
    options?: { readonly dryRun?: boolean },
  ): Promise<RawObject>;
  /**
   * JSON merge patch (RFC 7396): what is null is taken away, what is not named stays, whoever wrote it. Creates
   * nothing: an object that is not there is a 404; one of another `metadata.uid` than the patch has, a 409.
   */
  merge(resource: Resource, place: Place, patch: object, signal?: AbortSignal): Promise<RawObject>;
  create(
    resource: Resource,
    place: Place,
    manifest: object,
    options?: { readonly dryRun?: boolean },
  ): Promise<RawObject>;
  /** Replaces the object; its `metadata.resourceVersion` makes it conditional (409 if it has changed since). */
  replace(resource: Resource, place: Place, manifest: object, signal?: AbortSignal): Promise<RawObject>;
  /**
   * Nothing happens if it is gone already. `uid`: only that very object. `resourceVersion`: only as it was then (409 if
   * it has changed since).
   */
  remove(
    resource: Resource,
    place: Place,
    options?: { readonly uid?: string; readonly resourceVersion?: string; readonly signal?: AbortSignal },
  ): Promise<void>;
  /** What the API server says of itself. */
  about(signal?: AbortSignal): Promise<ServerFacts>;
  /**
   * The text at a path that is no resource's: `/version`, or a page of a pod by the API server's proxy.
   *
   * @param path begins with a slash; its parts are encoded by whoever gives it
   */
  page(path: string, signal?: AbortSignal): Promise<string>;
  /**
   * The same for what is no text, such as a DNS message.
   *
   * @param most octets; a larger answer is API_ANSWER_INVALID
   */
  octets(path: string, most: number, signal?: AbortSignal): Promise<Uint8Array>;
  /**
   * Posts an object that is not stored: what the API server fills in is the answer. SelfSubjectRulesReview and
   * TokenRequest are such.
   */
  ask(path: string, question: object, signal?: AbortSignal): Promise<Readonly<Record<string, unknown>>>;
  /** Closes idle connections; what is under way goes on. */
  close(): void;
}
