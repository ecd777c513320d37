import { AliasTable } from './alias.ts';
import type { Keyed } from './answer-table.ts';
import type { KeptAnswer } from './kept-answer.ts';
import type { VersionBoard } from './version-board.ts';

/** One of the replies that a query may get, in plain values that can be sent to another thread. */
export interface ReadyVariant {
  readonly bytes: Uint8Array;
  readonly additionalStart: number;
  readonly additionals: number;
  readonly originCopies: readonly number[];
  /** What its cluster is counted under, or -1 where it names none. */
  readonly cluster: number;
}

/** A kept answer in plain values. */
export interface AnswerMessage extends Keyed {
  readonly rcode: number;
  readonly extendedError: number | undefined;
  readonly variants: readonly ReadyVariant[];
  readonly weights: readonly number[] | undefined;
  readonly originLength: number;
  /** It holds while the slot of the version board holds the stamp. */
  readonly slot: number;
  readonly stamp: number;
}

/** What the fast path answers from. */
export interface ReadyAnswer extends AnswerMessage {
  readonly draw: AliasTable | undefined;
}

/**
 * @param kept current now: nothing may be applied to the zone between its check and this
 * @param clusterSlot what a cluster's answers are counted under
 */
export function answerMessage(
  kept: KeptAnswer,
  board: VersionBoard,
  clusterSlot: (cluster: string) => number,
): AnswerMessage {
  const { rcode, extendedError, weights, originLength } = kept;
  const [key = kept.key, ...bodies] = packed([kept.key, ...kept.variants.map(({ bytes }) => bytes)]);
  const slot = board.slotOf(kept);
  const variants = kept.variants.map((variant, index) => ({
    bytes: bodies[index] ?? variant.bytes,
    additionalStart: variant.additionalStart,
    additionals: variant.additionals,
    originCopies: variant.originCopies,
    cluster: variant.cluster === undefined ? -1 : clusterSlot(variant.cluster),
  }));
  return { key, rcode, extendedError, variants, weights, originLength, slot, stamp: board.read(slot) };
}

/**
 * The same octets in one piece of memory, which stays one when it is sent: each piece costs some hundred octets more.
 */
function packed(parts: readonly Uint8Array[]): Uint8Array[] {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  return parts.map(part => {
    all.set(part, offset);
    offset += part.length;
    return all.subarray(offset - part.length, offset);
  });
}

/** The other end of `answerMessage`. */
export function readyAnswer(message: AnswerMessage): ReadyAnswer {
  const { weights } = message;
  return { ...message, draw: weights === undefined ? undefined : new AliasTable(weights) };
}
