import { describe, expect, test } from 'vitest';
import type { QueryEvent } from '../../src/answer/event.ts';
import { FLAG, OPTION, TYPE } from '../../src/wire/codes.ts';
import { decode, query, replyTo, responderOf, TCP, UDP } from '../kit/dns.ts';
import {
  ednsOption,
  hex,
  nameOctets,
  type Opt,
  optRecord,
  type Packet,
  packet,
  QUERY_ID,
  question,
  record,
} from '../kit/packet.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

const NAME = 'payments.shop.svc.clusterset.local';
const ZONE = ['clusterset', 'local'];
const ADDRESS = hex('c0000201');
const QUESTION = question(NAME, 'A');

const good: Packet = { questions: [QUESTION] };
const rawQuestion = (octets: string) => packet({ counts: [1, 0, 0, 0], trailing: hex(octets) });
const asking = (...labels: string[]) => query([...labels, ...ZONE], 'A');
const withOpt = (opt: Opt) => packet({ ...good, additionals: [optRecord(opt)] });
const withOption = (code: number, data: Uint8Array) => withOpt({ options: [{ code, data }] });
const withCookie = (length: number) => withOption(OPTION.COOKIE, Buffer.alloc(length, 7));
const withSubnet = (octets: string) => withOption(8, hex(octets));
/** An OPT record whose data, and its length, are written by hand. */
const withOptData = (data: Buffer, length = data.length) =>
  packet({
    ...good,
    additionals: [Buffer.concat([hex('00 0029 04d0 00000000'), Buffer.of(0, length), data])],
  });
const otherOpcode = (opcode: number, parts: Packet) =>
  packet({ ...good, flags: (opcode << 11) | FLAG.RD, ...parts });
const withOpcode = (opcode: number) => otherOpcode(opcode, {});
const ofClass = (code: number) => query(NAME, 'A', { class: code });
const longName = (last: number) => [63, 63, 63, last].map(length => 'x'.repeat(length));

/**
 * Messages that no client should send, and a few that look odd and are right. `-` is silence; else the response code,
 * the number of questions echoed, and whether an OPT record comes back. The question is echoed whenever it could be
 * read.
 */
