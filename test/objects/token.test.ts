import { describe, expect, test } from 'vitest';
import { renewalTime, renewedLifetime, tokenClaims } from '../../src/objects/token.ts';

function token(claims: unknown, parts = 3): string {
  const encoded = [{ alg: 'RS256' }, claims].map(part =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return [...encoded, 'signature', 'more'].slice(0, parts).join('.');
}

const sub = 'system:serviceaccount:causeway-exports-west:west';
const account = { namespace: 'causeway-exports-west', name: 'west' };

describe('a token says', () => {
  test('whose it is and how long it holds', () => {
    const read = tokenClaims(token({ sub, iat: 1_000, exp: 4_600 }));
    expect(read).toEqual({ account, life: { from: 1_000_000, to: 4_600_000 } });
  });

  test.each([
    { row: 'none of a Secret ends', claims: { sub } },
    { row: 'an end before the beginning', claims: { sub, iat: 2_000, exp: 1_000 } },
    { row: 'an end that is no number', claims: { sub, iat: 1_000, exp: '2000' } },
  ])('no end: $row', ({ claims }) => {
    expect(tokenClaims(token(claims))).toEqual({ account, life: undefined });
  });

  test.each([
    { row: 'a user of an identity provider', text: token({ sub: 'jane@example.com', iat: 1, exp: 2 }) },
    { row: 'claims that are none', text: token('text') },
    { row: 'two parts', text: token({ sub }, 2) },
    { row: 'four parts', text: token({ sub }, 4) },
    { row: 'no JSON', text: 'a.b.c' },
    { row: 'a line end in it', text: `${token({ sub })}\n    exec: {}` },
    { row: 'what is passed over in base64', text: token({ sub }).replace('.', '.$&"') },
    { row: 'a word', text: 'a-secret-token' },
    { row: 'nothing', text: '' },
  ])('nothing: $row', ({ text }) => {
    expect(tokenClaims(text)).toBeUndefined();
  });
});

const MINUTE = 60_000;
const DAY = 86_400_000;

describe('a token', () => {
  test.each([
    { life: '30 days', from: 0, to: 30 * DAY, at: 20 * DAY, seconds: 30 * 86_400 },
    { life: '10 minutes', from: 0, to: 10 * MINUTE, at: (10 * MINUTE * 2) / 3, seconds: 600 },
    { life: 'half a minute', from: 0, to: 30_000, at: 20_000, seconds: 600 },
  ])('of $life is renewed with a third of it left, for as long again or the shortest there is', row => {
    expect(renewalTime(row)).toBe(row.at);
    expect(renewedLifetime(row)).toBe(row.seconds);
  });
});
