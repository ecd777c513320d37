import { FLAG, HEADER_LENGTH, OPCODE, OPTION, RCODE, TYPE } from './codes.ts';
import { MAX_NAME_LENGTH } from './name.ts';

/**
 * What a message turned out to be. `read` means that it is a query to look up; `formerr`, `notimp` and `badvers` that a
 * reply with that code is due; `cookie` that it asks for a server cookie and nothing else; `short` and `response` that
 * no reply may be sent at all (a reply to a response, or to what cannot even hold an id, can be bounced between two
 * servers for ever).
 */
export type Verdict = 'read' | 'formerr' | 'notimp' | 'badvers' | 'cookie' | 'short' | 'response';

/**
 * A query, read strictly and in place: header counts are checked before anything is believed (a 12-octet packet that
 * announces 65,535 records must cost nothing), names are octets, and the question may not hold a compression pointer,
 * since nothing stands before it to point to. One object is filled again for each message: the hot path allocates none.
 */
export class Query {
  id = 0;
  /** The header's second word as it came. */
  flags = 0;
  /** Octet after the question; 0 where the question could not be read and so cannot be echoed. */
  questionEnd = 0;
  type = 0;
  class = 0;
  /** True: there is a well-placed OPT record, so the reply carries one too (RFC 6891 section 6.1.1). */
  edns = false;
  ednsVersion = 0;
  /** The sender's UDP payload size, as it came. */
  payloadSize = 0;
  dnssecOk = false;
  /** The NSID option was sent (RFC 5001). */
  nsid = false;
  /** Offset of the COOKIE option's data and its length; 0 where there is none. */
  cookieStart = 0;
  cookieLength = 0;
  /** Serial of the zone that the client of an IXFR holds, or undefined where it did not say. */
  clientSerial: number | undefined = undefined;

  /** Reads `message` into this object and says what it is. Never throws, never looks past the end. */
  read(message: Uint8Array): Verdict {
    this.#clear();
    if (message.length < HEADER_LENGTH) return 'short';
    this.id = u16(message, 0);
    this.flags = u16(message, 2);
    if ((this.flags & FLAG.QR) !== 0) return 'response';
    if (((this.flags >> 11) & 0xf) !== OPCODE.QUERY) return this.#readOther(message);
    const questions = u16(message, 4);
    const additionals = u16(message, 10);
    // RFC 9619: more than one question is a format error.
    if (questions > 1) return 'formerr';
    const end = questions === 0 ? HEADER_LENGTH : this.#readQuestion(message);
    // At most OPT and one signature may follow.
    if (end === 0 || u16(message, 6) !== 0 || additionals > 2) return 'formerr';
    const afterAuthority = this.#readAuthority(message, end);
    if (afterAuthority === 0) return 'formerr';
    const verdict = this.#readAdditionals(message, afterAuthority, additionals);
    if (verdict !== 'read') return verdict;
    // RFC 7873 section 5.4: a message without a question but with a cookie asks for a server cookie.
    if (questions === 0) return this.cookieLength > 0 ? 'cookie' : 'formerr';
    // OPT is a pseudo record: nothing can be asked by its type (RFC 6891 section 6.1.1).
    return this.type === TYPE.OPT ? 'formerr' : 'read';
  }