const rows: readonly (readonly [row: string, message: Buffer, outcome: string])[] = [
  ['empty datagram', Buffer.alloc(0), '-'],
  ['1 octet', Buffer.alloc(1), '-'],
  ['11 octets', Buffer.alloc(11), '-'],
  ['header only, QD=0', packet({}), 'FORMERR qd0'],
  ['header only, QD=1', packet({ counts: [1, 0, 0, 0] }), 'FORMERR qd0'],
  ['all counts 0xffff, no body', packet({ counts: [65535, 65535, 65535, 65535] }), 'FORMERR qd0'],
  ['QD=2, both good (RFC 9619)', packet({ questions: [QUESTION, QUESTION] }), 'FORMERR qd0'],
  ['QD=0 + OPT', packet({ additionals: [optRecord()] }), 'FORMERR qd0 opt'],
  [
    'QD=0 + OPT + cookie',
    packet({ additionals: [optRecord({ options: [{ code: 10, data: Buffer.alloc(8) }] })] }),
    'NOERROR qd0 opt',
  ],
  ['QR=1 (a response)', packet({ ...good, flags: FLAG.QR }), '-'],
  ['QR=1, too bad to read', Buffer.alloc(30, 0xff), '-'],
  ['TC=1 in query', packet({ ...good, flags: FLAG.TC }), 'NOERROR qd1'],
  ['AA+RA+Z in query', packet({ ...good, flags: FLAG.AA | 0x80 | 0x40 }), 'NOERROR qd1'],
  ['AD+CD in query', packet({ ...good, flags: 0x30 }), 'NOERROR qd1'],
  ['rcode=15 in query', packet({ ...good, flags: 0x0f }), 'NOERROR qd1'],
  ['self pointer at 12', rawQuestion('c00c 0001 0001'), 'FORMERR qd0'],
  ['pointer loop 12<->14', rawQuestion('c00e c00c 0001 0001'), 'FORMERR qd0'],
  ['forward pointer', rawQuestion('c012 0001 0001 0161 00'), 'FORMERR qd0'],
  ['pointer past the end', rawQuestion('ffff 0001 0001'), 'FORMERR qd0'],
  ['pointer into the header', rawQuestion('c004 0001 0001'), 'FORMERR qd0'],
  ['pointer to own label', rawQuestion('0161 c00c 0001 0001'), 'FORMERR qd0'],
  ['label type 0x40', rawQuestion('4161 00 0001 0001'), 'FORMERR qd0'],
  ['label type 0x80', rawQuestion('8161 00 0001 0001'), 'FORMERR qd0'],
  ['label 63', asking('x'.repeat(63), 'shop', 'svc'), 'NXDOMAIN qd1'],
  ['label 64', asking('x'.repeat(64), 'shop', 'svc'), 'FORMERR qd0'],
  ['name of 255 octets', asking(...longName(44)), 'NXDOMAIN qd1'],
  ['name of 256 octets', asking(...longName(45)), 'FORMERR qd0'],
  ['118 labels, 253 octets', asking(...new Array<string>(118).fill('x')), 'NXDOMAIN qd1'],
  ['name cut short', rawQuestion('0f7061796d656e7473'), 'FORMERR qd0'],
  ['no type/class', packet({ counts: [1, 0, 0, 0], trailing: nameOctets(NAME) }), 'FORMERR qd0'],
  ['no class', questionWithout(2), 'FORMERR qd0'],
  ['half a class', questionWithout(1), 'FORMERR qd0'],
  ['NUL in label', asking('pay\x00ments', 'shop', 'svc'), 'NXDOMAIN qd1'],
  ['dot in label "payments.shop"', asking('payments.shop', 'svc'), 'NXDOMAIN qd1'],
  ['dot in label "shop.svc"', asking('payments', 'shop.svc'), 'NXDOMAIN qd1'],
  ['dot in label "ns.dns"', asking('ns.dns'), 'NXDOMAIN qd1'],
  [
    'dot in label "clusterset.local"',
    query(['payments', 'shop', 'svc', 'clusterset.local'], 'A'),
    'REFUSED qd1',
  ],
  ['slash in label "shop/payments"', asking('shop/payments', 'svc'), 'NXDOMAIN qd1'],
  ['0xff octets in label', asking('\xff\xfe\x80', 'shop', 'svc'), 'NXDOMAIN qd1'],
  ['backslash, space, quote', asking('\\ "', 'shop', 'svc'), 'NXDOMAIN qd1'],
  ['the root', query('', 'NS'), 'REFUSED qd1'],
  ['type 0', query(NAME, 0), 'NOERROR qd1'],
  ['type 65535', query(NAME, 65535), 'NOERROR qd1'],
  ['type OPT as QTYPE', query(NAME, 'OPT'), 'FORMERR qd1'],
  ['type ANY', query(NAME, 'ANY'), 'NOERROR qd1'],
  ['AXFR over UDP', query('clusterset.local', 'AXFR'), 'REFUSED qd1'],
  ['IXFR', query('clusterset.local', 'IXFR'), 'REFUSED qd1'],
  ['TKEY 249', query(NAME, 'TKEY'), 'NOTIMP qd1'],
  ['TSIG 250', query(NAME, 'TSIG'), 'NOTIMP qd1'],
  ['MAILB 253', query(NAME, 'MAILB'), 'NOTIMP qd1'],
  ['MAILA 254', query(NAME, 'MAILA'), 'NOTIMP qd1'],
  ['class 0', ofClass(0), 'REFUSED qd1'],
  ['class CH', ofClass(3), 'REFUSED qd1'],
  ['class CH version.bind', query('version.bind', 'TXT', { class: 3 }), 'REFUSED qd1'],
  ['class ANY', ofClass(255), 'REFUSED qd1'],
  ['class NONE', ofClass(254), 'REFUSED qd1'],
  ['class 0x8001 (mDNS QU)', ofClass(0x8001), 'REFUSED qd1'],
  ['opcode 1 IQUERY', withOpcode(1), 'NOTIMP qd0'],
  ['opcode 2 STATUS', withOpcode(2), 'NOTIMP qd0'],
  ['opcode 3', withOpcode(3), 'NOTIMP qd0'],
  ['opcode 4 NOTIFY', withOpcode(4), 'NOTIMP qd0'],
  ['opcode 5 UPDATE', withOpcode(5), 'NOTIMP qd0'],
  ['opcode 6 DSO', packet({ flags: 6 << 11 }), 'NOTIMP qd0'],
  ['opcode 15', withOpcode(15), 'NOTIMP qd0'],
  ['STATUS + OPT', otherOpcode(2, { additionals: [optRecord()] }), 'NOTIMP qd0 opt'],
  ['STATUS + EDNS v1', otherOpcode(2, { additionals: [optRecord({ version: 1 })] }), 'BADVERS qd0 opt'],
  [
    'NOTIFY, its SOA, OPT and a cookie',
    otherOpcode(4, {
      answers: [record(NAME, 'SOA', ADDRESS)],
      additionals: [optRecord({ options: [{ code: OPTION.COOKIE, data: Buffer.alloc(8) }] })],
    }),
    'NOTIMP qd0 opt',
  ],
  [
    'UPDATE, OPT and TSIG',
    otherOpcode(5, {
      answers: [record(NAME, 'A', ADDRESS), record(NAME, 'A', ADDRESS)],
      authorities: [record(NAME, 'A', ADDRESS)],
      additionals: [optRecord(), record('key', 'TSIG', hex('00'))],
    }),
    'NOTIMP qd0 opt',
  ],
  ['DSO with data of its own', packet({ flags: 6 << 11, trailing: optRecord() }), 'NOTIMP qd0'],
  ['STATUS, OPT missing', otherOpcode(2, { counts: [1, 0, 0, 1] }), 'NOTIMP qd0'],
  ['STATUS, all counts 0xffff', otherOpcode(2, { counts: [65535, 65535, 65535, 65535] }), 'NOTIMP qd0'],
  [
    'UPDATE, OPT behind what cannot be read',
    otherOpcode(5, { counts: [1, 0, 1, 1], additionals: [optRecord()] }),
    'NOTIMP qd0',
  ],
  ['AN=1 in a query', packet({ ...good, answers: [record(NAME, 'A', ADDRESS)] }), 'FORMERR qd1'],
  ['NS=1 in a query', packet({ ...good, authorities: [record(NAME, 'A', ADDRESS)] }), 'FORMERR qd1'],
  ['AR=1 A record', packet({ ...good, additionals: [record(NAME, 'A', ADDRESS)] }), 'NOERROR qd1'],
  ['AR=1, missing', packet({ ...good, counts: [1, 0, 0, 1] }), 'FORMERR qd1'],
  ['AR=65535, missing', packet({ ...good, counts: [1, 0, 0, 65535] }), 'FORMERR qd1'],
  ['AN, NS and AR=65535, missing', packet({ ...good, counts: [1, 65535, 65535, 65535] }), 'FORMERR qd1'],
  ['trailing 4 octets', packet({ ...good, trailing: Buffer.alloc(4) }), 'NOERROR qd1'],
  ['trailing 500 octets', packet({ ...good, trailing: Buffer.alloc(500, 0xff) }), 'NOERROR qd1'],
  ['EDNS v0', withOpt({}), 'NOERROR qd1 opt'],
  ['EDNS v1', withOpt({ version: 1 }), 'BADVERS qd1 opt'],
  ['EDNS v255', withOpt({ version: 255 }), 'BADVERS qd1 opt'],
  ['two OPT', packet({ ...good, additionals: [optRecord(), optRecord()] }), 'FORMERR qd1 opt'],
  ['OPT owner not root', withOpt({ owner: 'a' }), 'FORMERR qd1'],
  ['OPT owner a pointer', optOwnedByPointer(), 'FORMERR qd1'],
  ['OPT in answer', packet({ ...good, answers: [optRecord()] }), 'FORMERR qd1'],
  ['OPT size 0', withOpt({ size: 0 }), 'NOERROR qd1 opt'],
  ['OPT size 511', withOpt({ size: 511 }), 'NOERROR qd1 opt'],
  ['OPT size 65535', withOpt({ size: 65535 }), 'NOERROR qd1 opt'],
  ['OPT ext-rcode 255', withOpt({ extendedRcode: 255 }), 'NOERROR qd1 opt'],
  ['OPT rdlen past end', withOptData(hex('0003 0000'), 5), 'FORMERR qd1'],
  ['OPT option len past rdata', withOptData(ednsOption(65001, ADDRESS, 5)), 'FORMERR qd1 opt'],
  ['OPT 1 octet of rdata', withOptData(hex('00')), 'FORMERR qd1 opt'],
  ['300 unknown options', withOpt({ options: manyOptions(65001) }), 'NOERROR qd1 opt'],
  ['300 NSID options', withOpt({ options: manyOptions(OPTION.NSID) }), 'NOERROR qd1 opt'],
  ['NSID option with data', withOption(OPTION.NSID, Buffer.alloc(600)), 'NOERROR qd1 opt'],
  ['cookie of 7', withCookie(7), 'FORMERR qd1 opt'],
  ['cookie of 8', withCookie(8), 'NOERROR qd1 opt'],
  ['cookie of 15', withCookie(15), 'FORMERR qd1 opt'],
  ['cookie of 41', withCookie(41), 'FORMERR qd1 opt'],
  ['ECS family 0', withSubnet('0000 00 00'), 'NOERROR qd1 opt'],
  ['ECS family 9', withSubnet('0009 18 00 c00002'), 'NOERROR qd1 opt'],
  ['ECS prefix 200', withSubnet('0001 c8 00 c0000201'), 'NOERROR qd1 opt'],
  ['ECS scope != 0', withSubnet('0001 18 18 c00002'), 'NOERROR qd1 opt'],
  ['TSIG unknown key', packet({ ...good, additionals: [record('key', 'TSIG', hex('00'))] }), 'FORMERR qd1'],
  ['SIG(0)', packet({ ...good, additionals: [record('', 'SIG', hex('00'))] }), 'FORMERR qd1'],
];

