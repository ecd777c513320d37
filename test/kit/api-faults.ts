/** What the caller wants; `continue` is a list's page after the first, `peek` a list of one object at the most. */
export type ApiVerb =
  | 'get'
  | 'list'
  | 'peek'
  | 'continue'
  | 'watch'
  | 'create'
  | 'apply'
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

interface Scripted {
  readonly verb: ApiVerb | 'any';
  readonly fault: Fault;
  left: number;
}

/** The faults that requests shall meet, in this order. */
export class Faults {
  #scripted: Scripted[] = [];

  /** The next so many requests of this kind meet the fault. */
  add(verb: ApiVerb | 'any', fault: Fault, times = 1): void {
    this.#scripted.push({ verb, fault, left: times });
  }

  /** The fault that a request of this kind meets now. */
  next(verb: ApiVerb): Fault | undefined {
    const found = this.#scripted.find(one => one.verb === verb || one.verb === 'any');
    if (found === undefined) return undefined;
    found.left--;
    if (found.left <= 0) this.#scripted = this.#scripted.filter(one => one !== found);
    return found.fault;
  }

  clear(): void {
    this.#scripted = [];
  }
}
