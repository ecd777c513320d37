import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answersQuery, isTruncated, queryOf, replyOf } from '../../src/lookup/message.ts';
import { Query } from '../../src/wire/query.ts';
import { decode, query, responderOf, TCP, UDP } from '../kit/dns.ts';
import { ednsOption, hex, nameOctets, optRecord, packet, question, record } from '../kit/packet.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

const NAME = 'payments.shop.svc.clusterset.local';

test('a question has EDNS, and asks the server for its name', () => {
  const message = queryOf({ name: NAME, type: 'AAAA' }, 4711);
  const read = new Query();
  expect(read.read(message)).toBe('read');
  expect(read).toMatchObject({
    id: 4711,
    type: 28,
    class: 1,
    payloadSize: 1232,
    nsid: true,
    dnssecOk: false,
  });
  expect(decode(message).questions).toEqual([`${NAME}. IN AAAA`]);
});

describe('what the daemon replies', () => {
  const lost = clusterOf('east', ['10.10.0.10'], { serving: false });
  const zone = zoneOf([serviceOf('shop', 'payments', [lost])]);
  const replyTo = (name: string, client = TCP) => {
    const reply = responderOf(zone).respond(queryOf({ name, type: 'A' }, 1), client);
    return reply instanceof Uint8Array ? replyOf(reply) : undefined;
  };

  test('is read with all that EDNS says', () => {
    expect(replyTo(NAME, UDP)).toEqual({
      rcode: 'NOERROR',
      flags: ['aa', 'rd'],
      answers: [{ name: `${NAME}.`, ttl: 5, type: 'A', data: '10.10.0.10' }],
      authorities: [],
      additionals: [],
      payloadSize: 1232,
      nsid: 'test-server',
      extendedErrors: [
        { code: 3, meaning: 'Stale Answer', text: 'no cluster that serves this name is reachable' },
      ],
    });
  });

  test('may be that there is no such name', () => {
    expect(replyTo('nobody.shop.svc.clusterset.local')).toMatchObject({
      rcode: 'NXDOMAIN',
      answers: [],
      authorities: [{ name: 'clusterset.local.', ttl: 5, type: 'SOA' }],
    });
  });
});

describe('records of any server', () => {
  const texts = (type: Parameters<typeof record>[1], data: Uint8Array) =>
    replyOf(packet({ flags: 0x8400, answers: [record('a.example', type, data, 60)] }))?.answers[0]?.data;

  test.each([
    ['A', hex('0a000001'), '10.0.0.1'],
    ['AAAA', hex('20010db8 00000000 00000000 00000001'), '2001:db8::1'],
    ['SRV', Buffer.concat([hex('0000 0064 0050'), nameOctets('b.example')]), '0 100 80 b.example.'],
    ['CNAME', nameOctets('b.example'), 'b.example.'],
    ['MX', Buffer.concat([hex('000a'), nameOctets('mail.example')]), '10 mail.example.'],
    ['TXT', hex('03 612262 01 1b'), '"a"b" "\\027"'],
  ] as const)('%s', (type, data, text) => {
    expect(texts(type, data)).toBe(text);
  });

  test('hold nothing that a terminal would obey', () => {
    const evil = '\u001b]0;evil\u0007';
    const reply = packet({
      flags: 0x8403,
      questions: [question([evil], 'A')],
      answers: [record([evil, 'example'], 'TXT', Buffer.concat([hex('09'), Buffer.from(evil)]), 1)],
      additionals: [
        optRecord({
          options: [
            { code: 3, data: Buffer.from(evil) },
            { code: 15, data: Buffer.concat([hex('0063'), Buffer.from(evil)]) },
          ],
        }),
      ],
    });
    expect(JSON.stringify(replyOf(reply))).not.toMatch(/\\u00/);
    expect(replyOf(reply)?.extendedErrors).toEqual([
      { code: 99, meaning: 'Extended Error 99', text: '\\027]0;evil\\007' },
    ]);
  });
});

describe('the reply to a query', () => {
  const asked = queryOf({ name: NAME, type: 'A' }, 7);
  const reply = (id: number, name: string, type: 'A' | 'AAAA' = 'A', flags = 0x8400) =>
    packet({ id, flags, questions: [question(name, type)] });

  test.each([
    ['has its id and question', reply(7, NAME), true],
    ['in whatever case', reply(7, NAME.toUpperCase()), true],
    ['or no question at all, as an error may', packet({ id: 7, flags: 0x8401 }), true],
    ['is none with another id', reply(8, NAME), false],
    ['is none to another name', reply(7, 'ledger.shop.svc.clusterset.local'), false],
    ['is none to another type', reply(7, NAME, 'AAAA'), false],
    ['is no query', query(NAME, 'A', { id: 7 }), false],
    ['is no scrap', hex('0007 84'), false],
  ])('%s', (_row, octets, answers) => {
    expect(answersQuery(octets, asked)).toBe(answers);
  });

  test('may be truncated', () => {
    expect([isTruncated(reply(7, NAME, 'A', 0x8600)), isTruncated(reply(7, NAME))]).toEqual([true, false]);
  });
});

test('garbage is no reply, or one that can be printed', () => {
  const option = ednsOption(15, hex('00'));
  expect(replyOf(packet({ flags: 0x8400, additionals: [optRecord({ options: [] })] }))).toBeDefined();
  expect(replyOf(packet({ flags: 0x8400, trailing: option }))).toBeDefined();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), octets => {
      const reply = replyOf(octets);
      expect(/[^ -~]/.test(JSON.stringify(reply) ?? '')).toBe(false);
      answersQuery(octets, queryOf({ name: NAME, type: 'A' }, 1));
    }),
    { numRuns: 1000 },
  );
});
