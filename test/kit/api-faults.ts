import type { AskedOf } from './api-request.ts';

/** What the caller wants; `continue` is a list's page after the first, `peek` a list of one object at the most. */
export type ApiVerb =
  | 'get'
  | 'list'
  | 'peek'
  | 'continue'
  | 'watch'
  | 'create'
  | 'apply'
  | 'merge'
  | 'replace'
  | 'delete';

export type Fault =
  /** Answers no. */
  | { readonly status: number; readonly reason?: string; readonly retryAfter?: number }
  /** Answers as it should, but so many milliseconds late. */
  | { readonly delay: number }
  /** Says nothing, and keeps the connection. */
  | 'silent'
  /** Resets the connection. */
  | 'reset'
  /** Redirects elsewhere. */
  | 'redirect'
  | WatchFault;

export type WatchFault =
  /** Accepts the watch and ends it in good order. */
  | 'close'
  /** An event that says 410. */
  | 'expired'
  /** A line that is not JSON. */
  | 'garbage'
  /** Half a line, then the end in good order. */
  | 'cut'
  /** Half a line, then a reset. */
  | 'break'
  /** The watch stays open and nothing comes of it any more. */
  | 'mute'
  | 'reset';

/** Which requests of a kind meet a fault; what is left out may be anything. */
export interface FaultScope {
  /** `group/plural`; the group of core is empty. */
  readonly collection?: string;
  readonly namespace?: string;
}

interface Scripted extends FaultScope {
  readonly verb: ApiVerb | 'any';
  readonly fault: Fault;
  left: number;
}

/** The faults that requests shall meet, in this order. */
export class Faults {
  #scripted: Scripted[] = [];
  #met = 0;

  /** How many requests have met one. */
  get met(): number {
    return this.#met;
  }

  /** The next so many requests of this kind meet the fault. */
  add(verb: ApiVerb | 'any', fault: Fault, times = 1, scope: FaultScope = {}): void {
    this.#scripted.push({ verb, fault, left: times, ...scope });
  }

  /** The fault that a request meets now. */
  next(asked: Pick<AskedOf, 'verb' | 'collection' | 'namespace'>): Fault | undefined {
    const found = this.#scripted.find(one => isMetBy(one, asked));
    if (found === undefined) return undefined;
    this.#met++;
    found.left--;
    if (found.left <= 0) this.#scripted = this.#scripted.filter(one => one !== found);
    return found.fault;
  }

  clear(): void {
    this.#scripted = [];
  }
}

function isMetBy({ verb, collection, namespace }: Scripted, asked: Parameters<Faults['next']>[0]): boolean {
  const isKind = verb === asked.verb || verb === 'any';
  const isThere = collection === undefined || collection === asked.collection;
  return isKind && isThere && (namespace === undefined || namespace === asked.namespace);
}
