import { Buckets, QUERY_BOUNDS } from '../ops/buckets.ts';
import { TYPE } from '../wire/codes.ts';

/** Types with a label of their own; slot 0 is for all the others. */
const TYPES: readonly number[] = Object.values(TYPE);
export const TYPE_SLOTS = TYPES.length + 1;
/** Type → slot. Nothing above the highest known type is looked up. */
const SLOT_OF_TYPE = new Uint8Array(Math.max(...TYPES) + 1);
for (const [index, type] of TYPES.entries()) SLOT_OF_TYPE[type] = index + 1;

/** The header's codes and the few extended ones in use (BADCOOKIE = 23 is the highest). */
export const RCODES = 24;

/** Counters of one transport's queries, by type and code. */
export const QUERY_SLOTS = TYPE_SLOTS * RCODES;

/** A cluster id comes from a folder's name or an API object; this many have a label of their own. */
export const MOST_CLUSTERS = 256;

/** Why a query got no reply, from a thread or after it; or one without an answer; or a receive failed. */
const DROPPED = ['send', 'receive', 'overload', 'limited', 'thread'] as const;

export type ThreadDropReason = (typeof DROPPED)[number];

const BUCKET_WORDS = QUERY_BOUNDS.length + 2;

/** Counter of a query that was answered. */
export function querySlot(type: number, rcode: number): number {
  const slot = type < SLOT_OF_TYPE.length ? (SLOT_OF_TYPE[type] ?? 0) : 0;
  return slot * RCODES + Math.min(rcode, RCODES - 1);
}

/** Undefined: those without a slot of their own. */
export function typeOfSlot(slot: number): number | undefined {
  return TYPES[slot - 1];
}

/** What one thread that answers UDP queries counts, in memory that the thread with the metrics reads. */
export class FastCounts {
  /** By `querySlot`. */
  readonly queries: Float64Array;
  /** By the slots that `QueryMetrics` gives to clusters. */
  readonly clusters: Float64Array;
  readonly durations: Buckets;
  readonly #dropped: Float64Array;

  /** @param words made by `FastCounts.words()` */
  constructor(words: Float64Array) {
    let offset = 0;
    const take = (length: number): Float64Array => {
      offset += length;
      return words.subarray(offset - length, offset);
    };
    this.queries = take(QUERY_SLOTS);
    this.clusters = take(MOST_CLUSTERS + 1);
    this.durations = new Buckets(QUERY_BOUNDS, take(BUCKET_WORDS));
    this.#dropped = take(DROPPED.length);
  }

  static words(): Float64Array {
    const count = QUERY_SLOTS + MOST_CLUSTERS + 1 + BUCKET_WORDS + DROPPED.length;
    return new Float64Array(new SharedArrayBuffer(8 * count));
  }

  get replies(): number {
    return this.queries.reduce((sum, count) => sum + count, 0);
  }

  /** @param cluster its slot, or -1 */
  countReply(type: number, rcode: number, cluster: number): void {
    const slot = querySlot(type, rcode);
    this.queries[slot] = (this.queries[slot] ?? 0) + 1;
    if (cluster >= 0) this.clusters[cluster] = (this.clusters[cluster] ?? 0) + 1;
  }

  countDropped(reason: ThreadDropReason, count = 1): void {
    const slot = DROPPED.indexOf(reason);
    this.#dropped[slot] = (this.#dropped[slot] ?? 0) + count;
  }

  droppedFor(reason: string): number {
    return this.#dropped[(DROPPED as readonly string[]).indexOf(reason)] ?? 0;
  }
}
