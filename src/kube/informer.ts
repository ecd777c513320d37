import { setTimeout as sleep } from 'node:timers/promises';
import { backoff } from '../base/backoff.ts';
import { CausewayError, messageOf } from '../base/errors.ts';
import type { Logger } from '../ops/log.ts';
import type { ApiError } from './api-error.ts';
import type { ApiClient, Selection, StoredObject } from './client.ts';
import { FollowingLog } from './following-log.ts';
import { HeldObjects } from './held-objects.ts';
import type { InformerListener } from './informer-listener.ts';
import { INFORMER_TIMES, type InformerTimes } from './informer-times.ts';
import { listPages } from './list-pages.ts';
import type { Resource } from './resource.ts';
import { Teller } from './teller.ts';
import { type Change, watchOnce } from './watch-once.ts';

export interface InformerParts<T> {
  readonly client: ApiClient;
  readonly resource: Resource;
  readonly selection: Selection;
  /** Cuts an object down to what is kept of it. Undefined: it is none of ours; if it was, it is dropped. */
  readonly read: (raw: StoredObject) => T | undefined;
  readonly listener: InformerListener<T>;
  /**
   * Asked when a list is in, before what it lacks is dropped. Throws where the list is not to be believed; it is then
   * as if it had failed.
   */
  readonly believe?: (signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly times?: Partial<InformerTimes>;
}

/**
 * Keeps a listener told of one list of objects, whatever happens to the API server, until it is stopped.
 *
 *     list ──► watch ──► in good order: watch on from the last version seen
 *      ▲         └─────► broken: told stale, wait, watch on from the last version seen
 *      └──── version gone (410), or time for an audit
 *
 * What was told stays until a whole list or an event says otherwise: a server that is away takes nothing with it. The
 * audit is a list in between, for what a watch should have said and has not.
 */
export class Informer<T> {
  readonly #parts: InformerParts<T>;
  readonly #times: InformerTimes;
  readonly #ending = new AbortController();
  readonly #teller: Teller;
  readonly #log: FollowingLog;
  readonly #held: HeldObjects<T>;
  #running: Promise<void> | undefined;
  /** Ends the list, watch or wait that is under way; the next one begins at once. */
  #turn = new AbortController();
  /** Where the watch goes on from. Undefined: only a list can tell. */
  #version: string | undefined;
  #synced = false;
  #state: 'new' | 'current' | 'stale' = 'new';
  #heardAt: number | undefined;
  #listedAt = Number.NEGATIVE_INFINITY;
  #auditAt = 0;
  /** In a row, without a stable watch between them; watches that ended at once count, though they are no faults. */
  #failures = 0;

  constructor(parts: InformerParts<T>) {
    this.#parts = parts;
    this.#times = { ...INFORMER_TIMES, ...parts.times };
    this.#teller = new Teller(parts.log, this.#ending.signal);
    this.#log = new FollowingLog(parts);
    this.#held = new HeldObjects(parts.read, parts.listener, this.#teller);
  }

  /** The first full list is told. */
  get synced(): boolean {
    return this.#synced;
  }

  /**
   * When the server last answered as it should, on the clock of `performance.now()`; a quiet one is asked now and then.
   */
  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  /** How many objects are told and not dropped. */
  get size(): number {
    return this.#held.size;
  }

  start(): void {
    this.#running ??= this.#run(this.#ending.signal);
  }

