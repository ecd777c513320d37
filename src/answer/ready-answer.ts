import { HEADER_LENGTH } from '../wire/codes.ts';
import { AliasTable } from './alias.ts';
import type { Keyed } from './answer-table.ts';
import type { KeptAnswer, KeptVariant } from './kept-answer.ts';
import type { Slots, VersionBoard } from './version-board.ts';

/** One of the replies that a query may get, in plain values that can be sent to another thread. */
export interface ReadyVariant {
  /** As much as may ever be sent: all of it, what stands before the additional records, or the question. */
  readonly bytes: Uint8Array;
  /** Octets of the whole reply. */
  readonly length: number;
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
  readonly serialStart: number;
  /** It holds while these slots of the version board hold the stamp. */
  readonly slots: Slots;
  readonly stamp: number;
}

/** What the fast path answers from. */
export interface ReadyAnswer extends AnswerMessage {
  readonly draw: AliasTable | undefined;
}

export interface ReadyOptions {
  readonly board: VersionBoard;
  /** Largest reply over UDP, in octets. */
  readonly payloadSize: number;
  /** What a cluster's answers are counted under. */
  readonly clusterSlot: (cluster: string) => number;
}

/** Octets of the largest answer sent to threads: a name in a hundred clusters, each of which fills a datagram. */
const MOST_OCTETS = 128 * 1024;

/**
 * What threads answer UDP from, of no more octets than they may ever send; undefined: it is too large even so.
 *
 * @param kept current now: nothing may be applied to the zone between its check and this
 */
export function answerMessage(
  kept: KeptAnswer,
  { board, payloadSize, clusterSlot }: ReadyOptions,
): AnswerMessage | undefined {
  const { rcode, extendedError, weights, originLength, serialStart } = kept;
  const questionEnd = HEADER_LENGTH + kept.key.length + 2;
  const bodies = kept.variants.map(variant => sendable(variant, payloadSize, questionEnd));
  if (bodies.reduce((sum, { length }) => sum + length, 0) > MOST_OCTETS) return undefined;
  const [key = kept.key, ...parts] = packed([kept.key, ...bodies]);
  const slots = board.slotsOf(kept.place);
  const variants = kept.variants.map((variant, index) => {
    const bytes = parts[index] ?? variant.bytes;
    return {
      bytes,
      length: variant.bytes.length,
      additionalStart: variant.additionalStart,
      additionals: variant.additionals,
      originCopies: variant.originCopies.filter(copy => copy < bytes.length),
      cluster: variant.cluster === undefined ? -1 : clusterSlot(variant.cluster),
    };
  });
  const stamp = board.stamp(slots.service, slots.namespace);
  return { key, rcode, extendedError, variants, weights, originLength, serialStart, slots, stamp };
}

/** What does not fit goes as `finishReply` has it go: additional records first, then all but the question. */
function sendable({ bytes, additionalStart }: KeptVariant, most: number, questionEnd: number): Uint8Array {
  if (bytes.length <= most) return bytes;
  return bytes.subarray(0, additionalStart <= most ? additionalStart : questionEnd);
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