  #clear(): void {
    this.questionEnd = 0;
    this.type = 0;
    this.class = 0;
    this.edns = false;
    this.ednsVersion = 0;
    this.payloadSize = 0;
    this.dnssecOk = false;
    this.nsid = false;
    this.cookieStart = 0;
    this.cookieLength = 0;
    this.clientSerial = undefined;
  }

  /**
   * Another opcode's message is read for its OPT record alone: NOTIMP comes with one as every reply does (RFC 6891
   * section 6.1.1), and BADVERS before it. What has sections has those of a query (RFC 1996 and 2136); where they
   * cannot be walked no OPT record is believed.
   */
  #readOther(message: Uint8Array): Verdict {
    const questions = u16(message, 4);
    const records = u16(message, 6) + u16(message, 8);
    let offset = HEADER_LENGTH;
    for (let index = 0; index < questions + records; index++) {
      const fixed = skipName(message, offset);
      if (fixed === 0) return 'notimp';
      offset = index < questions ? fixed + 4 : recordEnd(message, fixed);
      if (offset === 0) return 'notimp';
    }
    return this.#readAdditionals(message, offset, u16(message, 10)) === 'badvers' ? 'badvers' : 'notimp';
  }

  #readQuestion(message: Uint8Array): number {
    let offset = HEADER_LENGTH;
    for (;;) {
      const length = message[offset];
      // 64 and above: a pointer, or one of the label types that never came to be (RFC 6891 section 5).
      if (length === undefined || length > 63) return 0;
      offset += length + 1;
      if (length === 0) break;
    }
    if (offset - HEADER_LENGTH > MAX_NAME_LENGTH || offset + 4 > message.length) return 0;
    this.type = u16(message, offset);
    this.class = u16(message, offset + 2);
    this.questionEnd = offset + 4;
    return this.questionEnd;
  }

  /** Only IXFR has an authority section: the client's SOA, for its serial (RFC 1995 section 3). */
  #readAuthority(message: Uint8Array, offset: number): number {
    const count = u16(message, 8);
    if (count === 0) return offset;
    if (count !== 1 || this.type !== TYPE.IXFR) return 0;
    const fixed = skipName(message, offset);
    const end = fixed === 0 ? 0 : recordEnd(message, fixed);
    // Two names of at least an octet each, then five words, of which the serial is the first.
    if (end < fixed + 32 || u16(message, fixed) !== TYPE.SOA) return 0;
    this.clientSerial = u16(message, end - 20) * 0x10000 + u16(message, end - 18);
    return end;
  }

  #readAdditionals(message: Uint8Array, start: number, count: number): Verdict {
    let offset = start;
    for (let index = 0; index < count; index++) {
      const fixed = skipName(message, offset);
      const end = fixed === 0 ? 0 : recordEnd(message, fixed);
      if (end === 0) return 'formerr';
      const type = u16(message, fixed);
      // No keys are held, so a signature can't be checked; answering as if there were none would be worse.
      if (type === TYPE.TSIG || type === TYPE.SIG) return 'formerr';
      if (type === TYPE.OPT) {
        // A second OPT, or one that is not owned by the root: RFC 6891 section 6.1.1.
        if (this.edns || fixed !== offset + 1 || !this.#readOptions(message, fixed, end)) return 'formerr';
      }
      offset = end;
    }
    return this.edns && this.ednsVersion !== 0 ? 'badvers' : 'read';
  }

  #readOptions(message: Uint8Array, fixed: number, end: number): boolean {
    this.edns = true;
    this.payloadSize = u16(message, fixed + 2);
    this.ednsVersion = message[fixed + 5] ?? 0;
    this.dnssecOk = ((message[fixed + 6] ?? 0) & 0x80) !== 0;
    // Options of a version we do not speak may be laid out in any way: BADVERS is the answer, not FORMERR.
    if (this.ednsVersion !== 0) return true;
    let offset = fixed + 10;
    while (offset < end) {
      if (offset + 4 > end) return false;
      const code = u16(message, offset);
      const length = u16(message, offset + 2);
      offset += 4;
      if (offset + length > end) return false;
      if (code === OPTION.NSID) this.nsid = true;
      if (code === OPTION.COOKIE && !this.#readCookie(offset, length)) return false;
      offset += length;
    }
    return true;
  }

  /** RFC 7873 section 5.2.2: 8 octets of the client's, or those and 8 to 32 of a server's. The first one counts. */
  #readCookie(offset: number, length: number): boolean {
    if (length !== 8 && (length < 16 || length > 40)) return false;
    if (this.cookieLength === 0) {
      this.cookieStart = offset;
      this.cookieLength = length;
    }
    return true;
  }
}

/** The response code that a verdict asks for; undefined: it takes more to tell, or no reply is due. */
export function rcodeOf(verdict: Verdict): number | undefined {
  return rcodes[verdict];
}

const rcodes: Readonly<Record<Verdict, number | undefined>> = {
  read: undefined,
  formerr: RCODE.FORMERR,
  notimp: RCODE.NOTIMP,
  badvers: RCODE.BADVERS,
  cookie: undefined,
  short: undefined,
  response: undefined,
};

/** Octet after a name that may end in a pointer, or 0. A pointer ends the name, so none is ever followed: no loops. */
export function skipName(message: Uint8Array, start: number): number {
  let offset = start;
  for (;;) {
    const length = message[offset];
    if (length === undefined) return 0;
    if (length === 0) return offset + 1;
    if (length >= 0xc0) return offset + 2 <= message.length ? offset + 2 : 0;
    if (length > 63 || offset - start > MAX_NAME_LENGTH) return 0;
    offset += length + 1;
  }
}

/** Octet after the record whose fixed part (type, class, TTL, length) begins at `fixed`, or 0. */
export function recordEnd(message: Uint8Array, fixed: number): number {
  if (fixed + 10 > message.length) return 0;
  const end = fixed + 10 + u16(message, fixed + 8);
  return end > message.length ? 0 : end;
}

/** Two octets in network order. */
export function u16(message: Uint8Array, offset: number): number {
  return ((message[offset] ?? 0) << 8) | (message[offset + 1] ?? 0);
}
