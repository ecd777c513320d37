import { ApiError } from './api-error.ts';
import type { ApiClient, Selection, WatchEvent } from './client.ts';
import type { Resource } from './resource.ts';
import { isEarlier } from './resource-version.ts';
import { type GuardTimes, WatchGuard } from './watch-guard.ts';

export type Change = Exclude<WatchEvent, { readonly type: 'ERROR' }>;

export interface WatchTask {
  readonly client: ApiClient;
  readonly resource: Resource;
  readonly selection: Selection;
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
  readonly times: GuardTimes;
  /** On the clock of `performance.now()`: it ends then in good order. */
  readonly until: number;
  /** The watch before this one broke: who answers now may be another server, or the same with another past. */
  readonly resumed: boolean;
  change(change: Change): void;
  /** The watch stands (the first time), or the server was heard of since. */
  heard(): void;
}

/**
 * One watch, to its end in good order: the server's, or ours for the time or the silence.
 *
 * @throws ApiError 410 where it has to start over with a list, and all that `ApiClient.watch` throws
 */
export function watchOnce(task: WatchTask, signal: AbortSignal): Promise<void> {
  return new Watch(task).run(signal);
}

class Watch {
  readonly #task: WatchTask;
  readonly #doing: string;
  readonly #guard: WatchGuard;
  readonly #ending = new AbortController();
  readonly #inGoodOrder = new Error('the watch has lasted long enough');
  #version: string;
  /** How often something was heard of it. */
  #signs = 0;

  constructor(task: WatchTask) {
    this.#task = task;
    this.#doing = `watch ${task.resource.plural} at ${task.client.server}`;
    this.#version = task.resourceVersion;
    const end = () => this.#ending.abort(this.#inGoodOrder);
    this.#guard = new WatchGuard(task.times, task.until, () => this.#ask(), end);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { client, resource, selection, resourceVersion, timeoutSeconds } = this.#task;
    const asked = { ...selection, resourceVersion, timeoutSeconds };
    const events = { event: (one: WatchEvent) => this.#event(one), heard: () => this.#heard() };
    const stop = () => this.#ending.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await client.watch(resource, asked, events, this.#ending.signal);
    } catch (thrown) {
      if (thrown !== this.#inGoodOrder) throw thrown;
    } finally {
      this.#guard.stop();
      signal.removeEventListener('abort', stop);
      this.#ending.abort(this.#inGoodOrder);
    }
  }

  #event(event: WatchEvent): void {
    if (this.#ending.signal.aborted) return;
    if (event.type === 'ERROR') throw new ApiError(this.#doing, { ...event, reason: '' });
    const bookmark = event.type === 'BOOKMARK';
    this.#version = bookmark ? event.resourceVersion : event.object.metadata.resourceVersion;
    this.#task.change(event);
  }

  #heard(): void {
    this.#signs++;
    this.#guard.heard();
    // That the watch is accepted proves nothing after a break; see `probe`.
    if (this.#signs === 1 && this.#task.resumed) void this.#guard.ask();
    else this.#task.heard();
  }

  async #ask(): Promise<void> {
    const before = this.#signs;
    const fault = await probe(this.#task, this.#doing, this.#version, this.#ending.signal);
    if (this.#ending.signal.aborted) return;
    if (fault === undefined) this.#task.heard();
    // A watch that has said something meanwhile needs no other witness.
    else if (this.#signs === before || fault instanceof ApiError) this.#ending.abort(fault);
  }
}

/**
 * Asks whether the server is there, and whether it is still the one that the watch knows. An etcd that was wiped or
 * restored counts from an earlier revision, and a watch from a later one is not refused: it waits in silence until the
 * count gets there. A list of nothing much tells the count, and it is a consistent read.
 *
 * @returns what is wrong; undefined: nothing
 */
async function probe(task: WatchTask, doing: string, version: string, signal: AbortSignal): Promise<unknown> {
  const { client, resource, selection } = task;
  try {
    const page = await client.list(resource, { ...selection, limit: 1 }, signal);
    if (!isEarlier(page.resourceVersion, version)) return undefined;
    const message = `its objects are at version ${page.resourceVersion} now and were at ${version}`;
    return new ApiError(doing, { status: 410, reason: 'Expired', message });
  } catch (thrown) {
    // A no is an answer too, and an open watch outlives the permission to list; but a proxy without a server says 502.
    return thrown instanceof ApiError && thrown.status < 500 ? undefined : thrown;
  }
}
