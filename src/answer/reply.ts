import { EXTENDED_ERROR, FLAG, HEADER_LENGTH, OPTION } from '../wire/codes.ts';
import { FULL_COOKIE_LENGTH } from '../wire/cookie.ts';
import type { Query } from '../wire/query.ts';
import type { Variant } from './compile.ts';

/** What the OPT record of one reply says. */
export interface OptContents {
  /** Our own UDP payload size. */
  readonly payloadSize: number;
  readonly rcode: number;
  readonly extendedError: number | undefined;
  /** The name server identifier, or empty where it was not asked for. */
  readonly nsid: Uint8Array;
  /** Writes the COOKIE option's data (24 octets), or undefined where the client sent none. */
  readonly writeCookie: ((output: Uint8Array, offset: number) => void) | undefined;
}

/** For a body whose question is in canonical case: whose spelling the reply shall have (0x20). */
export interface Spelling {
  readonly message: Uint8Array;
  /** Where the body repeats the zone's name. */
  readonly originCopies: readonly number[];
  /** Octets. */
  readonly originLength: number;
}

/** The smallest UDP payload anyone must take (RFC 1035 section 2.3.4); smaller sizes in EDNS mean this one. */
export const MIN_PAYLOAD = 512;

export const OPT_FIXED_LENGTH = 11;
export const OPTION_HEADER_LENGTH = 4;

/** Text for people beside the code of an extended error (RFC 8914 section 2). */
export const extendedErrorTexts: ReadonlyMap<number, Uint8Array> = new Map<number, Uint8Array>(
  [
    [EXTENDED_ERROR.STALE_ANSWER, 'no cluster that serves this name is reachable'],
    [EXTENDED_ERROR.NOT_READY, 'first synchronisation has not finished'],
    [EXTENDED_ERROR.PROHIBITED, 'not allowed for this client'],
    [EXTENDED_ERROR.NOT_AUTHORITATIVE, 'outside the zone served here'],
  ].map(([code, text]) => [Number(code), Buffer.from(String(text))]),
);

/** Octets that the OPT record will take. */
export function optLength(opt: OptContents): number {
  const cookie = opt.writeCookie === undefined ? 0 : OPTION_HEADER_LENGTH + FULL_COOKIE_LENGTH;
  const nsid = opt.nsid.length === 0 ? 0 : OPTION_HEADER_LENGTH + opt.nsid.length;
  const text = extendedErrorTexts.get(opt.extendedError ?? -1)?.length ?? 0;
  const error = opt.extendedError === undefined ? 0 : OPTION_HEADER_LENGTH + 2 + text;
  return OPT_FIXED_LENGTH + cookie + nsid + error;
}

/**
 * Makes the reply to one query from a ready body: additional records go first where it does not fit, then everything
 * but the question, with TC set (RFC 2181 section 9).
 *
 * @param limit octets that the client takes over this transport
 * @returns a fresh buffer
 */
export function finishReply(
  query: Query,
  body: Variant,
  opt: OptContents | undefined,
  limit: number,
  spelling?: Spelling,
): Uint8Array {
  const extra = opt === undefined ? 0 : optLength(opt);
  let length = body.bytes.length;
  if (length + extra > limit) length = body.additionalStart;
  const truncated = length + extra > limit;
  if (truncated) length = query.questionEnd;
  const reply = Buffer.allocUnsafe(length + extra);
  reply.set(length === body.bytes.length ? body.bytes : body.bytes.subarray(0, length));
  if (spelling !== undefined) respell(reply, length, query, spelling);
  patchHeader(reply, query, truncated ? FLAG.TC : 0);
  const additionals = length === body.bytes.length ? body.additionals : 0;
  if (truncated) reply.fill(0, 6, 10);
  writeU16(reply, 10, additionals + (opt === undefined ? 0 : 1));
  if (opt !== undefined) writeOpt(reply, length, query, opt);
  return reply;
}

/** @param length octets of the reply that were taken from the body */
function respell(
  reply: Uint8Array,
  length: number,
  { questionEnd }: Query,
  { message, originCopies, originLength }: Spelling,
): void {
  const nameEnd = questionEnd - 4;
  reply.set(message.subarray(HEADER_LENGTH, nameEnd), HEADER_LENGTH);
  const origin = message.subarray(nameEnd - originLength, nameEnd);
  for (const copy of originCopies) if (copy < length) reply.set(origin, copy);
}

/**
 * A reply without records: errors, and what could not be read. The question is echoed where it could be read, since
 * CoreDNS takes a reply without it for a broken one.
 */
export function errorReply(
  query: Query,
  message: Uint8Array,
  rcode: number,
  opt: OptContents | undefined,
): Uint8Array {
  const questionEnd = Math.max(HEADER_LENGTH, query.questionEnd);
  const reply = Buffer.alloc(questionEnd + (opt === undefined ? 0 : optLength(opt)));
  reply.set(message.subarray(0, questionEnd));
  const opcode = query.flags & 0x7800;
  writeU16(reply, 2, FLAG.QR | opcode | (rcode & 0xf));
  patchHeader(reply, query, 0);
  reply.fill(0, 4, HEADER_LENGTH);
  if (query.questionEnd > 0) reply[5] = 1;
  if (opt !== undefined) {
    reply[11] = 1;
    writeOpt(reply, questionEnd, query, opt);
  }
  return reply;
}

/** Sets the id and copies RD (RFC 1035 section 4.1.1) and CD (RFC 4035 section 3.1.6). */
export function patchHeader(reply: Uint8Array, query: Query, flags: number): void {
  writeU16(reply, 0, query.id);
  const own = ((reply[2] ?? 0) << 8) | (reply[3] ?? 0);
  writeU16(reply, 2, own | flags | (query.flags & (FLAG.RD | FLAG.CD)));
}

function writeOpt(reply: Uint8Array, start: number, query: Query, opt: OptContents): void {
  reply[start] = 0;
  writeU16(reply, start + 1, 41);
  writeU16(reply, start + 3, opt.payloadSize);
  reply[start + 5] = opt.rcode >>> 4;
  reply[start + 6] = 0;
  // DO is copied (RFC 3225 section 3), though nothing here is signed.
  writeU16(reply, start + 7, query.dnssecOk ? 0x8000 : 0);
  writeU16(reply, start + 9, optLength(opt) - OPT_FIXED_LENGTH);
  let offset = start + OPT_FIXED_LENGTH;
  if (opt.writeCookie !== undefined) {
    offset = writeOptionHeader(reply, offset, OPTION.COOKIE, FULL_COOKIE_LENGTH);
    opt.writeCookie(reply, offset);
    offset += FULL_COOKIE_LENGTH;
  }
  if (opt.nsid.length > 0) {
    offset = writeOptionHeader(reply, offset, OPTION.NSID, opt.nsid.length);
    reply.set(opt.nsid, offset);
    offset += opt.nsid.length;
  }
  if (opt.extendedError !== undefined) {
    const text = extendedErrorTexts.get(opt.extendedError) ?? new Uint8Array();
    offset = writeOptionHeader(reply, offset, OPTION.EXTENDED_ERROR, 2 + text.length);
    writeU16(reply, offset, opt.extendedError);
    reply.set(text, offset + 2);
  }
}

function writeOptionHeader(reply: Uint8Array, offset: number, code: number, length: number): number {
  writeU16(reply, offset, code);
  writeU16(reply, offset + 2, length);
  return offset + OPTION_HEADER_LENGTH;
}

function writeU16(octets: Uint8Array, offset: number, value: number): void {
  octets[offset] = value >>> 8;
  octets[offset + 1] = value;
}
