import { CLASS, FLAG, OPTION, TYPE } from '../../src/wire/codes.ts';

/** A mnemonic known to the daemon, `TYPE65280`, or a number. */
export type TypeText = keyof typeof TYPE | `TYPE${number}` | number;

/** A name as text without escapes, its case kept; or as labels, one character per octet, which may hold anything. */
export type NameText = string | readonly string[];

/** What a hand-made message holds. Counts are those of the parts unless they are to lie. */
export interface Packet {
  readonly id?: number;
  /** The header's second word; RD alone if not given. */
  readonly flags?: number;
  /** QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT. */
  readonly counts?: readonly [number, number, number, number];
  readonly questions?: readonly Uint8Array[];
  readonly answers?: readonly Uint8Array[];
  readonly authorities?: readonly Uint8Array[];
  readonly additionals?: readonly Uint8Array[];
  /** Octets after everything that was counted. */
  readonly trailing?: Uint8Array;
}

export interface EdnsOption {
  readonly code: number;
  readonly data: Uint8Array;
}

export interface Opt {
  /** UDP payload size. */
  readonly size?: number;
  readonly extendedRcode?: number;
  readonly version?: number;
  readonly dnssecOk?: boolean;
  readonly options?: readonly EdnsOption[];
  /** The owner; the root if not given. */
  readonly owner?: NameText;
}

export interface QueryOptions {
  readonly id?: number;
  readonly flags?: number;
  readonly class?: number;
  /** The UDP payload size to announce. Without this and all below no OPT record is sent. */
  readonly edns?: number;
  readonly ednsVersion?: number;
  readonly dnssecOk?: boolean;
  readonly nsid?: boolean;
  readonly cookie?: Uint8Array;
  readonly options?: readonly EdnsOption[];
}

export const QUERY_ID = 0x1234;

/** One query as a client would send it. */
export function query(name: NameText, type: TypeText, options: QueryOptions = {}): Buffer {
  const extra = [...(options.options ?? [])];
  if (options.nsid === true) extra.push({ code: OPTION.NSID, data: new Uint8Array() });
  if (options.cookie !== undefined) extra.push({ code: OPTION.COOKIE, data: options.cookie });
  const { edns, ednsVersion = 0, dnssecOk = false } = options;
  const wantsOpt = edns !== undefined || ednsVersion > 0 || dnssecOk || extra.length > 0;
  const opt = { size: edns ?? 1232, version: ednsVersion, dnssecOk, options: extra };
  return packet({
    id: options.id ?? QUERY_ID,
    flags: options.flags ?? FLAG.RD,
    questions: [question(name, type, options.class)],
    additionals: wantsOpt ? [optRecord(opt)] : [],
  });
}

/** A message put together from its parts. */
export function packet(parts: Packet): Buffer {
  const { id = QUERY_ID, flags = FLAG.RD } = parts;
  const sections = [parts.questions, parts.answers, parts.authorities, parts.additionals];
  const counts = parts.counts ?? sections.map(section => section?.length ?? 0);
  const records = sections.flatMap(section => section ?? []);
  return Buffer.concat([u16(id), u16(flags), ...counts.map(u16), ...records, parts.trailing ?? hex('')]);
}

export function question(name: NameText, type: TypeText, questionClass: number = CLASS.IN): Buffer {
  return Buffer.concat([nameOctets(name), u16(typeCode(type)), u16(questionClass)]);
}

export function record(owner: NameText, type: TypeText, data: Uint8Array, ttl = 0): Buffer {
  const fixed = [u16(typeCode(type)), u16(CLASS.IN), u16(0), u16(ttl), u16(data.length)];
  return Buffer.concat([nameOctets(owner), ...fixed, data]);
}

export function optRecord(opt: Opt = {}): Buffer {
  const { size = 1232, extendedRcode = 0, version = 0, dnssecOk = false, options = [], owner = '' } = opt;
  const data = Buffer.concat(options.map(({ code, data: value }) => ednsOption(code, value)));
  const words = [TYPE.OPT, size, (extendedRcode << 8) | version, dnssecOk ? 0x8000 : 0, data.length];
  return Buffer.concat([nameOctets(owner), ...words.map(u16), data]);
}

export function ednsOption(code: number, data: Uint8Array, length: number = data.length): Buffer {
  return Buffer.concat([u16(code), u16(length), data]);
}

/** An uncompressed name. Nothing is checked: a label of 200 octets is written as it stands. */
export function nameOctets(name: NameText): Buffer {
  const labels = typeof name === 'string' ? name.split('.').filter(label => label !== '') : name;
  const written = labels.map(label => Buffer.concat([Buffer.of(label.length), Buffer.from(label, 'latin1')]));
  return Buffer.concat([...written, Buffer.of(0)]);
}

export function typeCode(type: TypeText): number {
  if (typeof type === 'number') return type;
  return new Map<string, number>(Object.entries(TYPE)).get(type) ?? Number(type.slice('TYPE'.length));
}

/** Octets written as hexadecimal digits; blanks may stand anywhere. */
export function hex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(/\s/g, ''), 'hex');
}

function u16(value: number): Buffer {
  return Buffer.of(value >>> 8, value & 0xff);
}
