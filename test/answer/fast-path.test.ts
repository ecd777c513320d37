import { describe, expect, test } from 'vitest';
import type { Zone } from '../../src/records/zone.ts';
import { FLAG } from '../../src/wire/codes.ts';
import { writeCookie } from '../../src/wire/cookie.ts';
import { corpus } from '../kit/corpus.ts';
import { decode, NOW_SECONDS, query } from '../kit/dns.ts';
import { FastSide } from '../kit/fast-path.ts';
import { mutate } from '../kit/mutate.ts';
import { plainReply, SETTINGS } from '../kit/oracle.ts';
import { packet, question } from '../kit/packet.ts';
import { seededRandom } from '../kit/random.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

/** More of them where more time is given: FUZZ_PACKETS=5000000. */
const PACKETS = Number(process.env['FUZZ_PACKETS'] ?? 50_000);

const Z = 'clusterset.local';
const NAME = `payments.shop.svc.${Z}`;
function sideOf(zone: Zone, options = SETTINGS, answers?: number): FastSide {
  return new FastSide(zone, options, answers);
}

function cookieOf(address: readonly number[], age: number): Buffer {
  const cookie = Buffer.alloc(24);
  const client = Buffer.from('0123456789abcdef', 'hex');
  writeCookie(cookie, 0, client, Uint8Array.from(address), SETTINGS.cookieSecret, NOW_SECONDS - age);
  return cookie;
}

const many = Array.from({ length: 200 }, (_, index) => `10.1.0.${index}`);
const zone = zoneOf([
  serviceOf('shop', 'payments', [
    clusterOf('east', ['10.10.0.10', 'fd10::10'], { weight: 3 }),
    clusterOf('west', ['10.20.0.10', 'fd20::10'], { weight: 1 }),
  ]),
  serviceOf('shop', 'ledger', [clusterOf('east', [], { pods: many })], { type: 'Headless' }),
  serviceOf('shop', 'cart', [clusterOf('east', [], { pods: many.slice(0, 20) })], { type: 'Headless' }),
  serviceOf('shop', 'lost', [clusterOf('east', ['10.10.0.11'], { serving: false })]),
]);

describe('what clients send every day is answered on the fast path, with the octets of the slow one', () => {
  test.each([
    { row: 'a plain query', message: query(NAME, 'A') },
    { row: 'id, RD and CD are the own ones', message: query(NAME, 'A', { id: 7, flags: FLAG.CD }) },
    { row: 'AD, which dig sets', message: query(NAME, 'A', { flags: FLAG.RD | 0x20 }) },
    { row: 'the case is kept (0x20)', message: query('PayMents.sHop.SVC.clusterset.LOCAL', 'AAAA') },
    {
      row: 'in the target of SRV too',
      message: query(`_http._tcp.Payments.shop.svc.ClusterSet.local`, 'SRV'),
    },
    {
      row: 'in all targets',
      message: query(`_hTTp._tcp.cart.Shop.svc.CLUSTERset.local`, 'SRV', { edns: 4096 }),
    },
    { row: 'EDNS', message: query(NAME, 'A', { edns: 4096 }) },
    { row: 'DO', message: query(NAME, 'A', { edns: 1232, dnssecOk: true }) },
    { row: 'NSID', message: query(NAME, 'A', { nsid: true }) },
    { row: 'a client cookie, as of dig', message: query(NAME, 'A', { cookie: Buffer.alloc(8, 1) }) },
    { row: 'a cookie of ours', message: query(NAME, 'A', { cookie: cookieOf([127, 0, 0, 1], 10) }) },
    { row: 'an old one of ours', message: query(NAME, 'A', { cookie: cookieOf([127, 0, 0, 1], 2000) }) },
    { row: "another client's", message: query(NAME, 'A', { cookie: cookieOf([127, 0, 0, 2], 10) }) },
    { row: 'a cookie of another length', message: query(NAME, 'A', { cookie: Buffer.alloc(16, 3) }) },
    { row: 'client subnet', message: query(NAME, 'A', { options: [{ code: 8, data: Buffer.alloc(7) }] }) },
    { row: 'too large without EDNS', message: query(`ledger.shop.svc.${Z}`, 'A') },
    { row: 'too large with it', message: query(`Ledger.shop.svc.${Z}`, 'A', { edns: 4096, nsid: true }) },
    { row: 'longer than any datagram may be', message: query(`Ledger.shop.svc.${Z}`, 'A', { edns: 1232 }) },
    {
      row: 'so are the targets',
      message: query(`_http._tcp.Ledger.shop.svc.${Z}`, 'SRV', { edns: 4096, cookie: Buffer.alloc(8) }),
    },
    {
      row: 'additional records left out',
      message: query(`_http._tcp.cart.shop.svc.${Z}`, 'SRV', { edns: 1232 }),
    },
    { row: 'a lost cluster', message: query(`lost.shop.svc.${Z}`, 'A', { edns: 1232, nsid: true }) },
    { row: 'ANY', message: query(NAME, 'ANY') },
    { row: 'no such name', message: query(`nobody.Shop.svc.${Z}`, 'A', { edns: 1232 }) },
    { row: 'no such data', message: query(NAME, 'TXT') },
    { row: 'the apex', message: query('CLUSTERSET.local', 'SOA') },
    {
      row: 'octets after the message',
      message: packet({ questions: [question(NAME, 'A')], trailing: Buffer.alloc(9) }),
    },
  ])('$row', ({ message }) => {
    const side = sideOf(zone);
    expect(side.learn(message)).toBe(true);
    const reply = side.answer(message);
    expect(reply && decode(reply)).toEqual(decode(plainReply(zone, message, SETTINGS) ?? Buffer.alloc(0)));
    expect(Buffer.from(reply ?? [])).toEqual(plainReply(zone, message, SETTINGS));
  });
});

