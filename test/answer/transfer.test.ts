import { describe, expect, test } from 'vitest';
import type { Client } from '../../src/answer/event.ts';
import { type Responder, ZoneTransfer } from '../../src/answer/responder.ts';
import { type Cidr, parseCidr } from '../../src/base/ip.ts';
import type { Zone } from '../../src/records/zone.ts';
import {
  ask,
  type Decoded,
  type DnsRecord,
  decode,
  NOW_SECONDS,
  query,
  responderOf,
  TCP,
  UDP,
  zoneLines,
} from '../kit/dns.ts';
import { hex, nameOctets, packet, question, record, type TypeText } from '../kit/packet.ts';
import { clusterOf, put, serviceOf, takeOut, zoneOf } from '../kit/zone.ts';

const Z = 'clusterset.local';
const LOOPBACK = cidrs('127.0.0.0/8', '::1/128');

const payments = serviceOf('shop', 'payments', [
  clusterOf('east', ['10.10.0.10', 'fd10::10'], { weight: 80 }),
  clusterOf('west', ['10.20.0.10', 'fd20::10'], { weight: 20 }),
]);

function ledger(count: number) {
  const pods = Array.from({ length: count }, (_, index) => `10.1.${index >> 8}.${index & 255}`);
  return serviceOf('shop', 'ledger', [clusterOf('east', [], { pods })], { type: 'Headless' });
}

function cidrs(...texts: string[]): Cidr[] {
  return texts.map(text => parseCidr(text)).filter(cidr => cidr !== undefined);
}

function allowing(zone: Zone): Responder {
  return responderOf(zone, { allowTransfer: LOOPBACK });
}

function transferOf(responder: Responder, message: Uint8Array): Iterator<Uint8Array> {
  const reply = responder.respond(message, TCP);
  if (!(reply instanceof ZoneTransfer)) throw new Error('expected a zone transfer');
  return reply.messages()[Symbol.iterator]();
}

/** All messages, or all that are left. */
function messagesOf(messages: Iterator<Uint8Array>): Decoded[] {
  const decoded: Decoded[] = [];
  for (let next = messages.next(); next.done !== true; next = messages.next())
    decoded.push(decode(next.value));
  return decoded;
}

function recordsOf(messages: readonly Decoded[]): DnsRecord[] {
  return messages.flatMap(message => message.answers);
}

/** IXFR by a client that holds the zone of this serial. */
function ixfr(serial: number): Buffer {
  const words = [serial, 7200, 1800, 86400, 5].map(word => word.toString(16).padStart(8, '0'));
  const data = Buffer.concat([nameOctets('ns.dns'), nameOctets('hostmaster'), hex(words.join(''))]);
  return packet({ questions: [question(Z, 'IXFR')], authorities: [record(Z, 'SOA', data)] });
}

describe('who may transfer the zone', () => {
  const zone = zoneOf([payments]);
  const tcp = (address: string): Client => ({ transport: 'tcp', address });

  test.each<{ row: string; allow: Cidr[]; client: Client; name: string; type: TypeText; rcode: string }>([
    { row: 'nobody by default', allow: [], client: TCP, name: Z, type: 'AXFR', rcode: 'REFUSED' },
    { row: 'nobody by default', allow: [], client: TCP, name: Z, type: 'IXFR', rcode: 'REFUSED' },
    {
      row: 'another address',
      allow: LOOPBACK,
      client: tcp('192.0.2.1'),
      name: Z,
      type: 'AXFR',
      rcode: 'REFUSED',
    },
    { row: 'another family', allow: cidrs('::/0'), client: TCP, name: Z, type: 'AXFR', rcode: 'REFUSED' },
    { row: 'AXFR over UDP', allow: LOOPBACK, client: UDP, name: Z, type: 'AXFR', rcode: 'REFUSED' },
    { row: 'below the apex', allow: LOOPBACK, client: TCP, name: `svc.${Z}`, type: 'AXFR', rcode: 'NOTAUTH' },
    {
      row: 'IXFR below the apex',
      allow: LOOPBACK,
      client: UDP,
      name: `svc.${Z}`,
      type: 'IXFR',
      rcode: 'NOTAUTH',
    },
    {
      row: 'below the apex, not allowed',
      allow: [],
      client: TCP,
      name: `svc.${Z}`,
      type: 'AXFR',
      rcode: 'REFUSED',
    },
    { row: 'above the zone', allow: LOOPBACK, client: TCP, name: 'local', type: 'AXFR', rcode: 'REFUSED' },
    {
      row: 'another zone',
      allow: LOOPBACK,
      client: TCP,
      name: 'example.org',
      type: 'AXFR',
      rcode: 'REFUSED',
    },
  ])('not: $row ($type of $name)', ({ allow, client, name, type, rcode }) => {
    const reply = ask(responderOf(zone, { allowTransfer: allow }), name, type, { client });
    expect(reply).toMatchObject({ rcode, answers: [], authorities: [] });
  });

  test.each(['127.0.0.1', '127.9.9.9', '::1'])('%s, which was allowed', address => {
    expect(allowing(zone).respond(query(Z, 'AXFR'), tcp(address))).toBeInstanceOf(ZoneTransfer);
  });

  test('nobody before the first load', () => {
    const loading = zoneOf([payments], { synced: false });
    expect(ask(allowing(loading), Z, 'AXFR', { client: TCP, edns: 1232 })).toMatchObject({
      rcode: 'SERVFAIL',
      edns: { extendedError: expect.stringMatching(/^14 /) },
    });
  });
});