  /** Nothing reaches the listener from now on. Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
    this.#log.ended();
  }

  /**
   * The server is there again after a silence, as somebody else has found. Whatever connection is open is not to be
   * trusted: the watch goes on at once where it stood, on a new one, and until it does what was told is stale.
   */
  resume(): void {
    const { client, resource } = this.#parts;
    const found = `${client.server} gave no answer for a while; ${resource.plural} are asked for anew`;
    this.#failures = 0;
    if (this.#state === 'current') this.#turnStale(new CausewayError('API_UNREACHABLE', found));
    this.#turn.abort();
  }

  async #run(ending: AbortSignal): Promise<void> {
    while (!ending.aborted) {
      this.#turn = new AbortController();
      const signal = AbortSignal.any([ending, this.#turn.signal]);
      const wait = await this.#follow(signal);
      await sleep(wait, undefined, { signal }).catch(() => {});
    }
  }

  /** One list, where it is time for one, and one watch; after how many milliseconds to go on. */
  async #follow(signal: AbortSignal): Promise<number> {
    try {
      if (this.#version === undefined || performance.now() >= this.#auditAt) await this.#list(signal);
      return (await this.#watch(signal)) ? 0 : this.#backOff();
    } catch (thrown) {
      return signal.aborted ? 0 : Math.max(this.#failed(thrown), this.#backOff());
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, resource, selection, random } = this.#parts;
    const { audit, listEvery } = this.#times;
    await sleep(Math.max(0, this.#listedAt + listEvery - performance.now()), undefined, { signal });
    this.#listedAt = performance.now();
    // If it fails, the next audit comes soon, but not before the watch had a chance to go on.
    this.#auditAt = this.#listedAt + audit / 10;
    const incoming = this.#held.incoming();
    const take = (object: StoredObject) => {
      this.#heardAt = performance.now();
      incoming.take(object);
    };
    const version = await listPages(client, resource, selection, take, signal);
    await this.#parts.believe?.(signal);
    this.#version = version;
    this.#auditAt = performance.now() + audit * (0.75 + random() / 2);
    incoming.done();
    const list = { version: this.#version, has: this.#held.has.bind(this.#held) };
    this.#tell(listener => listener.listed?.(list));
    if (!this.#synced) {
      this.#synced = true;
      this.#tell(listener => listener.synced());
    }
    this.#heard();
  }

  /** False: it ended in good order but so soon that the next one has to wait. */
  async #watch(signal: AbortSignal): Promise<boolean> {
    const { client, resource, selection, random } = this.#parts;
    const { watchSeconds, stable } = this.#times;
    let acceptedAt = Number.POSITIVE_INFINITY;
    const task = {
      ...{ client, resource, selection, times: this.#times, until: this.#auditAt },
      resourceVersion: this.#version ?? '',
      timeoutSeconds: Math.floor(watchSeconds.least + random() * (watchSeconds.most - watchSeconds.least)),
      resumed: this.#state === 'stale',
      change: (change: Change) => this.#change(change),
      heard: () => {
        acceptedAt = Math.min(acceptedAt, performance.now());
        this.#heard();
      },
    };
    const hasLasted = () => performance.now() - acceptedAt >= stable;
    try {
      await watchOnce(task, signal);
    } finally {
      if (hasLasted()) this.#failures = 0;
    }
    return hasLasted();
  }

  #change(change: Change): void {
    if (change.type === 'BOOKMARK') this.#version = change.resourceVersion;
    else {
      this.#version = change.object.metadata.resourceVersion;
      if (change.type === 'DELETED') this.#held.drop(change.object);
      else this.#held.put(change.object);
    }
  }

  #heard(): void {
    this.#heardAt = performance.now();
    if (this.#state === 'current') return;
    this.#state = 'current';
    this.#log.current();
    this.#tell(listener => listener.fresh());
  }

  /** Says how long the server wants to be left alone, in milliseconds. */
  #failed(thrown: unknown): number {
    const { status, retryAfterSeconds = 0 } = Object(thrown) as Partial<ApiError>;
    // A version that is gone, or a stream that makes no sense a second time: only a list leads on.
    const senseless = thrown instanceof CausewayError && thrown.code === 'API_ANSWER_INVALID';
    if (status === 410 || (senseless && this.#failures > 0)) this.#version = undefined;
    const reason = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
    this.#log.failed(reason, this.#synced);
    if (this.#state !== 'stale') this.#turnStale(reason);
    return Math.min(retryAfterSeconds * 1000, this.#times.retryAfter);
  }

  #turnStale(reason: Error): void {
    this.#state = 'stale';
    this.#tell(listener => listener.stale(reason));
  }

  #backOff(): number {
    this.#failures++;
    return backoff(this.#failures, this.#parts.random, this.#times.backoff);
  }

  #tell(call: (listener: InformerListener<T>) => void): void {
    this.#teller.call('a change of state could not be taken in', this.#parts.resource.plural, () =>
      call(this.#parts.listener),
    );
  }
}
