/**
 * What nodes ask each other. A message is a header and zeros up to its size:
 *
 *     0  'CWP1'
 *     4  1: a question, 2: an answer
 *     5  0
 *     6  octets of the whole message
 *     8  a number that nobody can guess, the same in the answer
 *
 * An answer is as long as its question, so whoever sends one in another's name gains nothing by it, and it is no
 * question, so two responders never talk to each other.
 */
const MAGIC = 0x43575031;
const QUESTION = 1;
const ANSWER = 2;

/** Octets of the header, which is the smallest message. */
export const HEADER = 16;
/** Of the largest; as many as UDP over IPv4 takes. */
export const LARGEST = 65_507;

export interface Message {
  readonly kind: 'question' | 'answer';
  /** Octets. */
  readonly size: number;
  readonly nonce: bigint;
}

/** What the first octets of a message say; undefined if it is none of ours. @param octets at least the header */
export function readHeader(octets: Uint8Array): Message | undefined {
  if (octets.length < HEADER) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, HEADER);
  const kind = view.getUint8(4);
  const size = view.getUint16(6);
  if (view.getUint32(0) !== MAGIC || view.getUint8(5) !== 0 || size < HEADER || size > LARGEST)
    return undefined;
  if (kind !== QUESTION && kind !== ANSWER) return undefined;
  return { kind: kind === QUESTION ? 'question' : 'answer', size, nonce: view.getBigUint64(8) };
}

/** A whole datagram; undefined if it is none of ours or was cut or extended on its way. */
export function readDatagram(octets: Uint8Array): Message | undefined {
  const message = readHeader(octets);
  return message?.size === octets.length ? message : undefined;
}

/** The octets of a message. */
export function octetsOf({ kind, size, nonce }: Message): Uint8Array {
  const octets = new Uint8Array(size);
  const view = new DataView(octets.buffer);
  view.setUint32(0, MAGIC);
  view.setUint8(4, kind === 'question' ? QUESTION : ANSWER);
  view.setUint16(6, size);
  view.setBigUint64(8, nonce);
  return octets;
}

/** One message out of a stream, of which only the header is kept. */
export class StreamReader {
  readonly #header = new Uint8Array(HEADER);
  #received = 0;
  #message: Message | undefined;

  /** Undefined until its header was read, or where that is none of ours. */
  get message(): Message | undefined {
    return this.#message;
  }

  /** @returns `broken` where what came is no message, or more than one */
  push(octets: Uint8Array): 'incomplete' | 'whole' | 'broken' {
    if (this.#received < HEADER)
      this.#header.set(octets.subarray(0, HEADER - this.#received), this.#received);
    this.#received += octets.length;
    if (this.#received < HEADER) return 'incomplete';
    this.#message ??= readHeader(this.#header);
    if (this.#message === undefined || this.#received > this.#message.size) return 'broken';
    return this.#received === this.#message.size ? 'whole' : 'incomplete';
  }
}
