import { describe, expect, test } from 'vitest';
import { ask, decode, query, replyTo, responderOf, TCP, UDP } from '../kit/dns.ts';
import type { NameText, QueryOptions, TypeText } from '../kit/packet.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

/** Addresses 10.0.0.0, 10.0.0.1, …, or fd00::0, fd00::1, … */
function pods(count: number, family: 'IPv4' | 'IPv6' = 'IPv4'): string[] {
  return Array.from({ length: count }, (_, index) =>
    family === 'IPv4' ? `10.0.${index >> 8}.${index & 255}` : `fd00::1:${index.toString(16)}`,
  );
}

/** IPv6 addresses of the pods, by their IPv4 addresses. */
function partners(): Map<string, string | undefined> {
  const v6 = pods(3000, 'IPv6');
  return new Map(pods(3000).map((address, index) => [address, v6[index]]));
}

function headless(name: string, addresses: readonly string[]) {
  return serviceOf('shop', name, [clusterOf('east', [], { pods: addresses })], { type: 'Headless' });
}

const zone = zoneOf([
  headless('few', [...pods(10), ...pods(10, 'IPv6')]),
  headless('some', pods(150)),
  headless('lost', pods(40)),
  headless('many', [...pods(3000), ...pods(3000, 'IPv6')]),
]);
const FEW = 'few.shop.svc.clusterset.local';
const SOME = 'some.shop.svc.clusterset.local';
const MANY = 'many.shop.svc.clusterset.local';
const LONG = [63, 63, 63, 44].map(length => 'x'.repeat(length));
const responder = responderOf(zone, { payloadSize: 4096, nsid: Buffer.alloc(128, 'n') });

interface Row {
  readonly row: string;
  readonly name: NameText;
  readonly type: TypeText;
}

const rows: readonly Row[] = [
  { row: 'addresses', name: SOME, type: 'A' },
  { row: 'SRV records and the addresses of their targets', name: FEW, type: 'SRV' },
  { row: 'a name server and its addresses', name: 'clusterset.local', type: 'NS' },
  { row: 'a name error of the longest name', name: [...LONG, 'clusterset', 'local'], type: 'A' },
  { row: 'a refusal of the longest name', name: [...LONG, 'example', 'net12'], type: 'A' },
];
const extras: readonly QueryOptions[] = [{}, { nsid: true, cookie: Buffer.alloc(8) }];
const cases = rows.flatMap(row => extras.map(options => ({ ...row, options, extra: Object.keys(options) })));

describe.each(cases)('$row, options $extra', ({ name, type, options }) => {
  const reply = (edns: number, client = UDP) =>
    replyTo(responder, query(name, type, { ...options, edns }), client);
  const whole = reply(512, TCP);
  const sizes = Array.from({ length: Math.max(10, whole.length - 500) }, (_, index) => 512 + index);
  const replies = new Map(sizes.map(size => [size, reply(size)]));

  test('is never longer than the client takes', () => {
    for (const [size, octets] of replies) expect(octets.length).toBeLessThanOrEqual(size);
  });

  test('is the same as over TCP as soon as that fits', () => {
    for (const [size, octets] of replies)
      expect(Buffer.compare(octets, whole) === 0, `${size}`).toBe(size >= whole.length);
  });

  test('loses the additional section first, without TC; TC is set only where the answer does not fit', () => {
    const first = sizes.find(size => !isTruncated(replies.get(size))) ?? 0;
    expect(decode(reply(first))).toMatchObject({
      answers: decode(whole).answers,
      authorities: decode(whole).authorities,
    });
    // It could not have been sent to a client that takes one octet less: that one gets TC and nothing else.
    if (first === 512) return;
    expect(replies.get(first)).toHaveLength(first);
    const { rcode, questions } = decode(whole);
    const nothing = { answers: [], authorities: [], additionals: [] };
    expect(decode(reply(512))).toMatchObject({ rcode, questions, ...nothing });
    const smaller = sizes.filter(size => size < first).map(size => replies.get(size));
    expect(smaller.every(isTruncated)).toBe(true);
    expect(new Set(smaller.map(octets => octets?.length)).size).toBe(1);
  });

  test('sizes below 512 mean 512', () => {
    for (const size of [0, 1, 511]) expect(reply(size)).toEqual(reply(512));
  });
});

test('SRV records are given without the addresses of their targets where only those do not fit', () => {
  const whole = ask(responder, FEW, 'SRV', { client: TCP, edns: 512 });
  const partly = ask(responder, FEW, 'SRV', { edns: whole.length - 1 });
  expect(whole.additionals).toHaveLength(20);
  expect(partly).toMatchObject({ flags: 'qr aa rd', answers: whole.answers, additionals: [] });
});

test('without EDNS the limit is 512 octets', () => {
  expect(ask(responder, SOME, 'A')).toMatchObject({ rcode: 'NOERROR', answers: [], edns: undefined });
  expect(ask(responder, SOME, 'A').flags).toBe('qr aa tc rd');
  expect(ask(responder, FEW, 'A').answers).toHaveLength(10);
});

test('no more is sent than was set, however much the client takes', () => {
  const modest = responderOf(zone);
  for (const edns of [1233, 4096, 65535]) {
    expect(ask(modest, SOME, 'A', { edns }).flags).toContain('tc');
    expect(ask(modest, SOME, 'A', { edns }).length).toBeLessThanOrEqual(1232);
  }
});

describe('beyond 64 KiB', () => {
  const everything = { nsid: true, cookie: Buffer.alloc(24), client: TCP };

  test('SRV records are whole ones, as many as fit', () => {
    const reply = ask(responder, MANY, 'SRV', everything);
    expect(reply.flags).toBe('qr aa rd');
    expect(reply.length).toBeLessThanOrEqual(65535);
    expect(reply.length).toBeGreaterThan(64000);
    const targets = reply.answers.map(record => (record.type === 'SRV' ? record.data.target : undefined));
    expect(new Set(targets).size).toBe(reply.answers.length);
  });

  test('A and AAAA records are of the same endpoints (KEP-1645 section 2.4.1)', () => {
    const v4 = ask(responder, MANY, 'A', everything).answers.map(record => record.data);
    const v6 = ask(responder, MANY, 'AAAA', everything).answers.map(record => record.data);
    expect(v4.length).toBeGreaterThan(1000);
    expect(v6.length).toBe(v4.length);
    const v6Of = partners();
    expect(v6).toEqual(v4.map(address => v6Of.get(String(address))));
  });

  test('over UDP it is TC and the question', () => {
    for (const type of ['A', 'AAAA', 'SRV', 'ANY'] as const)
      expect(ask(responder, MANY, type, { client: UDP })).toMatchObject({
        flags: 'qr aa tc rd',
        answers: [],
      });
  });
});

function isTruncated(reply: Uint8Array | undefined): boolean {
  return ((reply?.[2] ?? 0) & 0x02) !== 0;
}