describe('AXFR (RFC 5936)', () => {
  test('is every record of the zone, the SOA first and last', () => {
    const messages = messagesOf(transferOf(allowing(zoneOf([payments, ledger(2)])), query(Z, 'AXFR')));
    const records = recordsOf(messages);
    const soa = `${Z}. 5 IN SOA ns.dns.${Z}. hostmaster.${Z}. ${NOW_SECONDS} 7200 1800 86400 5`;
    expect(zoneLines(records.slice(0, 1))).toEqual([soa]);
    expect(zoneLines(records.slice(-1))).toEqual([soa]);
    expect(zoneLines(records.slice(1, -1))).toEqual([
      `10-1-0-0.east.ledger.shop.svc.${Z}. 5 IN A 10.1.0.0`,
      `10-1-0-1.east.ledger.shop.svc.${Z}. 5 IN A 10.1.0.1`,
      `_http._tcp.ledger.shop.svc.${Z}. 5 IN SRV 0 50 80 10-1-0-0.east.ledger.shop.svc.${Z}.`,
      `_http._tcp.ledger.shop.svc.${Z}. 5 IN SRV 0 50 80 10-1-0-1.east.ledger.shop.svc.${Z}.`,
      `_http._tcp.payments.shop.svc.${Z}. 5 IN SRV 0 100 80 payments.shop.svc.${Z}.`,
      `${Z}. 5 IN NS ns.dns.${Z}.`,
      `dns-version.${Z}. 28800 IN TXT "1.0.0"`,
      `ledger.shop.svc.${Z}. 5 IN A 10.1.0.0`,
      `ledger.shop.svc.${Z}. 5 IN A 10.1.0.1`,
      `ledger.shop.svc.${Z}. 5 IN SRV 0 50 80 10-1-0-0.east.ledger.shop.svc.${Z}.`,
      `ledger.shop.svc.${Z}. 5 IN SRV 0 50 80 10-1-0-1.east.ledger.shop.svc.${Z}.`,
      `ns.dns.${Z}. 5 IN A 192.0.2.53`,
      `ns.dns.${Z}. 5 IN AAAA 2001:db8::53`,
      `payments.shop.svc.${Z}. 5 IN A 10.10.0.10`,
      `payments.shop.svc.${Z}. 5 IN A 10.20.0.10`,
      `payments.shop.svc.${Z}. 5 IN AAAA fd10::10`,
      `payments.shop.svc.${Z}. 5 IN AAAA fd20::10`,
      `payments.shop.svc.${Z}. 5 IN SRV 0 100 80 payments.shop.svc.${Z}.`,
    ]);
  });

  test('is a sequence of messages, the question in the first', () => {
    const asked = query('ClusterSet.LOCAL', 'AXFR', { id: 77, flags: 0, edns: 1232, nsid: true });
    const messages = messagesOf(transferOf(allowing(zoneOf([ledger(2000)])), asked));
    expect(messages.length).toBeGreaterThan(5);
    for (const [index, message] of messages.entries()) {
      expect(message).toMatchObject({ id: 77, rcode: 'NOERROR', flags: 'qr aa', authorities: [] });
      expect(message.questions).toEqual(index === 0 ? ['ClusterSet.LOCAL. IN AXFR'] : []);
      expect(message.edns?.nsid).toBe('test-server');
      // As full as they may be, so that a transfer takes few of them.
      if (index < messages.length - 1) expect(message.length).toBeGreaterThan(16000);
    }
    const names = new Set(recordsOf(messages).map(({ name }) => name));
    for (let index = 0; index < 2000; index++)
      expect(names).toContain(`10-1-${index >> 8}-${index & 255}.east.ledger.shop.svc.ClusterSet.LOCAL`);
  });

  test('says of each name and type what a question for them says', () => {
    const responder = allowing(
      zoneOf([ledger(30), serviceOf('shop', 'one', [clusterOf('east', ['10.10.0.1'])])]),
    );
    const records = recordsOf(messagesOf(transferOf(responder, query(Z, 'AXFR')))).slice(1);
    const sets = Map.groupBy(records, ({ name, type }) => `${name} ${type}`);
    expect(sets.size).toBeGreaterThan(35);
    for (const [key, set] of sets) {
      const [name = '', type = ''] = key.split(' ');
      const { answers } = ask(responder, name, type as TypeText, { client: TCP });
      expect(zoneLines(answers)).toEqual(zoneLines(set));
    }
  });

  test('is the zone as it was when it began, whatever changes meanwhile', () => {
    const zone = zoneOf([payments, ledger(2000)]);
    const before = recordsOf(messagesOf(transferOf(allowing(zone), query(Z, 'AXFR'))));
    const running = transferOf(allowing(zone), query(Z, 'AXFR'));
    const first = running.next().value;
    put(zone, [serviceOf('shop', 'new', [clusterOf('east', ['10.10.0.99'])]), ledger(3)], NOW_SECONDS + 10);
    takeOut(zone, ['shop/payments']);
    zone.apply({ services: new Map(), namespaces: new Set() }, NOW_SECONDS + 20);
    expect(recordsOf([decode(first), ...messagesOf(running)])).toEqual(before);
  });

  test('does not hold on to the message that asked for it', () => {
    const asked = query(Z, 'AXFR', { cookie: hex('0102030405060708'), id: 5 });
    const zone = zoneOf([payments]);
    const expected = messagesOf(transferOf(allowing(zone), Buffer.from(asked)));
    const running = transferOf(allowing(zone), asked);
    asked.fill(0xff);
    expect(messagesOf(running)).toEqual(expected);
  });
});