const zone = zoneOf([serviceOf('shop', 'payments', [clusterOf('east', ['10.10.0.10'])])]);

describe.each([UDP, TCP])('over $transport', client => {
  test.each(rows)('%s', (_, message, outcome) => {
    const reply = responderOf(zone).respond(message, client);
    expect(reply instanceof Uint8Array ? outcomeOf(reply) : '-').toBe(outcome);
    if (!(reply instanceof Uint8Array)) return;
    const decoded = decode(reply);
    expect(decoded.flags.startsWith('qr')).toBe(true);
    expect(decoded.id).toBe(QUERY_ID);
    expect(decoded.opcode).toBe(((message[2] ?? 0) >> 3) & 0xf);
    expect(decoded.flags.includes('rd')).toBe(((message[2] ?? 0) & 1) === 1);
    expect(decoded.flags.includes('ra')).toBe(false);
    if (decoded.questions.length === 0 && decoded.edns === undefined) expect(reply.length).toBe(12);
    // The octets of the question, not what some decoder makes of them.
    else if (decoded.questions.length === 1)
      expect(reply.subarray(12, questionEnd(message))).toEqual(message.subarray(12, questionEnd(message)));
  });
});

test('an error has no records, and nothing but the length of a header and a question', () => {
  const reply = replyTo(responderOf(zone), query(NAME, 'OPT'));
  expect(reply).toEqual(Buffer.concat([hex('1234 8101 0001 0000 0000 0000'), question(NAME, 'OPT')]));
});

