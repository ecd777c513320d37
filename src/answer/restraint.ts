import { FLAG, HEADER_LENGTH } from '../wire/codes.ts';
import { FULL_COOKIE_LENGTH, isValidCookie } from '../wire/cookie.ts';
import type { Exchange } from './fast-path.ts';
import { QuickQuery } from './quick-query.ts';
import { RateLimit, type RateLimitOptions } from './rate-limit.ts';

export interface RestraintOptions extends RateLimitOptions {
  readonly cookieSecret: Uint8Array;
  readonly unixSeconds: () => number;
}

/** What `judge` says where it is not a length. */
export const ANSWER = 0;
export const DROP = -1;

/** One of so many queries over the limit gets a reply, cut short: who really asked asks again over TCP. */
const SLIP = 2;

/** Decides for each UDP query whether its client has had enough. */
export class Restraint {
  /** Type of the last query that was replied to here. */
  type = 0;
  readonly #options: RestraintOptions;
  readonly #limit: RateLimit;
  readonly #query = new QuickQuery();
  #over = 0;

  constructor(options: RestraintOptions) {
    this.#options = options;
    this.#limit = new RateLimit(options);
  }

  /**
   * `ANSWER`, `DROP`, or the length of a truncated reply that was written: no longer than its query, so that nothing is
   * gained by asking in another's name.
   *
   * @param now milliseconds on a clock that never goes back
   */
  judge(exchange: Exchange, now: number): number {
    const { message, start, end, client, clientStart, clientLength } = exchange;
    if (this.#limit.take(client, clientStart, clientLength, now)) return ANSWER;
    if (!this.#query.read(message, start, end)) return DROP;
    if (this.#provesAddress(exchange)) return ANSWER;
    this.#over = (this.#over + 1) % SLIP;
    return this.#over === 0 ? this.#truncated(exchange) : DROP;
  }

  /** Only who receives what is sent to an address knows a server cookie for it (RFC 7873 section 5.2.4). */
  #provesAddress({ message, client, clientStart, clientLength }: Exchange): boolean {
    const { cookieStart, cookieLength } = this.#query;
    const { cookieSecret, unixSeconds } = this.#options;
    if (cookieLength !== FULL_COOKIE_LENGTH) return false;
    const cookie = message.subarray(cookieStart, cookieStart + cookieLength);
    const address = client.subarray(clientStart, clientStart + clientLength);
    return isValidCookie(cookie, address, cookieSecret, unixSeconds());
  }

  #truncated({ message, start, output, outputStart }: Exchange): number {
    const { nameEnd, type } = this.#query;
    const length = nameEnd + 4 - start;
    for (let at = 0; at < length; at++) output[outputStart + at] = message[start + at] ?? 0;
    const flags = (message[start + 2] ?? 0) & (FLAG.RD >>> 8);
    output[outputStart + 2] = flags | ((FLAG.QR | FLAG.TC) >>> 8);
    output[outputStart + 3] = (message[start + 3] ?? 0) & FLAG.CD;
    for (let at = 6; at < HEADER_LENGTH; at++) output[outputStart + at] = 0;
    this.type = type;
    return length;
  }
}
