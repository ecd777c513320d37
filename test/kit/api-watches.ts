import type { ServerResponse } from 'node:http';
import type { WatchFault } from './api-faults.ts';
import type { AskedOf } from './api-request.ts';
import { type Matcher, matcherOf } from './api-selectors.ts';
import type { ApiStore, StoredRecord, StoreEvent } from './api-store.ts';

interface OpenWatch {
  readonly collection: string;
  readonly matches: Matcher;
  readonly response: ServerResponse;
  mute: boolean;
}

/** The watches that are open at an API server. */
export class Watches {
  readonly #store: ApiStore;
  readonly #open = new Set<OpenWatch>();
  readonly #bookmarks: NodeJS.Timeout;
  readonly #unfollow: () => void;
  #losing = 0;

  /** @param bookmarkEvery milliseconds */
  constructor(store: ApiStore, bookmarkEvery: number) {
    this.#store = store;
    this.#bookmarks = setInterval(() => this.bookmark(), bookmarkEvery).unref();
    this.#unfollow = store.follow(event => this.#tell(event));
  }

  get count(): number {
    return this.#open.size;
  }

  accept({ collection, namespace, query }: AskedOf, response: ServerResponse, fault?: WatchFault): void {
    const watch = { collection, matches: matcherOf(namespace, query), response, mute: false };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    response.socket?.setNoDelay(true);
    this.#open.add(watch);
    const timer = setTimeout(() => this.#end(watch), 1000 * Number(query.get('timeoutSeconds') ?? 3600));
    response.on('close', () => {
      clearTimeout(timer);
      this.#open.delete(watch);
    });
    if (fault !== undefined) this.#disturb(watch, fault);
    this.#catchUp(watch, query.get('resourceVersion') ?? '');
  }

  /** What is open now meets this. */
  disturb(fault: WatchFault): void {
    for (const watch of [...this.#open]) this.#disturb(watch, fault);
  }

  /** The next so many events reach nobody. */
  lose(events: number): void {
    this.#losing = events;
  }

  bookmark(): void {
    const object = { metadata: { resourceVersion: `${this.#store.revision}`, creationTimestamp: null } };
    const line = `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
    for (const watch of this.#open) this.#write(watch, line);
  }

  close(): void {
    clearInterval(this.#bookmarks);
    this.#unfollow();
  }

  #catchUp(watch: OpenWatch, version: string): void {
    if (version === '') {
      for (const record of this.#store.list(watch.collection)) {
        if (watch.matches(record)) this.#write(watch, lineOf('ADDED', record));
      }
      return;
    }
    const missed = this.#store.since(Number(version));
    if (missed === undefined) this.#disturb(watch, 'expired');
    for (const event of missed ?? []) this.#tellOne(watch, event);
  }

  #tell(event: StoreEvent): void {
    if (this.#losing > 0) this.#losing--;
    else for (const watch of this.#open) this.#tellOne(watch, event);
  }

  /** To a watch with a selector, what comes to match is added and what ceases to match is deleted. */
  #tellOne(watch: OpenWatch, { type, collection, record, before }: StoreEvent): void {
    if (collection !== watch.collection) return;
    const was = before !== undefined && watch.matches(before);
    const is = type !== 'DELETED' && watch.matches(record);
    if (is) this.#write(watch, lineOf(was ? 'MODIFIED' : 'ADDED', record));
    else if (was) this.#write(watch, lineOf('DELETED', record));
  }

  #disturb(watch: OpenWatch, fault: WatchFault): void {
    const { response } = watch;
    if (fault === 'mute') watch.mute = true;
    else if (fault === 'garbage') this.#write(watch, '<html>Bad Gateway</html>\n');
    else if (fault === 'reset') response.socket?.resetAndDestroy();
    else if (fault === 'break') response.write('{"type":"ADD', () => response.socket?.resetAndDestroy());
    else {
      if (fault === 'expired') this.#write(watch, EXPIRED);
      if (fault === 'cut') this.#write(watch, '{"type":"ADD');
      this.#end(watch);
    }
  }

  #end(watch: OpenWatch): void {
    watch.mute = true;
    this.#open.delete(watch);
    watch.response.end();
  }

  #write(watch: OpenWatch, text: string): void {
    if (!watch.mute) watch.response.write(text);
  }
}

const EXPIRED = `${JSON.stringify({
  type: 'ERROR',
  object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' },
})}\n`;

function lineOf(type: string, { json }: StoredRecord): string {
  return `{"type":"${type}","object":${json}}\n`;
}