test('what could not be read is counted as malformed, what may not be answered as dropped', () => {
  const events: Partial<QueryEvent>[] = [];
  const responder = responderOf(zone, {
    observe: ({ drop, malformed, rcode, type }) => events.push({ drop, malformed, rcode, type }),
  });
  for (const message of [
    Buffer.alloc(5),
    query(NAME, 'A', { flags: FLAG.QR }),
    packet({}),
    query(NAME, 'AAAA'),
  ])
    responder.respond(message, UDP);
  expect(events).toEqual([
    { drop: 'short', malformed: true, rcode: undefined, type: 0 },
    { drop: 'response', malformed: false, rcode: undefined, type: 0 },
    { drop: undefined, malformed: true, rcode: 1, type: 0 },
    { drop: undefined, malformed: false, rcode: 0, type: TYPE.AAAA },
  ]);
});

function outcomeOf(reply: Uint8Array): string {
  const { rcode, questions, edns } = decode(reply);
  return `${rcode} qd${questions.length}${edns === undefined ? '' : ' opt'}`;
}

function questionEnd(message: Uint8Array): number {
  let offset = 12;
  for (let length = message[offset]; length !== undefined && length !== 0; length = message[offset])
    offset += length + 1;
  return offset + 5;
}

function questionWithout(octets: number): Buffer {
  return packet({ counts: [1, 0, 0, 0], trailing: QUESTION.subarray(0, QUESTION.length - octets) });
}

/** The owner is a compression pointer to the root label at the end of the question's name: not the root itself. */
function optOwnedByPointer(): Buffer {
  const pointer = 0xc000 | (12 + nameOctets(NAME).length - 1);
  const fixed = optRecord().subarray(1);
  return packet({ ...good, additionals: [Buffer.concat([Buffer.of(pointer >> 8, pointer & 255), fixed])] });
}

function manyOptions(code: number) {
  return Array.from({ length: 300 }, () => ({ code, data: Buffer.alloc(0) }));
}
