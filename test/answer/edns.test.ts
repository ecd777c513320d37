import { describe, expect, test } from 'vitest';
import type { Client } from '../../src/answer/event.ts';
import { OPTION } from '../../src/wire/codes.ts';
import { ask, type DecodedOpt, decode, NOW_SECONDS, replyTo, responderOf, TCP } from '../kit/dns.ts';
import { hex, optRecord, packet, type QueryOptions } from '../kit/packet.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

const NAME = 'payments.shop.svc.clusterset.local';
const CLIENT_COOKIE = '2464c4abcf10c957';
const SECRET = 'e5e973e5a6b2a43f48e7dc849e37bfcf';
const PAYMENTS = serviceOf('shop', 'payments', [clusterOf('east', ['10.10.0.10'])]);

const zone = zoneOf([PAYMENTS]);

function optOf(options: QueryOptions): DecodedOpt {
  const { edns } = ask(responderOf(zone), NAME, 'A', options);
  if (edns === undefined) throw new Error('expected an OPT record');
  return edns;
}

describe('RFC 6891', () => {
  test('no OPT record is sent to who sent none', () => {
    expect(ask(responderOf(zone), NAME, 'A').edns).toBeUndefined();
  });

  test.each([0, 511, 512, 1232, 4096, 65535])('announces its own size to a client of size %i', edns => {
    expect(optOf({ edns })).toEqual({ ...PLAIN, size: 1232 });
  });

  test('announces the size that was set', () => {
    expect(ask(responderOf(zone, { payloadSize: 4096 }), NAME, 'A', { edns: 512 }).edns?.size).toBe(4096);
  });

  test.each([1, 2, 255])(
    'version %i gets BADVERS, the version that is spoken here, and no answer',
    version => {
      const reply = ask(responderOf(zone), NAME, 'A', { ednsVersion: version });
      expect(reply).toMatchObject({ rcode: 'BADVERS', answers: [], authorities: [], edns: PLAIN });
    },
  );

  test('options that nobody here knows are left out of the reply', () => {
    const options = [1, 5, 8, 9, 11, 12, 65001].map(code => ({ code, data: hex('00010203') }));
    expect(optOf({ options })).toEqual(PLAIN);
  });

  test('the OPT record comes with every response code', () => {
    const replies = [
      ['nobody.shop.svc.clusterset.local', 'A', 'NXDOMAIN'],
      [NAME, 'AAAA', 'NOERROR'],
      [NAME, 'OPT', 'FORMERR'],
      [NAME, 'MAILB', 'NOTIMP'],
      ['example.org', 'A', 'REFUSED'],
    ] as const;
    for (const [name, type, rcode] of replies) {
      expect(ask(responderOf(zone), name, type, { edns: 1400 })).toMatchObject({
        rcode,
        edns: { size: 1232 },
      });
    }
  });
});

test('DO is copied (RFC 3225), and nothing else of the flags', () => {
  expect(optOf({ dnssecOk: true }).dnssecOk).toBe(true);
  expect(optOf({ edns: 1232 }).dnssecOk).toBe(false);
  const z = optRecord().fill(0x7f, 7, 8);
  const reply = replyTo(responderOf(zone), packet({ additionals: [z], counts: [0, 0, 0, 1] }));
  expect(reply.subarray(-4)).toEqual(hex('0000 0000'));
});

describe('NSID (RFC 5001)', () => {
  test('is told to who asks', () => {
    expect(optOf({ nsid: true })).toEqual({ ...PLAIN, codes: [OPTION.NSID], nsid: 'test-server' });
  });

  test('is told once to who asks many times', () => {
    const many = Array.from({ length: 300 }, () => ({ code: OPTION.NSID, data: Buffer.alloc(0) }));
    expect(optOf({ options: many }).codes).toEqual([OPTION.NSID]);
  });

  test('is not told to who does not ask, and not where there is none', () => {
    expect(optOf({ edns: 1232 }).nsid).toBeUndefined();
    const silent = responderOf(zone, { nsid: new Uint8Array() });
    expect(ask(silent, NAME, 'A', { nsid: true }).edns).toEqual(PLAIN);
  });
});

