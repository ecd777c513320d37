import { CLASS, HEADER_LENGTH, OPTION, TYPE } from '../wire/codes.ts';
import { MAX_NAME_LENGTH } from '../wire/name.ts';
import { u16 } from '../wire/query.ts';

/** Octets of an OPT record up to its options. */
const OPT_LENGTH = 11;

/**
 * Reads the queries that nearly everyone sends, where they lie: one question of class IN, and at most an OPT record.
 * What it reads it reads as `Query` does; all else it leaves to that.
 */
export class QuickQuery {
  /** Octet after the question's name. */
  nameEnd = 0;
  type = 0;
  edns = false;
  payloadSize = 0;
  dnssecOk = false;
  nsid = false;
  /** Offset of the first COOKIE option's data and its length; 0 where there is none. */
  cookieStart = 0;
  cookieLength = 0;

  /** False: this is for the slow path. Never looks past `end`. */
  read(octets: Uint8Array, start: number, end: number): boolean {
    if (end - start < HEADER_LENGTH + 5) return false;
    // QR or another opcode than QUERY.
    if (((octets[start + 2] ?? 0) & 0xf8) !== 0) return false;
    if (u16(octets, start + 4) !== 1 || u16(octets, start + 6) !== 0 || u16(octets, start + 8) !== 0)
      return false;
    const additionals = u16(octets, start + 10);
    const nameEnd = this.#nameEnd(octets, start + HEADER_LENGTH, end);
    if (additionals > 1 || nameEnd === 0 || u16(octets, nameEnd + 2) !== CLASS.IN) return false;
    this.nameEnd = nameEnd;
    this.type = u16(octets, nameEnd);
    this.edns = false;
    this.cookieLength = 0;
    this.nsid = false;
    return additionals === 0 || this.#readOpt(octets, nameEnd + 4, end);
  }

  /** 0: it is too long, or not a plain name, or no type and class follow it. */
  #nameEnd(octets: Uint8Array, start: number, end: number): number {
    let at = start;
    for (;;) {
      const length = octets[at] ?? 0;
      if (length > 63) return 0;
      at += length + 1;
      if (at + 4 > end) return 0;
      if (length === 0) return at - start > MAX_NAME_LENGTH ? 0 : at;
    }
  }

  #readOpt(octets: Uint8Array, start: number, end: number): boolean {
    if (start + OPT_LENGTH > end || octets[start] !== 0 || u16(octets, start + 1) !== TYPE.OPT) return false;
    // Another version than 0.
    if (octets[start + 6] !== 0) return false;
    this.edns = true;
    this.payloadSize = u16(octets, start + 3);
    this.dnssecOk = ((octets[start + 7] ?? 0) & 0x80) !== 0;
    const optionsEnd = start + OPT_LENGTH + u16(octets, start + 9);
    return optionsEnd <= end && this.#readOptions(octets, start + OPT_LENGTH, optionsEnd);
  }

  #readOptions(octets: Uint8Array, start: number, end: number): boolean {
    let at = start;
    while (at < end) {
      if (at + 4 > end) return false;
      const code = u16(octets, at);
      const length = u16(octets, at + 2);
      at += 4;
      if (at + length > end) return false;
      if (code === OPTION.NSID) this.nsid = true;
      if (code === OPTION.COOKIE) {
        if (length !== 8 && (length < 16 || length > 40)) return false;
        if (this.cookieLength === 0) {
          this.cookieStart = at;
          this.cookieLength = length;
        }
      }
      at += length;
    }
    return true;
  }
}