describe('the rest is left to the slow path', () => {
  test.each([
    { row: 'what was never compiled', message: query(`cart.shop.svc.${Z}`, 'A') },
    { row: 'another type', message: query(NAME, 'AAAA') },
    { row: 'another class', message: query(NAME, 'A', { class: 3 }) },
    { row: 'another EDNS version', message: query(NAME, 'A', { ednsVersion: 1 }) },
    { row: 'a cookie that cannot be one', message: query(NAME, 'A', { cookie: Buffer.alloc(9) }) },
    { row: 'a response', message: query(NAME, 'A', { flags: 0x8000 }) },
    { row: 'another opcode', message: query(NAME, 'A', { flags: 0x2800 }) },
    { row: 'two questions', message: packet({ questions: [question(NAME, 'A'), question(NAME, 'A')] }) },
    { row: 'a header alone', message: packet({}) },
    { row: 'nothing', message: Buffer.alloc(0) },
  ])('$row', ({ message }) => {
    const side = sideOf(zone);
    side.learn(query(NAME, 'A'));
    expect(side.answer(message)).toBeUndefined();
  });
});

test('the draw is the one of the slow path, and its cluster and code are told', () => {
  let random = 0;
  const drawn = { ...SETTINGS, random: () => random };
  const side = sideOf(zone, drawn);
  const message = query(NAME, 'A');
  side.learn(message);
  const addresses = new Set<string>();
  for (random = 0; random < 1; random += 1 / 64) {
    const reply = side.answer(message) ?? Buffer.alloc(0);
    expect(Buffer.from(reply)).toEqual(plainReply(zone, message, drawn));
    addresses.add(String(decode(reply).answers[0]?.data));
  }
  expect(addresses).toEqual(new Set(['10.10.0.10', '10.20.0.10']));
  expect(side.path).toMatchObject({ type: 1, rcode: 0, cluster: 7 });
});

test('octets that only look like the name of the zone stay as they are', () => {
  // The zone `a` is 01 61 00 as octets, and so are these in the addresses.
  const short = zoneOf(
    [
      serviceOf('shop', 'payments', [clusterOf('east', [], { pods: ['1.97.0.1', '9.1.97.0'] })], {
        type: 'Headless',
      }),
    ],
    { origin: 'a' },
  );
  const side = sideOf(short);
  for (const [name, type] of [
    ['PAYMENTS.shop.svc.A', 'A'],
    ['_http._tcp.payments.shop.svc.A', 'SRV'],
  ] as const) {
    const message = query(name, type, { edns: 1232 });
    expect(side.learn(message)).toBe(true);
    expect(Buffer.from(side.answer(message) ?? [])).toEqual(plainReply(short, message, SETTINGS));
  }
});

describe('mutated packets', () => {
  test(`${PACKETS} of them: what is answered fast has the octets of the slow path`, {
    timeout: 60_000 + PACKETS,
  }, () => {
    const side = sideOf(zone);
    for (const message of corpus) side.learn(message);
    const random = seededRandom(43);
    let fast = 0;
    for (let sent = 0; sent < PACKETS; sent++) {
      const message = mutate(corpus, random);
      const reply = side.answer(message);
      if (reply === undefined) {
        if (sent % 16 === 0) side.learn(message);
        continue;
      }
      fast += 1;
      const expected = plainReply(zone, message, SETTINGS) ?? Buffer.alloc(0);
      if (Buffer.compare(reply, expected) !== 0) expect(`${message.toString('hex')}`).toBe('answered alike');
    }
    expect(fast).toBeGreaterThan(PACKETS / 20);
  });
});
