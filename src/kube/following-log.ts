import { CausewayError, messageOf } from '../base/errors.ts';
import type { Logger } from '../ops/log.ts';
import type { ApiClient, Selection } from './client.ts';
import type { Resource } from './resource.ts';

export interface FollowingLogParts {
  readonly client: ApiClient;
  readonly resource: Resource;
  readonly selection: Selection;
  readonly log: Logger;
}

/** What all who follow one API server have in common: that it gives no answer. */
interface Outage {
  /** Who gets none. */
  readonly without: Set<FollowingLog>;
  /** Reasons that were told since it began. */
  readonly told: Set<string>;
}

const OUTAGES = new WeakMap<ApiClient, Outage>();

/**
 * Tells of one list of objects that it is not followed, and when it is again. That the API server gives no answer is
 * told once for all its lists: at the first that gets none, and after the last that does again.
 */
export class FollowingLog {
  readonly #parts: FollowingLogParts;
  readonly #outage: Outage;
  #fault: string | undefined;

  constructor(parts: FollowingLogParts) {
    this.#parts = parts;
    this.#outage = OUTAGES.get(parts.client) ?? { without: new Set(), told: new Set() };
    OUTAGES.set(parts.client, this.#outage);
  }

  /** @param synced whether it could be read in full once */
  failed(reason: Error, synced: boolean): void {
    if (this.#fault === reason.message) return;
    this.#fault = reason.message;
    const heard = synced ? 'what was last heard from it stays in use' : 'and was not since the start';
    const message = `API server is not followed, ${heard}`;
    const code = reason instanceof CausewayError ? { code: reason.code } : {};
    const fields = { ...code, reason: reason.message };
    if (code.code !== 'API_UNREACHABLE') {
      this.#answered();
      this.#parts.log.warn({ ...this.#about(), ...fields }, message);
      return;
    }
    const { without, told } = this.#outage;
    const cause = messageOf(reason.cause ?? reason);
    const isNews = !told.has(cause);
    without.add(this);
    told.add(cause);
    if (isNews) this.#parts.log.warn({ ...this.#server(), ...fields }, message);
    else this.#parts.log.debug({ ...this.#about(), ...fields }, message);
  }

  current(): void {
    if (this.#fault === undefined) return;
    this.#fault = undefined;
    const wasAway = this.#outage.without.has(this);
    this.#answered();
    const isLast = wasAway && this.#outage.without.size === 0;
    const message = 'API server is current again';
    if (isLast) this.#parts.log.info(this.#server(), message);
    else this.#parts.log[wasAway ? 'debug' : 'info'](this.#about(), message);
  }

  /** It is followed no more: nobody waits for it. */
  ended(): void {
    this.#fault = undefined;
    this.#answered();
  }

  #answered(): void {
    const { without, told } = this.#outage;
    without.delete(this);
    if (without.size === 0) told.clear();
  }

  #server(): Readonly<Record<string, unknown>> {
    return { server: this.#parts.client.server };
  }

  #about(): Readonly<Record<string, unknown>> {
    const { resource, selection } = this.#parts;
    return { ...this.#server(), resource: resource.plural, ...selection };
  }
}
