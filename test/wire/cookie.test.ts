import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressBytes } from '../../src/base/ip.ts';
import { FULL_COOKIE_LENGTH, writeCookie } from '../../src/wire/cookie.ts';
import { hex } from '../kit/packet.ts';

const SECRET = 'e5e973e5a6b2a43f48e7dc849e37bfcf';
const CLIENT = '2464c4abcf10c957';
const ADDRESS = '198.51.100.100';
const ISSUED = 1559731985;
const COOKIE = '2464c4abcf10c957010000005cf79f111f8130c3eee29480';

interface Asked {
  readonly cookie: string;
  readonly at: number;
  readonly address?: string;
  readonly secret?: string;
}

function cookieFor({ cookie, at, address = ADDRESS, secret = SECRET }: Asked): string {
  const output = Buffer.alloc(FULL_COOKIE_LENGTH + 2);
  writeCookie(output, 1, hex(cookie), addressBytes(address), hex(secret), at);
  expect([output[0], output[FULL_COOKIE_LENGTH + 1]]).toEqual([0, 0]);
  return output.toString('hex', 1, FULL_COOKIE_LENGTH + 1);
}

describe('test vectors of RFC 9018 appendix A', () => {
  const vectors: readonly (Asked & { readonly row: string; readonly reply: string })[] = [
    { row: 'A.1, learning a new server cookie', cookie: CLIENT, at: ISSUED, reply: COOKIE },
    {
      row: 'A.2, the same client learning a renewed one',
      cookie: COOKIE,
      at: 1559734385,
      reply: '2464c4abcf10c957010000005cf7a871d4a564a1442aca77',
    },
    {
      row: 'A.3, another client, reserved octets set in its old one',
      cookie: 'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5',
      address: '203.0.113.203',
      at: 1559734700,
      reply: 'fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e',
    },
    {
      row: 'A.4, IPv6, the old secret',
      cookie: '22681ab97d52c298',
      address: '2001:db8:220:1:59de:d0f4:8769:82b8',
      secret: 'dd3bdf9344b678b185a6f5cb60fca715',
      at: 1559741817,
      reply: '22681ab97d52c298010000005cf7c57926556bd0934c72f8',
    },
    {
      row: 'A.4, IPv6, the secret rolled over',
      cookie: '22681ab97d52c298010000005cf7c57926556bd0934c72f8',
      address: '2001:db8:220:1:59de:d0f4:8769:82b8',
      secret: '445536bcd2513298075a5d379663c962',
      at: 1559741961,
      reply: '22681ab97d52c298010000005cf7c609a6bb79d16625507a',
    },
  ];

  test.each(vectors)('$row', ({ reply, ...asked }) => {
    expect(cookieFor(asked)).toBe(reply);
  });
});

describe('a cookie that comes back', () => {
  const fresh = (at: number) => cookieFor({ cookie: CLIENT, at });

  test.each([
    { row: 'at once', later: 0 },
    { row: 'just before half of its hour is over', later: 1799 },
    { row: 'from a replica whose clock is five minutes ahead', later: -300 },
  ])('$row is given again', ({ later }) => {
    expect(cookieFor({ cookie: COOKIE, at: ISSUED + later })).toBe(COOKIE);
  });

  test.each([
    { row: 'after half of its hour', later: 1800 },
    { row: 'after a day', later: 86400 },
    { row: 'from too far in the future', later: -301 },
  ])('$row is replaced by a new one', ({ later }) => {
    expect(cookieFor({ cookie: COOKIE, at: ISSUED + later })).toBe(fresh(ISSUED + later));
  });

  test('is replaced where another client shows it', () => {
    const other = { address: '198.51.100.101', at: ISSUED + 10 };
    const shown = cookieFor({ ...other, cookie: COOKIE });
    expect(shown).toBe(cookieFor({ ...other, cookie: CLIENT }));
    expect(shown).not.toBe(fresh(ISSUED + 10));
  });

  test('is replaced where another secret signed it', () => {
    const other = { secret: '445536bcd2513298075a5d379663c962', at: ISSUED };
    expect(cookieFor({ ...other, cookie: COOKIE })).toBe(cookieFor({ ...other, cookie: CLIENT }));
  });

  test('is replaced where a single bit was changed', () => {
    fc.assert(
      fc.property(fc.nat({ max: 8 * FULL_COOKIE_LENGTH - 1 }), bit => {
        const forged = hex(COOKIE);
        forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(cookieFor({ cookie: forged.toString('hex'), at: ISSUED + 1 })).not.toBe(
          forged.toString('hex'),
        );
      }),
    );
  });

  test('is replaced where its length is not ours', () => {
    for (let length = 16; length <= 40; length++) {
      const cookie = (COOKIE + '00'.repeat(16)).slice(0, 2 * length);
      expect(cookieFor({ cookie, at: ISSUED + 1 })).toBe(length === 24 ? COOKIE : fresh(ISSUED + 1));
    }
  });

  test('passes the end of 32-bit time', () => {
    const last = 2 ** 32 - 1;
    expect(cookieFor({ cookie: fresh(last), at: last + 60 })).toBe(fresh(last));
  });
});
