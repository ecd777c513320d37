import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import {
  addressBytes,
  addressNumber,
  addressText,
  familyOf,
  parseAddress,
  parseCidr,
  rangeOf,
} from '../../src/base/ip.ts';

describe('an address', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fd10::0010', 'fd10::10'],
    ['::1', '::1'],
  ])('%s is read as %s', (text, canonical) => {
    expect(parseAddress(text)).toBe(canonical);
  });

  test.each([
    ['', 'nothing'],
    ['192.0.2', 'three parts'],
    ['192.0.2.256', 'a part above 255'],
    ['192.0.02.1', 'a part that may be octal'],
    ['0xc0.0.2.1', 'a hexadecimal part'],
    ['3221225985', 'one number'],
    ['fe80::1%eth0', 'a zone id'],
    ['::ffff:192.0.2.1', 'an IPv4 address in IPv6 clothes'],
    ['2001:db8::1::2', 'two gaps'],
    ['example.org', 'a host name'],
    [' 192.0.2.1', 'a space'],
  ])('%j is refused: %s', text => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('is written as RFC 5952 has it, and read so, whatever the octets', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), groups => {
        const octets = Uint8Array.from(groups.flatMap(one => [one >> 8, one & 255]));
        const text = new ipaddr.IPv6([...octets]).toRFC5952String();
        expect(addressText(octets)).toBe(text);
        expect(addressBytes(text)).toEqual(octets);
      }),
    );
  });

  test('survives octets and text, in both families', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), text => {
        const address = parseAddress(text);
        fc.pre(address !== undefined);
        const bytes = addressBytes(address);
        expect(bytes).toHaveLength(familyOf(address) === 'IPv4' ? 4 : 16);
        expect(parseAddress(address)).toBe(address);
      }),
    );
  });
});

describe('a CIDR block', () => {
  test.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', 'fd00::1', false],
    ['fd00::/8', 'fd10::10', true],
    ['fd00::/8', '2001:db8::1', false],
    ['127.0.0.1/32', '127.0.0.1', true],
    ['127.0.0.1/32', 'not an address', false],
  ])('%s holds %s: %s', (block, address, expected) => {
    expect(parseCidr(block)?.contains(address)).toBe(expected);
  });

  test.each([
    '10.0.0.0',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0.0/-1',
    '10.0.0/8',
    '/8',
    '10.0.0.0/8/8',
    '10.0.0.0/',
  ])('%s is refused', text => {
    expect(parseCidr(text)).toBeUndefined();
  });
});

describe('a block as numbers', () => {
  const range = (text: string) => {
    const cidr = parseCidr(text);
    return cidr && rangeOf(cidr);
  };

  test.each([
    ['10.0.0.0/8', 0x0a000000n, 0x0affffffn],
    ['10.1.2.3/8', 0x0a000000n, 0x0affffffn],
    ['0.0.0.0/0', 0n, 0xffffffffn],
    ['192.0.2.1/32', 0xc0000201n, 0xc0000201n],
    ['fd00::/8', (1n << 128n) + (0xfdn << 120n), (1n << 128n) + (0xfen << 120n) - 1n],
    ['::1/128', (1n << 128n) + 1n, (1n << 128n) + 1n],
  ])('%s', (text, first, last) => {
    expect(range(text)).toEqual({ first, last });
  });

  test('holds the addresses that the block contains', () => {
    const families = [
      { address: fc.ipV4(), bits: 32 },
      { address: fc.ipV6(), bits: 128 },
    ];
    for (const { address, bits } of families) {
      fc.assert(
        fc.property(address, address, fc.integer({ min: 0, max: bits }), (base, other, prefix) => {
          const cidr = parseCidr(`${parseAddress(base)}/${prefix}`);
          const found = parseAddress(other);
          fc.pre(cidr !== undefined && found !== undefined);
          const { first, last } = rangeOf(cidr);
          const number = addressNumber(found);
          expect(first <= number && number <= last).toBe(cidr.contains(found));
        }),
      );
    }
  });
});