describe('IXFR (RFC 1995)', () => {
  const zone = zoneOf([payments]);
  const whole = recordsOf(messagesOf(transferOf(allowing(zone), query(Z, 'AXFR'))));

  test.each([
    { row: 'an older zone', message: ixfr(NOW_SECONDS - 1) },
    { row: 'an older one, by serial number arithmetic (RFC 1982)', message: ixfr(NOW_SECONDS + 2 ** 31 + 1) },
    { row: 'a zone that it does not name', message: query(Z, 'IXFR') },
  ])('to a client that holds $row, over TCP, is the whole zone', ({ message }) => {
    const messages = messagesOf(transferOf(allowing(zone), message));
    expect(messages[0]?.questions).toEqual([`${Z}. IN IXFR`]);
    expect(recordsOf(messages)).toEqual(whole);
  });

  test.each([
    { row: 'this version', message: ixfr(NOW_SECONDS), client: TCP },
    { row: 'a newer one', message: ixfr(NOW_SECONDS + 1), client: TCP },
    { row: 'an older one, over UDP', message: ixfr(NOW_SECONDS - 1), client: UDP },
    { row: 'none, over UDP', message: query(Z, 'IXFR'), client: UDP },
  ])('to a client that holds $row is the SOA alone', ({ message, client }) => {
    const reply = allowing(zone).respond(message, client);
    expect(reply instanceof Uint8Array ? decode(reply).answers : reply).toEqual(whole.slice(0, 1));
  });
});

describe('the serial', () => {
  const serialOf = (zone: Zone) => {
    const [soa] = ask(responderOf(zone), Z, 'SOA').answers;
    return soa?.type === 'SOA' ? soa.data.serial : undefined;
  };

  test('is the time of the last change', () => {
    expect(serialOf(zoneOf([payments]))).toBe(NOW_SECONDS);
  });

  test('moves with every change, within one second and when the clock goes back', () => {
    const zone = zoneOf([payments]);
    const serials = [NOW_SECONDS, NOW_SECONDS, NOW_SECONDS - 3600, NOW_SECONDS + 60].map(second => {
      put(zone, [payments], second);
      return serialOf(zone);
    });
    expect(serials).toEqual([1, 2, 3, 60].map(later => NOW_SECONDS + later));
  });
});