describe('cookies (RFC 7873, RFC 9018)', () => {
  const client: Client = { transport: 'udp', address: '198.51.100.100' };
  const at = (seconds: number) =>
    responderOf(zone, { unixSeconds: () => seconds, cookieSecret: hex(SECRET) });
  const shown = (responder: ReturnType<typeof at>, cookie: string, from = client) =>
    ask(responder, NAME, 'A', { cookie: hex(cookie), client: from }).edns?.cookie;

  test('RFC 9018 A.1 and A.2, as they go over the wire', () => {
    const learned = shown(at(1559731985), CLIENT_COOKIE);
    expect(learned).toBe('2464c4abcf10c957010000005cf79f111f8130c3eee29480');
    expect(shown(at(1559734385), String(learned))).toBe('2464c4abcf10c957010000005cf7a871d4a564a1442aca77');
  });

  test('a young cookie comes back as it was, and is renewed after half an hour', () => {
    const cookie = String(shown(at(NOW_SECONDS), CLIENT_COOKIE));
    expect(shown(at(NOW_SECONDS + 1799), cookie)).toBe(cookie);
    expect(shown(at(NOW_SECONDS + 1800), cookie)).toBe(shown(at(NOW_SECONDS + 1800), CLIENT_COOKIE));
  });

  test('belongs to one client, over UDP and TCP, and to one secret', () => {
    const cookie = String(shown(at(NOW_SECONDS), CLIENT_COOKIE));
    const later = NOW_SECONDS + 10;
    expect(shown(at(later), cookie, { ...client, transport: 'tcp' })).toBe(cookie);
    for (const address of ['198.51.100.101', '2001:db8::1', 'fe80::1%eth0'])
      expect(shown(at(later), cookie, { ...client, address })).not.toBe(cookie);
    const other = responderOf(zone, { unixSeconds: () => later, cookieSecret: hex('00'.repeat(16)) });
    expect(shown(other, cookie)).not.toBe(cookie);
  });

  test.each([16, 17, 32, 40])('a foreign cookie of %i octets is answered with a good one', length => {
    const reply = ask(at(NOW_SECONDS), NAME, 'A', { cookie: Buffer.alloc(length, 7), client });
    expect(reply).toMatchObject({ rcode: 'NOERROR', answers: [{ data: '10.10.0.10' }] });
    expect(reply.edns?.cookie).toMatch(/^070707070707070701000000[0-9a-f]{24}$/);
  });

  describe('without a question (RFC 7873 section 5.4)', () => {
    const bare = (cookie: string) =>
      packet({ additionals: [optRecord({ options: [{ code: OPTION.COOKIE, data: hex(cookie) }] })] });
    const asked = (cookie: string, seconds = NOW_SECONDS) =>
      decode(replyTo(at(seconds), bare(cookie), client));
    const valid = String(shown(at(NOW_SECONDS), CLIENT_COOKIE));
    const forged = valid.slice(0, -1) + (valid.endsWith('0') ? '1' : '0');

    test.each([
      { row: 'a client cookie alone', cookie: CLIENT_COOKIE, later: 0, rcode: 'NOERROR' },
      { row: 'a valid one', cookie: valid, later: 0, rcode: 'NOERROR' },
      { row: 'one that is due for renewal', cookie: valid, later: 3600, rcode: 'NOERROR' },
      { row: 'one that has expired', cookie: valid, later: 3601, rcode: 'BADCOOKIE' },
      { row: 'one from the future', cookie: valid, later: -301, rcode: 'BADCOOKIE' },
      {
        row: 'a forged one',
        cookie: forged,
        later: 0,
        rcode: 'BADCOOKIE',
      },
      { row: 'one of a foreign length', cookie: `${valid}00`, later: 0, rcode: 'BADCOOKIE' },
    ])('$row: $rcode, and a cookie that holds', ({ cookie, later, rcode }) => {
      const reply = asked(cookie, NOW_SECONDS + later);
      expect(reply).toMatchObject({ rcode, questions: [], answers: [], authorities: [], additionals: [] });
      expect(asked(String(reply.edns?.cookie), NOW_SECONDS + later).rcode).toBe('NOERROR');
    });
  });
});

describe('extended errors (RFC 8914)', () => {
  const lost = serviceOf('shop', 'lost', [clusterOf('east', ['10.10.0.11'], { serving: false })]);
  const loading = zoneOf([PAYMENTS], { synced: false });
  const loaded = zoneOf([PAYMENTS, lost]);

  test.each([
    {
      row: 'outside the zone',
      zone: loaded,
      name: 'example.org',
      type: 'A',
      rcode: 'REFUSED',
      error: /^20 /,
    },
    {
      row: 'before the first load',
      zone: loading,
      name: 'cart.shop.svc.clusterset.local',
      type: 'A',
      rcode: 'SERVFAIL',
      error: /^14 /,
    },
    {
      row: 'an address of a lost cluster',
      zone: loaded,
      name: 'lost.shop.svc.clusterset.local',
      type: 'A',
      rcode: 'NOERROR',
      error: /^3 /,
    },
    {
      row: 'a transfer that is not allowed',
      zone: loaded,
      name: 'clusterset.local',
      type: 'AXFR',
      rcode: 'REFUSED',
      error: /^18 /,
    },
    {
      row: 'a transfer of another zone',
      zone: loaded,
      name: 'example.org',
      type: 'AXFR',
      rcode: 'REFUSED',
      error: /^20 /,
    },
  ] as const)('$row: $rcode $error', ({ zone: served, name, type, rcode, error }) => {
    const responder = responderOf(served);
    for (const round of ['built', 'from bytes compiled ahead']) {
      const reply = ask(responder, name, type, { edns: 1232, client: TCP });
      expect(reply.rcode, round).toBe(rcode);
      expect(reply.edns?.extendedError, round).toMatch(error);
    }
    // The code is for programs, the text for people; neither for a client that does not speak EDNS.
    expect(ask(responder, name, type, { client: TCP })).toMatchObject({ rcode, edns: undefined });
  });

  test('a good answer carries none', () => {
    for (const served of [loaded, loading])
      expect(ask(responderOf(served), NAME, 'A', { edns: 1232 })).toMatchObject({
        rcode: 'NOERROR',
        edns: PLAIN,
      });
  });
});

const PLAIN: DecodedOpt = {
  size: 1232,
  version: 0,
  dnssecOk: false,
  codes: [],
  nsid: undefined,
  cookie: undefined,
  extendedError: undefined,
};
