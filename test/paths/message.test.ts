import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  HEADER,
  LARGEST,
  type Message,
  octetsOf,
  readDatagram,
  readHeader,
  StreamReader,
} from '../../src/paths/message.ts';
import { sizeOf } from '../../src/paths/size.ts';

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');

const message: fc.Arbitrary<Message> = fc.record({
  kind: fc.constantFrom('question', 'answer'),
  size: fc.integer({ min: HEADER, max: 3_000 }),
  nonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
});

test('on the wire', () => {
  expect(hex(octetsOf({ kind: 'question', size: 18, nonce: 0x0102030405060708n }))).toBe(
    '43575031' + '01' + '00' + '0012' + '0102030405060708' + '0000',
  );
  expect(hex(octetsOf({ kind: 'answer', size: 16, nonce: 2n ** 64n - 1n }))).toBe(
    '43575031' + '02' + '00' + '0010' + 'ffffffffffffffff',
  );
});

test('what is written is read', () => {
  fc.assert(
    fc.property(message, sent => {
      expect(readDatagram(octetsOf(sent))).toEqual(sent);
      expect(octetsOf(sent)).toHaveLength(sent.size);
    }),
  );
});

describe('what is none of ours', () => {
  test.each([
    ['nothing', ''],
    ['too short', '4357503101000010010203040506'],
    ['another protocol', '00000000010000100102030405060708'],
    ['neither question nor answer', '43575031030000100102030405060708'],
    ['a later format', '43575031010100100102030405060708'],
    ['shorter than it says', '43575031010000110102030405060708'],
    ['longer than it says', '4357503101000010010203040506070800'],
    ['shorter than a header by its own word', '43575031010000080102030405060708'],
    ['longer than any can be', '4357503101 00ffff0102030405060708'],
  ])('%s', (_, text) => {
    expect(readDatagram(Buffer.from(text.replaceAll(' ', ''), 'hex'))).toBeUndefined();
  });

  test('whatever comes, nothing is thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), octets => {
        readDatagram(octets);
        readHeader(octets);
        new StreamReader().push(octets);
      }),
    );
  });
});

test('a stream is read alike however it is cut', () => {
  fc.assert(
    fc.property(message, fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1 }), (sent, cuts) => {
      const octets = octetsOf(sent);
      const reader = new StreamReader();
      const states: string[] = [];
      for (let at = 0, turn = 0; at < octets.length; turn++) {
        const end = at + (cuts[turn % cuts.length] ?? 1);
        states.push(reader.push(octets.subarray(at, end)));
        at = end;
      }
      expect(states.pop()).toBe('whole');
      expect(new Set(states).size).toBeLessThanOrEqual(1);
      expect(reader.message).toEqual(sent);
      expect(reader.push(new Uint8Array(1))).toBe('broken');
    }),
  );
});

test('the large datagram fills a packet of the route to the last octet', () => {
  expect(sizeOf('large', 'IPv4', 1450) + 20 + 8).toBe(1450);
  expect(sizeOf('large', 'IPv6', 1450) + 40 + 8).toBe(1450);
  expect(sizeOf('large', 'IPv4', 65_535)).toBe(LARGEST);
  expect(sizeOf('stream', 'IPv4', 1450)).toBeGreaterThan(2 * (1450 - 40));
});
