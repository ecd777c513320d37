import {
  type Answer,
  type DecodedPacket,
  decode,
  encode,
  type OptAnswer,
  type PacketOpt,
  RECURSION_DESIRED,
  type RecordType,
} from 'dns-packet';
import { FLAG, HEADER_LENGTH, OPTION, rcodeName } from '../wire/codes.ts';
import { u16 } from '../wire/query.ts';
import { dataText, printable } from './data-text.ts';
import type { Question } from './question.ts';

/** One record of an answer, as a zone file has it. */
export interface ReplyRecord {
  readonly name: string;
  /** Seconds. */
  readonly ttl: number;
  readonly type: string;
  readonly data: string;
}

/** An Extended DNS Error (RFC 8914). */
export interface ExtendedError {
  readonly code: number;
  readonly meaning: string;
  /** What the server said besides. */
  readonly text?: string;
}

/** A reply, fit to be printed: nothing in it is what a terminal would obey. */
export interface DnsReply {
  /** `NXDOMAIN`; those that EDNS adds as well. */
  readonly rcode: string;
  /** As dig prints them: `aa rd`. */
  readonly flags: readonly string[];
  readonly answers: readonly ReplyRecord[];
  readonly authorities: readonly ReplyRecord[];
  readonly additionals: readonly ReplyRecord[];
  /** UDP payload size that the server announces; absent: it does not speak EDNS. */
  readonly payloadSize?: number;
  /** How the server calls itself (RFC 5001). */
  readonly nsid?: string;
  readonly extendedErrors: readonly ExtendedError[];
}

/** What fits without fragments nearly everywhere (DNS flag day 2020). */
const PAYLOAD_SIZE = 1232;

/** A query with EDNS that asks the server for its identifier. */
export function queryOf({ name, type }: Question, id: number): Buffer {
  const opt: OptAnswer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: PAYLOAD_SIZE,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [{ code: OPTION.NSID, data: Buffer.alloc(0) }] as unknown as PacketOpt[],
  };
  return encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ name, type: type as RecordType, class: 'IN' }],
    additionals: [opt],
  });
}

/** Whether octets are the reply to this query: the same id, and the same question in whatever case. */
export function answersQuery(octets: Uint8Array, query: Uint8Array): boolean {
  if (octets.length < HEADER_LENGTH || (u16(octets, 2) & FLAG.QR) === 0) return false;
  if (u16(octets, 0) !== u16(query, 0)) return false;
  // An error may come without the question.
  if (u16(octets, 4) === 0) return true;
  const asked = questionOf(query);
  return asked !== undefined && questionOf(octets) === asked;
}

export function isTruncated(octets: Uint8Array): boolean {
  return (u16(octets, 2) & FLAG.TC) !== 0;
}

function questionOf(message: Uint8Array): string | undefined {
  const packet = decoded(message);
  const [question] = packet?.questions ?? [];
  return question && `${question.name.toLowerCase()} ${question.type}`;
}

/** @returns undefined where it is no DNS message */
export function replyOf(octets: Uint8Array): DnsReply | undefined {
  const packet = decoded(octets);
  if (packet === undefined) return undefined;
  const opt = (packet.additionals ?? []).find(record => record.type === 'OPT');
  const nsid = optionOf(opt, OPTION.NSID);
  return {
    rcode: rcodeName(((opt?.extendedRcode ?? 0) << 4) | (u16(octets, 2) & 0xf)),
    flags: FLAGS.flatMap(([name, bit]) => ((u16(octets, 2) & bit) === 0 ? [] : [name])),
    answers: recordsOf(packet.answers),
    authorities: recordsOf(packet.authorities),
    additionals: recordsOf(packet.additionals),
    ...(opt === undefined ? {} : { payloadSize: opt.udpPayloadSize }),
    ...(nsid === undefined || nsid.length === 0 ? {} : { nsid: printable(nsid.toString('latin1')) }),
    extendedErrors: extendedErrorsOf(opt),
  };
}

const FLAGS = [
  ['aa', FLAG.AA],
  ['tc', FLAG.TC],
  ['rd', FLAG.RD],
  ['ra', 0x0080],
  ['ad', 0x0020],
  ['cd', FLAG.CD],
] as const;

function decoded(octets: Uint8Array): DecodedPacket | undefined {
  try {
    return decode(Buffer.from(octets));
  } catch {
    return undefined;
  }
}

function recordsOf(records: readonly Answer[] = []): ReplyRecord[] {
  return records.flatMap(record =>
    record.type === 'OPT'
      ? []
      : [
          {
            name: printable(`${record.name === '.' ? '' : record.name}.`),
            ttl: record.ttl ?? 0,
            type: printable(record.type),
            data: dataText(record),
          },
        ],
  );
}

function optionOf(opt: OptAnswer | undefined, code: number): Buffer | undefined {
  return opt?.options.find(option => Number(option.code) === code)?.data;
}

function extendedErrorsOf(opt: OptAnswer | undefined): ExtendedError[] {
  const options = opt?.options.filter(({ code }) => Number(code) === OPTION.EXTENDED_ERROR) ?? [];
  return options.flatMap(({ data }) => {
    if (data === undefined || data.length < 2) return [];
    const code = data.readUInt16BE(0);
    const text = printable(data.toString('utf8', 2));
    const meaning = EXTENDED_ERRORS[code] ?? `Extended Error ${code}`;
    return [{ code, meaning, ...(text === '' ? {} : { text }) }];
  });
}

/** RFC 8914 section 5.2, by code. */
const EXTENDED_ERRORS: readonly string[] = [
  'Other',
  'Unsupported DNSKEY Algorithm',
  'Unsupported DS Digest Type',
  'Stale Answer',
  'Forged Answer',
  'DNSSEC Indeterminate',
  'DNSSEC Bogus',
  'Signature Expired',
  'Signature Not Yet Valid',
  'DNSKEY Missing',
  'RRSIGs Missing',
  'No Zone Key Bit Set',
  'NSEC Missing',
  'Cached Error',
  'Not Ready',
  'Blocked',
  'Censored',
  'Filtered',
  'Prohibited',
  'Stale NXDOMAIN Answer',
  'Not Authoritative',
  'Not Supported',
  'No Reachable Authority',
  'Network Error',
  'Invalid Data',
];
