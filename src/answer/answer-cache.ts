import { AnswerTable, type Keyed } from './answer-table.ts';

/** What a cache has to know of an answer. */
export interface Cacheable extends Keyed {
  /** Above 0: it says that there is nothing, or holds the SOA for another reason. */
  readonly serialStart: number;
  readonly variants: readonly { readonly bytes: Uint8Array }[];
}

export interface AnswerCacheOptions {
  /** Most answers, of 512 octets on the average: large ones cost their weight in small ones. */
  readonly answers: number;
  /** 32 bits that clients do not know. */
  readonly seed: number;
}

/** Octets that an answer has on the average. */
const ANSWER_OCTETS = 512;

/** Octets that a reply counts for at least: the objects around it take room for twice as many. */
const LEAST_OCTETS = 128;

/** One of so many answers kept may say that there is nothing. */
const NEGATIVE_SHARE = 4;

/**
 * Answers by their questions. Those that say that there is nothing have a table of their own, a quarter of all: names
 * that do not exist are without number, and who asks for one after the other would else have those that do exist
 * dropped, of which there are only so many.
 */
export class AnswerCache<Answer extends Cacheable> {
  /** Of the answer found last: every octet of the name was spelt as in its key. */
  isCanonical = false;
  /** Of the question looked for last: the same for whoever asks it, and one of 2^32. */
  question = 0;
  readonly #positives: AnswerTable<Answer>;
  readonly #negatives: AnswerTable<Answer>;

  constructor({ answers, seed }: AnswerCacheOptions) {
    const negatives = Math.max(1, Math.floor(answers / NEGATIVE_SHARE));
    const tableOf = (most: number) =>
      new AnswerTable<Answer>({ most, mostOctets: most * ANSWER_OCTETS, octetsOf, seed });
    this.#negatives = tableOf(negatives);
    this.#positives = tableOf(Math.max(1, answers - negatives));
  }

  /** The answer to a question that was read: its name begins at `start`, its type at `nameEnd`. */
  find(message: Uint8Array, start: number, nameEnd: number): Answer | undefined {
    // Two tables, one seed.
    const hash = this.#positives.hashOf(message, start, nameEnd);
    this.question = hash;
    const positive = this.#positives.find(message, start, nameEnd, hash);
    if (positive !== undefined) {
      this.isCanonical = this.#positives.isCanonical;
      return positive;
    }
    const negative = this.#negatives.find(message, start, nameEnd, hash);
    this.isCanonical = this.#negatives.isCanonical;
    return negative;
  }

  /** Keeps an answer in place of an older one to the same question, and drops others until there is room. */
  put(answer: Answer): void {
    const isNegative = answer.serialStart > 0;
    const [own, other] = isNegative ? [this.#negatives, this.#positives] : [this.#positives, this.#negatives];
    other.drop(answer.key);
    own.put(answer);
  }
}

function octetsOf({ key, variants }: Cacheable): number {
  return variants.reduce((sum, { bytes }) => sum + Math.max(LEAST_OCTETS, bytes.length), key.length);
}
