import { CLASS, HEADER_LENGTH, RCODE, TYPE } from './codes.ts';
import { recordEnd, skipName, u16 } from './query.ts';

/**
 * Seconds for which a reply may be used again: the smallest TTL of its answers or, where it has none, the SOA's (RFC
 * 8484 section 5.1, RFC 2308 section 5). Undefined: not at all, for it is an error, or cannot be read.
 */
export function freshnessOf(reply: Uint8Array): number | undefined {
  if (reply.length < HEADER_LENGTH) return undefined;
  const rcode = u16(reply, 2) & 0xf;
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return undefined;
  const answers = u16(reply, 6);
  const ttls = ttlsOf(reply, afterQuestions(reply), answers > 0 ? answers : u16(reply, 8), answers === 0);
  return ttls === undefined || ttls.length === 0 ? undefined : Math.min(...ttls);
}

function afterQuestions(reply: Uint8Array): number {
  let offset = HEADER_LENGTH;
  for (let count = u16(reply, 4); count > 0 && offset > 0; count--) {
    const end = skipName(reply, offset);
    offset = end === 0 ? 0 : end + 4;
  }
  return offset;
}

/** Of the records that begin at an offset, or of those that are an SOA; undefined where they cannot be read. */
function ttlsOf(reply: Uint8Array, start: number, count: number, onlySoa: boolean): number[] | undefined {
  const ttls: number[] = [];
  let offset = start;
  for (let index = 0; index < count; index++) {
    const fixed = offset === 0 ? 0 : skipName(reply, offset);
    const end = fixed === 0 ? 0 : recordEnd(reply, fixed);
    if (end === 0) return undefined;
    const isSoa = u16(reply, fixed) === TYPE.SOA && u16(reply, fixed + 2) === CLASS.IN;
    if (!onlySoa) ttls.push(u32(reply, fixed + 4));
    else if (isSoa) ttls.push(Math.min(u32(reply, fixed + 4), u32(reply, end - 4)));
    offset = end;
  }
  return ttls;
}

function u32(octets: Uint8Array, offset: number): number {
  return u16(octets, offset) * 0x10000 + u16(octets, offset + 2);
}
