import { type Answer, decode as decodePacket, type OptAnswer } from 'dns-packet';
import type { Client, QueryEvent } from '../../src/answer/event.ts';
import { Responder, type ResponderOptions } from '../../src/answer/responder.ts';
import type { Zone } from '../../src/records/zone.ts';
import { OPTION, rcodeName } from '../../src/wire/codes.ts';
import { type NameText, type QueryOptions, query, type TypeText } from './packet.ts';
import { seededRandom } from './random.ts';

export { query } from './packet.ts';

export const UDP: Client = { transport: 'udp', address: '127.0.0.1' };
export const TCP: Client = { transport: 'tcp', address: '127.0.0.1' };

/** The second at which `responderOf` stands still. */
export const NOW_SECONDS = 1_700_000_000;

export type DnsRecord = Exclude<Answer, OptAnswer>;

/** A reply as `dns-packet` reads it. */
export interface Decoded {
  readonly id: number;
  readonly opcode: number;
  /** With the upper bits that EDNS adds: `BADVERS`. */
  readonly rcode: string;
  /** As `dig` prints them: `qr aa rd`. */
  readonly flags: string;
  /** `payments.shop.svc.clusterset.local. IN A`, spelt as it came. */
  readonly questions: readonly string[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  /** Without the OPT record. */
  readonly additionals: readonly DnsRecord[];
  readonly edns: DecodedOpt | undefined;
  /** Octets. */
  readonly length: number;
}

export interface DecodedOpt {
  readonly size: number;
  readonly version: number;
  readonly dnssecOk: boolean;
  /** Codes of all options, in order. */
  readonly codes: readonly number[];
  readonly nsid: string | undefined;
  /** In hexadecimal. */
  readonly cookie: string | undefined;
  /** Code and text: `14 first synchronisation has not finished`. */
  readonly extendedError: string | undefined;
}

/** Reads a reply with `dns-packet`; throws where that can't read it, or finds octets left over. */
export function decode(reply: Uint8Array): Decoded {
  const packet = decodePacket(Buffer.from(reply));
  if (decodePacket.bytes !== reply.length)
    throw new Error(`${reply.length - decodePacket.bytes} octets left over`);
  const additionals = packet.additionals ?? [];
  const opt = additionals.find(record => record.type === 'OPT');
  const low = (reply[3] ?? 0) & 0xf;
  return {
    id: packet.id ?? 0,
    opcode: ((reply[2] ?? 0) >> 3) & 0xf,
    rcode: rcodeName(((opt?.extendedRcode ?? 0) << 4) | low),
    flags: flagsOf(reply),
    questions: (packet.questions ?? []).map(asked => `${absolute(asked.name)} ${asked.class} ${asked.type}`),
    answers: withoutOpt(packet.answers ?? []),
    authorities: withoutOpt(packet.authorities ?? []),
    additionals: withoutOpt(additionals),
    edns: opt === undefined ? undefined : decodedOpt(opt),
    length: reply.length,
  };
}

/** Records as lines of a zone file, `name ttl IN TYPE data`, sorted. */
export function zoneLines(records: readonly DnsRecord[]): string[] {
  return records
    .map(
      record => `${absolute(record.name)} ${record.ttl} ${record.class} ${record.type} ${dataText(record)}`,
    )
    .sort();
}

/** A responder with a clock that stands still and a seeded random source, which throws where it would fail. */
export function responderOf(zone: Zone, options: Partial<ResponderOptions> = {}): Responder {
  return new Responder({
    zone,
    random: seededRandom(1),
    now: () => 0,
    unixSeconds: () => NOW_SECONDS,
    cookieSecret: Buffer.from('e5e973e5a6b2a43f48e7dc849e37bfcf', 'hex'),
    nsid: Buffer.from('test-server'),
    payloadSize: 1232,
    compiledAnswers: 1024,
    hashSeed: 0x5eed,
    allowTransfer: [],
    observe: failLoudly,
    ...options,
  });
}

/** A fault of ours would else only show as SERVFAIL. */
function failLoudly({ failure }: Readonly<QueryEvent>): void {
  if (failure !== undefined) throw failure;
}

/** Puts a question to a responder and decodes its one reply; throws where there is none. */
export function ask(
  responder: Responder,
  name: NameText,
  type: TypeText,
  options: QueryOptions & { readonly client?: Client } = {},
): Decoded {
  return decode(replyTo(responder, query(name, type, options), options.client));
}

/** The octets of the one reply to a message; throws where there is none. */
export function replyTo(responder: Responder, message: Uint8Array, client: Client = UDP): Uint8Array {
  const reply = responder.respond(message, client);
  if (!(reply instanceof Uint8Array)) throw new Error('expected a single reply');
  return reply;
}

const flagNames = [
  ['qr', 0x8000],
  ['aa', 0x0400],
  ['tc', 0x0200],
  ['rd', 0x0100],
  ['ra', 0x0080],
  ['z', 0x0040],
  ['ad', 0x0020],
  ['cd', 0x0010],
] as const;

function flagsOf(reply: Uint8Array): string {
  const word = ((reply[2] ?? 0) << 8) | (reply[3] ?? 0);
  return flagNames.flatMap(([name, bit]) => ((word & bit) === 0 ? [] : [name])).join(' ');
}

function decodedOpt(opt: OptAnswer): DecodedOpt {
  const options = new Map(opt.options.map(option => [Number(option.code), option.data ?? Buffer.alloc(0)]));
  const extended = options.get(OPTION.EXTENDED_ERROR);
  return {
    size: opt.udpPayloadSize,
    version: opt.ednsVersion,
    dnssecOk: (opt.flags & 0x8000) !== 0,
    codes: opt.options.map(option => Number(option.code)),
    nsid: options.get(OPTION.NSID)?.toString('latin1'),
    cookie: options.get(OPTION.COOKIE)?.toString('hex'),
    extendedError:
      extended === undefined
        ? undefined
        : `${extended.readUInt16BE(0)} ${extended.toString('utf8', 2)}`.trim(),
  };
}

function withoutOpt(records: readonly Answer[]): DnsRecord[] {
  return records.filter(record => record.type !== 'OPT');
}

function dataText(record: DnsRecord): string {
  switch (record.type) {
    case 'SRV': {
      const { priority, weight, port, target } = record.data;
      return `${priority} ${weight} ${port} ${absolute(target)}`;
    }
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record.data;
      return `${absolute(mname)} ${absolute(rname)} ${serial} ${refresh} ${retry} ${expire} ${minimum}`;
    }
    case 'NS':
      return absolute(record.data);
    case 'TXT':
      return [record.data]
        .flat()
        .map(text => `"${text}"`)
        .join(' ');
    default:
      return String(record.data);
  }
}

function absolute(name: string): string {
  return name === '.' ? name : `${name}.`;
}
