/** One reply that was looked at. Times in milliseconds of one clock. */
export interface Seen {
  readonly sentAt: number;
  readonly receivedAt: number;
  /** Which version of the record it gave; undefined: none that ever was. */
  readonly version: number | undefined;
  /** The newest version that replies gave which came before this query was sent. */
  readonly before: number;
}

export type Judgement =
  /** `lag`: for how long what was given had been replaced when the query was sent; 0: it had not. */
  { readonly right: true; readonly lag: number } | { readonly right: false; readonly why: Fault };

export const FAULTS = ['never held', 'not yet held', 'gone back', 'too old'] as const;
export type Fault = (typeof FAULTS)[number];

/** Milliseconds after which a change must show in answers: a look at everything is due every 800. */
export const MOST_LAG = 1_000;

/** @param since when each version of the record came into the source, by its number */
export function judge(seen: Seen, since: readonly number[]): Judgement {
  const { sentAt, receivedAt, version, before } = seen;
  const began = version === undefined ? undefined : since[version];
  if (version === undefined) return { right: false, why: 'never held' };
  if (began === undefined || began > receivedAt) return { right: false, why: 'not yet held' };
  if (version < before) return { right: false, why: 'gone back' };
  const lag = Math.max(0, sentAt - (since[version + 1] ?? Number.POSITIVE_INFINITY));
  return lag > MOST_LAG ? { right: false, why: 'too old' } : { right: true, lag };
}
