import { encode, type OptAnswer } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FLAG, OPTION, TYPE } from '../../src/wire/codes.ts';
import { Query, type Verdict } from '../../src/wire/query.ts';
import { hex, nameOctets, optRecord, packet, query, question, record } from '../kit/packet.ts';

const NAME = 'payments.shop.svc.clusterset.local';
const SOA = Buffer.concat([
  nameOctets(''),
  nameOctets(''),
  hex('fffffffe 00000000 00000000 00000000 00000000'),
]);

const PLAIN_OPT = {
  type: 'OPT',
  name: '.',
  flags: 0,
  extendedRcode: 0,
  ednsVersion: 0,
  flag_do: false,
} as const;

function read(message: Uint8Array): Query & { readonly verdict: Verdict } {
  const target = new Query();
  const verdict = target.read(message);
  return Object.assign(target, { verdict });
}

describe('what is read from a query', () => {
  test('a question', () => {
    const asked = query(NAME, 'AAAA', { id: 0xbeef, flags: FLAG.RD | FLAG.CD });
    expect(read(asked)).toMatchObject({
      verdict: 'read',
      id: 0xbeef,
      flags: FLAG.RD | FLAG.CD,
      type: TYPE.AAAA,
      class: 1,
      questionEnd: asked.length,
      edns: false,
    });
  });

  test('everything that EDNS may say', () => {
    const cookie = hex('0102030405060708');
    const asked = query(NAME, 'A', { edns: 4096, dnssecOk: true, nsid: true, cookie });
    const found = read(asked);
    expect(found).toMatchObject({ verdict: 'read', edns: true, ednsVersion: 0, payloadSize: 4096 });
    expect(found).toMatchObject({ dnssecOk: true, nsid: true, cookieLength: 8 });
    expect(asked.subarray(found.cookieStart, found.cookieStart + 8)).toEqual(cookie);
  });

  test('the first of two cookies', () => {
    const cookies = [8, 24].map(length => ({ code: OPTION.COOKIE, data: Buffer.alloc(length, length) }));
    expect(read(query(NAME, 'A', { options: cookies }))).toMatchObject({ verdict: 'read', cookieLength: 8 });
  });

  test('an OPT record after another additional record', () => {
    const additionals = [record('a.example', 'A', hex('c0000201')), optRecord({ size: 1400 })];
    const asked = packet({ questions: [question(NAME, 'A')], additionals });
    expect(read(asked)).toMatchObject({ verdict: 'read', payloadSize: 1400 });
  });

  test('the serial that the client of an IXFR holds', () => {
    const authorities = [record('clusterset.local', 'SOA', SOA)];
    const asked = packet({ questions: [question('clusterset.local', 'IXFR')], authorities });
    expect(read(asked)).toMatchObject({ verdict: 'read', clientSerial: 0xfffffffe });
  });

  test('none of what the last message said', () => {
    const target = new Query();
    const soa = [record('clusterset.local', 'SOA', SOA)];
    const opt = [optRecord({ dnssecOk: true, options: [OPTION.NSID, OPTION.COOKIE].map(withEightOctets) })];
    target.read(packet({ questions: [question(NAME, 'IXFR')], authorities: soa, additionals: opt }));
    expect(target).toMatchObject({ edns: true, nsid: true, clientSerial: 0xfffffffe });
    const bare = query(NAME, 'A');
    target.read(bare);
    expect({ ...target, verdict: 'read' }).toEqual({ ...read(bare) });
    expect(target).toMatchObject({ edns: false, nsid: false, cookieLength: 0, clientSerial: undefined });
  });

  test('what an independent writer wrote', () => {
    const label = fc.stringMatching(/^[a-z0-9_-]{1,20}$/);
    const name = fc.array(label, { minLength: 1, maxLength: 8 }).map(labels => labels.join('.'));
    const type = fc.constantFrom('A', 'AAAA', 'SRV', 'TXT', 'SOA', 'NS', 'PTR', 'MX', 'CAA');
    // Not 0: the library takes that for a size that was not given.
    const size = fc.integer({ min: 1, max: 65535 });
    fc.assert(
      fc.property(name, type, fc.nat({ max: 65535 }), size, (asked, mnemonic, id, udpPayloadSize) => {
        const opt: OptAnswer = { ...PLAIN_OPT, options: [], udpPayloadSize };
        const questions = [{ name: asked, type: mnemonic }];
        const message = encode({ type: 'query', id, questions, additionals: [opt] });
        expect(read(message)).toMatchObject({
          verdict: 'read',
          id,
          payloadSize: udpPayloadSize,
          type: TYPE[mnemonic],
        });
      }),
    );
  });
});

