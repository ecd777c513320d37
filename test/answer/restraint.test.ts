import { describe, expect, test } from 'vitest';
import { ANSWER, DROP, Restraint } from '../../src/answer/restraint.ts';
import { addressBytes } from '../../src/base/ip.ts';
import { writeCookie } from '../../src/wire/cookie.ts';
import { decode, NOW_SECONDS, query } from '../kit/dns.ts';
import { SETTINGS } from '../kit/oracle.ts';

const NAME = 'Payments.shop.svc.clusterset.local';

function restraintOf(rate: number, exempt: readonly string[] = []): Restraint {
  const { cookieSecret, unixSeconds } = SETTINGS;
  return new Restraint({
    ...{ rate, cookieSecret, unixSeconds, seed: 5 },
    exempt,
  });
}

/** What becomes of one query: `answer`, `drop`, or the reply that was written. */
function judged(restraint: Restraint, address: string, now: number, message = query(NAME, 'A')) {
  const client = addressBytes(address);
  const output = new Uint8Array(512);
  const length = restraint.judge(
    {
      ...{ message, start: 0, end: message.length, client, clientStart: 0, clientLength: client.length },
      ...{ output, outputStart: 0 },
    },
    now,
  );
  if (length === ANSWER) return 'answer';
  return length === DROP ? 'drop' : decode(output.subarray(0, length));
}

function answered(restraint: Restraint, address: string, now: number, queries: number): number {
  return Array.from({ length: queries }, () => judged(restraint, address, now)).filter(
    each => each === 'answer',
  ).length;
}

describe('a network is answered', () => {
  test('as often as the rate says, at once or over time', () => {
    const restraint = restraintOf(10);
    expect(answered(restraint, '192.0.2.1', 0, 50)).toBe(10);
    expect(answered(restraint, '192.0.2.1', 500, 50)).toBe(5);
    expect(answered(restraint, '192.0.2.1', 60_000, 50)).toBe(10);
  });

  test.each([
    { address: '192.0.2.200', other: '192.0.3.1' },
    { address: '2001:db8:0:ff::1', other: '2001:db8:0:100::1' },
  ])('$address with its neighbours, $other by itself', ({ address, other }) => {
    const restraint = restraintOf(10);
    const first = address.includes(':') ? '2001:db8::1' : '192.0.2.1';
    expect(answered(restraint, first, 0, 10)).toBe(10);
    expect(answered(restraint, address, 0, 10)).toBe(0);
    expect(answered(restraint, other, 0, 10)).toBe(10);
  });

  test.each(['10.1.2.3', 'fd00::1', '192.0.2.129'])('%s without a limit, where it is exempt', address => {
    const restraint = restraintOf(1, ['10.0.0.0/8', 'fd00::/8', '192.0.2.128/25']);
    expect(answered(restraint, address, 0, 50)).toBe(50);
    expect(answered(restraint, '192.0.2.1', 0, 50)).toBeLessThanOrEqual(1);
  });

  test('in a flood from 100,000 networks within a second: each of them, and who comes new, but nobody twice', () => {
    const restraint = restraintOf(10);
    expect(answered(restraint, '192.0.2.1', 0, 50)).toBe(10);
    const networks = Array.from(
      { length: 100_000 },
      (_, index) => `${198 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}.1`,
    );
    const refused = networks.filter(
      (network, index) => answered(restraint, network, index / 100_000, 1) !== 1,
    );
    expect(refused).toEqual([]);
    expect(answered(restraint, '192.0.2.1', 1, 50)).toBe(0);
    expect(answered(restraint, '203.0.113.1', 1, 50)).toBeGreaterThanOrEqual(7);
  });
});

describe('over the limit', () => {
  const exhausted = () => {
    const restraint = restraintOf(1);
    judged(restraint, '192.0.2.1', 0);
    return restraint;
  };

  test('every second query is told to come back over TCP, in no more octets than it had', () => {
    const restraint = exhausted();
    const message = query(NAME, 'A', { edns: 1232, flags: 0x0110 });
    const verdicts = [1, 2, 3, 4].map(() => judged(restraint, '192.0.2.1', 0, message));
    expect(verdicts.map(verdict => (typeof verdict === 'string' ? verdict : verdict.flags))).toEqual([
      ...['drop', 'qr tc rd cd', 'drop', 'qr tc rd cd'],
    ]);
    const [, reply] = verdicts;
    expect(reply).toMatchObject({
      questions: [`${NAME}. IN A`],
      answers: [],
      rcode: 'NOERROR',
      edns: undefined,
    });
    expect(typeof reply === 'object' && reply.length <= message.length).toBe(true);
  });

  test('who shows a cookie of ours is who it says, and is answered; with that of another it is not', () => {
    const restraint = exhausted();
    const cookieFor = (address: string): Buffer => {
      const cookie = Buffer.alloc(24);
      writeCookie(cookie, 0, Buffer.alloc(8, 1), addressBytes(address), SETTINGS.cookieSecret, NOW_SECONDS);
      return cookie;
    };
    const own = query(NAME, 'A', { cookie: cookieFor('192.0.2.1') });
    const other = query(NAME, 'A', { cookie: cookieFor('192.0.2.2') });
    expect(judged(restraint, '192.0.2.1', 0, own)).toBe('answer');
    expect(judged(restraint, '192.0.2.1', 0, other)).toBe('drop');
  });

  test('what cannot be read is dropped', () => {
    const restraint = exhausted();
    const verdicts = [1, 2, 3, 4].map(() => judged(restraint, '192.0.2.1', 0, Buffer.alloc(11)));
    expect(verdicts).toEqual(['drop', 'drop', 'drop', 'drop']);
  });
});
