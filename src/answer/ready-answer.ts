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
  const { key, rcode, extendedError, weights, originLength } = kept;
  const slot = board.slotOf(kept);
  const variants = kept.variants.map(({ bytes, additionalStart, additionals, originCopies, cluster }) => ({
    ...{ bytes, additionalStart, additionals, originCopies },
    cluster: cluster === undefined ? -1 : clusterSlot(cluster),
  }));
  return { key, rcode, extendedError, variants, weights, originLength, slot, stamp: board.read(slot) };
}

/** The other end of `answerMessage`. */
export function readyAnswer(message: AnswerMessage): ReadyAnswer {
  const { weights } = message;
  return { ...message, draw: weights === undefined ? undefined : new AliasTable(weights) };
}
