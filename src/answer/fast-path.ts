import { EXTENDED_ERROR, FLAG, HEADER_LENGTH, OPTION, TYPE } from '../wire/codes.ts';
import { CLIENT_COOKIE_LENGTH, FULL_COOKIE_LENGTH, writeCookie } from '../wire/cookie.ts';
import { AnswerCache } from './answer-cache.ts';
import type { OptOptions } from './opt.ts';
import { QuickQuery } from './quick-query.ts';
import type { ReadyAnswer, ReadyVariant } from './ready-answer.ts';
import { extendedErrorTexts, MIN_PAYLOAD, OPT_FIXED_LENGTH, OPTION_HEADER_LENGTH } from './reply.ts';
import type { VersionBoard } from './version-board.ts';

export interface FastPathOptions extends OptOptions {
  readonly board: VersionBoard;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Most answers kept, of 512 octets on the average. */
  readonly answers: number;
  /** 32 bits that clients do not know. */
  readonly hashSeed: number;
}

/** One datagram and room for its reply, each a part of a larger memory. One object is filled again for each. */
export interface Exchange {
  /** Holds the query. */
  message: Uint8Array;
  start: number;
  end: number;
  /** Holds the client's address, of 4 or 16 octets. */
  client: Uint8Array;
  clientStart: number;
  clientLength: number;
  /** Takes the reply: never more than the payload size of the settings, and 512 octets at least. */
  output: Uint8Array;
  outputStart: number;
}

const COOKIE_OPTION_LENGTH = OPTION_HEADER_LENGTH + FULL_COOKIE_LENGTH;
const NO_OCTETS = new Uint8Array();

/**
 * Answers UDP queries from what was compiled before, without making an object. It gives the octets that a `Responder`
 * would give, or leaves the query to one: what is rare, what is broken, and what it does not know or no longer trusts.
 */
export class FastPath {
  /**
   * Of the last query that was answered: its type, the reply's code, and what the answer's cluster is counted under.
   */
  type = 0;
  rcode = 0;
  cluster = -1;
  /** Of the last query that was left to others: with the answer it would have been answered here. */
  isMissing = false;
  /** Of the same: there is an answer, which a change has made untrue. So the name is one that is asked for. */
  isOutdated = false;
  readonly #options: FastPathOptions;
  readonly #cache: AnswerCache<ReadyAnswer>;
  readonly #query = new QuickQuery();
  /** The zone's, for the reply that is being made. */
  #serial = 0;
  readonly #nsidOption: Uint8Array;
  readonly #errorOptions = new Map<number, Uint8Array>();
  /** Where cookies and addresses are copied to, since what hashes them takes whole arrays. */
  readonly #cookies = [new Uint8Array(CLIENT_COOKIE_LENGTH), new Uint8Array(FULL_COOKIE_LENGTH)] as const;
  readonly #addresses = [new Uint8Array(4), new Uint8Array(16)] as const;

  constructor(options: FastPathOptions) {
    this.#options = options;
    this.#cache = new AnswerCache<ReadyAnswer>({ answers: options.answers, seed: options.hashSeed });
    this.#nsidOption = options.nsid.length === 0 ? NO_OCTETS : optionOf(OPTION.NSID, options.nsid);
    for (const code of Object.values(EXTENDED_ERROR)) {
      const text = extendedErrorTexts.get(code) ?? NO_OCTETS;
      const data = Uint8Array.of(code >>> 8, code & 0xff, ...text);
      this.#errorOptions.set(code, optionOf(OPTION.EXTENDED_ERROR, data));
    }
  }

  /** Of a query that `isMissing`: the same for whoever asks the same, and one of 2^32. */
  get question(): number {
    return this.#cache.question;
  }

  /** Takes in an answer that was compiled elsewhere. */
  keep(answer: ReadyAnswer): void {
    this.#cache.put(answer);
  }

  /** Writes the reply and returns its length; 0: this query is for the slow path, and nothing was written. */
  answer(exchange: Exchange): number {
    const { message, start, end } = exchange;
    const query = this.#query;
    this.isMissing = false;
    this.isOutdated = false;
    if (!query.read(message, start, end)) return 0;
    const answer = this.#cache.find(message, start + HEADER_LENGTH, query.nameEnd);
    if (answer === undefined || !this.#holds(answer)) {
      this.isMissing = true;
      this.isOutdated = answer !== undefined;
      return 0;
    }
    const { variants, draw } = answer;
    const variant = variants[draw === undefined ? 0 : draw.draw(this.#options.random())];
    if (variant === undefined) return 0;
    this.type = query.type;
    this.rcode = answer.rcode;
    this.cluster = variant.cluster;
    return this.#write(exchange, answer, variant);
  }

  #holds({ slots, stamp, serialStart }: ReadyAnswer): boolean {
    const { board } = this.#options;
    // Before the stamp, so that no reply bears a serial newer than what it says.
    if (serialStart > 0) this.#serial = board.serial;
    return board.stamp(slots.service, slots.namespace) === stamp;
  }

  /** As `finishReply` does it. */
  #write(exchange: Exchange, answer: ReadyAnswer, variant: ReadyVariant): number {
    const { output, outputStart, message, start } = exchange;
    const { edns, nameEnd } = this.#query;
    const errorOption = this.#errorOption(answer);
    const extra = edns ? this.#optLength(errorOption) : 0;
    const limit = this.#limit();
    const { bytes } = variant;
    let length = variant.length;
    if (length + extra > limit) length = variant.additionalStart;
    const isTruncated = length + extra > limit;
    if (isTruncated) length = nameEnd + 4 - start;
    if (length === bytes.length) output.set(bytes, outputStart);
    else for (let at = 0; at < length; at++) output[outputStart + at] = bytes[at] ?? 0;
    if (answer.serialStart > 0 && !isTruncated) this.#writeSerial(output, outputStart + answer.serialStart);
    if (!this.#cache.isCanonical) this.#respell(exchange, answer, variant, length);
    output[outputStart] = message[start] ?? 0;
    output[outputStart + 1] = message[start + 1] ?? 0;
    const flags = isTruncated ? FLAG.TC >>> 8 : 0;
    const high = (bytes[2] ?? 0) | flags | ((message[start + 2] ?? 0) & (FLAG.RD >>> 8));
    output[outputStart + 2] = high;
    output[outputStart + 3] = (bytes[3] ?? 0) | ((message[start + 3] ?? 0) & FLAG.CD);
    if (isTruncated) for (let at = 6; at < 10; at++) output[outputStart + at] = 0;
    const additionals = (length === variant.length ? variant.additionals : 0) + (edns ? 1 : 0);
    output[outputStart + 10] = additionals >>> 8;
    output[outputStart + 11] = additionals;
    if (edns) this.#writeOpt(exchange, outputStart + length, extra, errorOption);
    return length + extra;
  }

  #writeSerial(output: Uint8Array, start: number): void {
    const serial = this.#serial;
    output[start] = serial >>> 24;
    output[start + 1] = serial >>> 16;
    output[start + 2] = serial >>> 8;
    output[start + 3] = serial;
  }