describe('a verdict', () => {
  const cookie = (length: number) => ({ code: OPTION.COOKIE, data: Buffer.alloc(length) });
  const soa = record('clusterset.local', 'SOA', SOA);
  const ixfr = question('clusterset.local', 'IXFR');

  test.each<{ row: string; message: Buffer; verdict: Verdict }>([
    { row: 'nothing', message: Buffer.alloc(0), verdict: 'short' },
    { row: '11 octets', message: Buffer.alloc(11), verdict: 'short' },
    { row: 'a response that is too bad to read', message: Buffer.alloc(12, 0xff), verdict: 'response' },
    { row: 'a response', message: query(NAME, 'A', { flags: FLAG.QR }), verdict: 'response' },
    {
      row: 'a response of another opcode',
      message: query(NAME, 'A', { flags: 0xa800 }),
      verdict: 'response',
    },
    { row: 'another opcode', message: query(NAME, 'A', { flags: 0x2000 }), verdict: 'notimp' },
    { row: 'another opcode without a question', message: packet({ flags: 0x3000 }), verdict: 'notimp' },
    { row: 'no question', message: packet({}), verdict: 'formerr' },
    {
      row: 'no question, but a cookie',
      message: packet({ additionals: [optRecord({ options: [cookie(8)] })] }),
      verdict: 'cookie',
    },
    {
      row: 'no question, and EDNS of another version',
      message: packet({ additionals: [optRecord({ version: 1 })] }),
      verdict: 'badvers',
    },
    {
      row: 'two questions',
      message: packet({ questions: [question(NAME, 'A'), question(NAME, 'A')] }),
      verdict: 'formerr',
    },
    {
      row: 'three additional records',
      message: packet({ questions: [question(NAME, 'A')], additionals: [1, 2, 3].map(() => soa) }),
      verdict: 'formerr',
    },
    { row: 'IXFR', message: packet({ questions: [ixfr] }), verdict: 'read' },
    {
      row: 'IXFR with two SOAs',
      message: packet({ questions: [ixfr], authorities: [soa, soa] }),
      verdict: 'formerr',
    },
    {
      row: 'IXFR with another record than a SOA',
      message: packet({ questions: [ixfr], authorities: [record('clusterset.local', 'TXT', SOA)] }),
      verdict: 'formerr',
    },
    {
      row: 'IXFR with a SOA cut short',
      message: packet({ questions: [ixfr], authorities: [record('', 'SOA', SOA.subarray(1))] }),
      verdict: 'formerr',
    },
    {
      row: 'options of another EDNS version, whatever they look like',
      message: query(NAME, 'A', { ednsVersion: 1, options: [cookie(3)] }),
      verdict: 'badvers',
    },
  ])('$row', ({ message, verdict }) => {
    expect(read(message).verdict).toBe(verdict);
  });

  test.each([0, 1, 7, 9, 15, 41, 64])('a cookie of %i octets is a format error', length => {
    expect(read(query(NAME, 'A', { options: [cookie(length)] })).verdict).toBe('formerr');
  });

  test.each([8, 16, 24, 40])('a cookie of %i octets is read', length => {
    expect(read(query(NAME, 'A', { options: [cookie(length)] })).verdict).toBe('read');
  });

  test('a query cut anywhere is never read, and never half echoed', () => {
    const whole = query(NAME, 'A', { edns: 1232, nsid: true, cookie: Buffer.alloc(24) });
    const questionEnd = query(NAME, 'A').length;
    for (let length = 0; length < whole.length; length++) {
      const found = read(whole.subarray(0, length));
      expect(found.verdict).toBe(length < 12 ? 'short' : 'formerr');
      expect(found.questionEnd).toBe(length < questionEnd ? 0 : questionEnd);
    }
  });

  test('depends on the message alone, not on what stands behind it in memory', () => {
    const good = fc.constantFrom(
      query(NAME, 'A', { edns: 1232 }),
      packet({ questions: [ixfr], authorities: [soa] }),
    );
    const cut = fc.tuple(good, fc.nat(), fc.uint8Array({ maxLength: 40 })).map(([message, at, tail]) => {
      return Buffer.concat([message.subarray(0, at % (message.length + 1)), tail]);
    });
    fc.assert(
      fc.property(cut, fc.nat({ max: 255 }), (message, filler) => {
        const memory = Buffer.alloc(message.length + 300, filler);
        message.copy(memory);
        const found = read(memory.subarray(0, message.length));
        expect(found).toEqual(read(Uint8Array.from(message)));
        expect(found.questionEnd).toBeLessThanOrEqual(message.length);
        expect(found.cookieStart + found.cookieLength).toBeLessThanOrEqual(message.length);
      }),
      { numRuns: 2000 },
    );
  });
});

function withEightOctets(code: number) {
  return { code, data: Buffer.alloc(8) };
}
