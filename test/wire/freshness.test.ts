import fc from 'fast-check';
import { expect, test } from 'vitest';
import { freshnessOf } from '../../src/wire/freshness.ts';
import { hex, nameOctets, packet, question, record } from '../kit/packet.ts';

const ASKED = question('a.example', 'A');
const A = (ttl: number) => record('a.example', 'A', hex('0a000001'), ttl);

function soa(ttl: number, minimum: number): Buffer {
  const numbers = Buffer.alloc(20);
  numbers.writeUInt32BE(minimum, 16);
  return record('example', 'SOA', Buffer.concat([nameOctets('ns'), nameOctets('me'), numbers]), ttl);
}

/** Row, rcode, answers, authorities, seconds. */
test.each<[string, number, readonly Buffer[], readonly Buffer[], number | undefined]>([
  ['RFC 8484 5.1 the smallest TTL of the answers', 0, [A(600), A(30), A(86_400)], [], 30],
  ['5.1 TTL 0', 0, [A(600), A(0)], [], 0],
  ['5.1 not that of other sections', 0, [A(600)], [soa(5, 5)], 600],
  ['RFC 2308 5 no answer: the TTL of the SOA', 3, [], [soa(60, 300)], 60],
  ['RFC 2308 5 or its MINIMUM', 0, [], [soa(300, 5)], 5],
  ['RFC 2308 5 no SOA: not at all', 3, [], [record('example', 'NS', nameOctets('ns'), 60)], undefined],
  ['SERVFAIL: not at all', 2, [], [soa(60, 60)], undefined],
])('%s', (_row, rcode, answers, authorities, seconds) => {
  const reply = packet({ flags: 0x8400 | rcode, questions: [ASKED], answers, authorities });
  expect(freshnessOf(reply)).toBe(seconds);
});

test('a pointer as an owner is read, and the largest TTL', () => {
  const reply = packet({
    flags: 0x8400,
    questions: [ASKED],
    answers: [hex('c00c 0001 0001 7fffffff 0004 0a000001')],
  });
  expect(freshnessOf(reply)).toBe(2 ** 31 - 1);
});

test('what is cut off, or lies about its counts, does not count and does not throw', () => {
  const whole = packet({ flags: 0x8400, questions: [ASKED], answers: [A(5), A(5)] });
  for (let length = 0; length < whole.length; length++) {
    expect(freshnessOf(whole.subarray(0, length))).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), octets => {
      const seconds = freshnessOf(octets);
      expect(seconds === undefined || seconds >= 0).toBe(true);
    }),
  );
});