  #limit(): number {
    const { edns, payloadSize } = this.#query;
    return edns ? Math.min(Math.max(MIN_PAYLOAD, payloadSize), this.#options.payloadSize) : MIN_PAYLOAD;
  }

  #errorOption({ extendedError }: ReadyAnswer): Uint8Array {
    return extendedError === undefined ? NO_OCTETS : (this.#errorOptions.get(extendedError) ?? NO_OCTETS);
  }

  #optLength(errorOption: Uint8Array): number {
    const { cookieLength, nsid } = this.#query;
    const cookie = cookieLength === 0 ? 0 : COOKIE_OPTION_LENGTH;
    return OPT_FIXED_LENGTH + cookie + (nsid ? this.#nsidOption.length : 0) + errorOption.length;
  }

  /** The question, and where the answer repeats the zone's name, as the client spelt it. */
  #respell(exchange: Exchange, answer: ReadyAnswer, variant: ReadyVariant, length: number): void {
    const { output, outputStart, message, start } = exchange;
    const { nameEnd } = this.#query;
    for (let at = HEADER_LENGTH; at < nameEnd - start; at++) {
      output[outputStart + at] = message[start + at] ?? 0;
    }
    const { originLength } = answer;
    for (const copy of variant.originCopies) {
      if (copy >= length) return;
      for (let at = 0; at < originLength; at++) {
        output[outputStart + copy + at] = message[nameEnd - originLength + at] ?? 0;
      }
    }
  }

  #writeOpt(exchange: Exchange, start: number, length: number, errorOption: Uint8Array): void {
    const { output } = exchange;
    const { dnssecOk, cookieLength, nsid } = this.#query;
    const { payloadSize } = this.#options;
    output[start] = 0;
    output[start + 1] = 0;
    output[start + 2] = TYPE.OPT;
    output[start + 3] = payloadSize >>> 8;
    output[start + 4] = payloadSize;
    output[start + 5] = 0;
    output[start + 6] = 0;
    output[start + 7] = dnssecOk ? 0x80 : 0;
    output[start + 8] = 0;
    output[start + 9] = (length - OPT_FIXED_LENGTH) >>> 8;
    output[start + 10] = length - OPT_FIXED_LENGTH;
    let at = start + OPT_FIXED_LENGTH;
    if (cookieLength > 0) at = this.#writeCookie(exchange, at);
    if (nsid) {
      output.set(this.#nsidOption, at);
      at += this.#nsidOption.length;
    }
    output.set(errorOption, at);
  }

  #writeCookie(exchange: Exchange, start: number): number {
    const { message, output, client, clientStart, clientLength } = exchange;
    const { cookieStart, cookieLength } = this.#query;
    const { cookieSecret, unixSeconds } = this.#options;
    // Of a length that is not ours it can only be somebody else's: it counts as a client cookie alone.
    const cookie = this.#cookies[cookieLength === FULL_COOKIE_LENGTH ? 1 : 0];
    for (let at = 0; at < cookie.length; at++) cookie[at] = message[cookieStart + at] ?? 0;
    const address = this.#addresses[clientLength === 4 ? 0 : 1];
    for (let at = 0; at < address.length; at++) address[at] = client[clientStart + at] ?? 0;
    output[start] = OPTION.COOKIE >>> 8;
    output[start + 1] = OPTION.COOKIE;
    output[start + 2] = FULL_COOKIE_LENGTH >>> 8;
    output[start + 3] = FULL_COOKIE_LENGTH;
    writeCookie(output, start + OPTION_HEADER_LENGTH, cookie, address, cookieSecret, unixSeconds());
    return start + COOKIE_OPTION_LENGTH;
  }
}

function optionOf(code: number, data: Uint8Array): Uint8Array {
  return Uint8Array.of(code >>> 8, code & 0xff, data.length >>> 8, data.length & 0xff, ...data);
}
