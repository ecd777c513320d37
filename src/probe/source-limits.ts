import { LRUCache } from 'lru-cache';
import { TokenBucket } from '../base/token-bucket.ts';

/** Questions a second. Who asks sends two or three of them; a cluster of one node may be asked by thousands. */
const EACH = { perSecond: 20, burst: 40 } as const;
const ALL = { perSecond: 20_000, burst: 20_000 } as const;
/** Those that asked last are remembered; whoever is forgotten may have another burst, within what all may. */
const REMEMBERED = 8_192;

/** How many questions are answered. */
export class SourceLimits {
  readonly #each = new LRUCache<string, TokenBucket>({ max: REMEMBERED });
  readonly #all: TokenBucket;

  /** @param now milliseconds of a clock that never goes back, as for `take` */
  constructor(now: number) {
    this.#all = new TokenBucket(ALL.perSecond, ALL.burst, now);
  }

  /** @returns whether one more from there may be answered */
  take(source: string, now: number): boolean {
    let bucket = this.#each.get(source);
    if (bucket === undefined) {
      bucket = new TokenBucket(EACH.perSecond, EACH.burst, now);
      this.#each.set(source, bucket);
    }
    return bucket.take(now) && this.#all.take(now);
  }
}
