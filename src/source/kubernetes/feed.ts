import { setTimeout as sleep } from 'node:timers/promises';
import { backoff } from '../../base/backoff.ts';
import { objectKey } from '../../base/name.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { ApiClient, RawObject, Selection } from '../../kube/client.ts';
import { Informer } from '../../kube/informer.ts';
import { OWN_SERVER_TIMES } from '../../kube/informer-times.ts';
import { apiVersionOf, type Resource } from '../../kube/resource.ts';
import { type Problem, Problems } from '../../objects/problem.ts';
import type { Logger } from '../../ops/log.ts';
import type { ImportObject } from './objects.ts';

/** One list of objects that is read from the API server. */
export interface FeedKind {
  /** The versions in which it may be served; the first that is served is read. */
  readonly resources: readonly [Resource, ...Resource[]];
  readonly selection: Selection;
  /** False: an API server may do without the kind, or not let us read it. */
  readonly required: boolean;
  read(raw: RawObject, problems: Problems): ImportObject | undefined;
}

export interface FeedOptions {
  readonly client: ApiClient;
  readonly log: Logger;
  put(object: ImportObject, before: ImportObject | undefined): void;
  dropped(object: ImportObject): void;
  /** `known` or `fault` is another. */
  standing(): void;
  tell(problems: readonly Problem[]): void;
}

/** Milliseconds between two looks for a kind that was not there: somebody may be installing it. */
const LOOKS = { least: 1_000, most: 10_000 };

/** Follows one kind of object, in whichever version the API server has it and as soon as it has it. */
export class Feed {
  readonly #kind: FeedKind;
  readonly #options: FeedOptions;
  readonly #ending = new AbortController();
  #informer: Informer<ImportObject> | undefined;
  #synced = false;
  #absent = false;
  #fault: Error | undefined;

  constructor(kind: FeedKind, options: FeedOptions) {
    this.#kind = kind;
    this.#options = options;
  }

  /** Whether all objects have been told, or it is known that there are none to be had. */
  get known(): boolean {
    return this.#synced || this.#absent;
  }

  /** Why what was told may be out of date. Undefined: it is current, or nothing is known to the contrary yet. */
  get fault(): Error | undefined {
    return this.#fault;
  }

  start(): void {
    const { resources, required } = this.#kind;
    if (resources.length === 1 && required) this.#follow(resources[0]);
    else void this.#look();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#informer?.stop();
  }

  /** Follows the first version that is served, as soon as one is. */
  async #look(): Promise<void> {
    const { signal } = this.#ending;
    for (let failures = 1; ; failures++) {
      try {
        const resource = await this.#servedVersion(signal);
        if (signal.aborted) return;
        if (resource !== undefined) return this.#follow(resource);
        this.#stand(undefined, true);
      } catch (thrown) {
        if (signal.aborted) return;
        this.#stand(thrown as Error, false);
      }
      await sleep(backoff(failures, Math.random, LOOKS), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Undefined: none, and that is all right. Throws where it is not, or where nobody knows. */
  async #servedVersion(signal: AbortSignal): Promise<Resource | undefined> {
    const { resources, selection, required } = this.#kind;
    for (const resource of resources) {
      try {
        await this.#options.client.list(resource, { ...selection, limit: 1 }, signal);
        return resource;
      } catch (thrown) {
        if (!isRefusal(thrown) || (required && thrown.status !== 404)) throw thrown;
      }
    }
    if (!required) return undefined;
    const { plural, group } = resources[0];
    throw new Error(
      `the API server has no ${plural} in ${resources.map(apiVersionOf).join(' or ')}: ` +
        `install the CustomResourceDefinition ${plural}.${group}`,
    );
  }

  #follow(resource: Resource): void {
    const { client, log, put, dropped } = this.#options;
    this.#informer = new Informer<ImportObject>({
      client,
      resource,
      selection: this.#kind.selection,
      log,
      random: Math.random,
      times: OWN_SERVER_TIMES,
      read: raw => this.#read(raw, resource),
      listener: {
        put,
        dropped,
        synced: () => {
          this.#synced = true;
          this.#options.standing();
        },
        fresh: () => this.#stand(undefined, false),
        // A kind that was there and no longer is was taken away on purpose.
        stale: reason => {
          const away = !this.#kind.required && isRefusal(reason);
          this.#stand(away ? undefined : reason, away);
        },
      },
    });
    this.#informer.start();
  }

  #read(raw: RawObject, { kind }: Resource): ImportObject | undefined {
    const { namespace, name } = raw.metadata;
    const problems = new Problems(
      () => `${kind} ${namespace === undefined ? name : objectKey(namespace, name)}`,
    );
    const object = this.#kind.read(raw, problems);
    const found = problems.list();
    if (found.length > 0) this.#options.tell(found);
    return object;
  }

  #stand(fault: Error | undefined, absent: boolean): void {
    this.#fault = fault;
    this.#absent = absent;
    this.#options.standing();
  }
}

/**
 * There is no such kind; or whoever wrote our role did without it, and then a server does not even say whether there
 * is.
 */
function isRefusal(thrown: unknown): thrown is ApiError {
  return thrown instanceof ApiError && (thrown.status === 404 || thrown.status === 403);
}
