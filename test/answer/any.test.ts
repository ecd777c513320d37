import { describe, expect, test } from 'vitest';
import { ask, query, replyTo, responderOf, zoneLines } from '../kit/dns.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

const Z = 'clusterset.local';
const zone = zoneOf([
  serviceOf('shop', 'payments', [clusterOf('east', ['10.10.0.10', 'fd10::10'])]),
  serviceOf('shop', 'modern', [clusterOf('east', ['fd10::11'])], { ipFamilies: ['IPv6'] }),
  serviceOf('shop', 'drained', [clusterOf('east', ['10.10.0.12'], { weight: 0 })]),
]);
const responder = responderOf(zone);

describe('ANY is answered with one of the record sets that exist (RFC 8482 section 4.1)', () => {
  test.each([
    { name: `payments.shop.svc.${Z}`, line: `payments.shop.svc.${Z}. 5 IN A 10.10.0.10` },
    { name: `modern.shop.svc.${Z}`, line: `modern.shop.svc.${Z}. 5 IN AAAA fd10::11` },
    {
      name: `_http._tcp.payments.shop.svc.${Z}`,
      line: `_http._tcp.payments.shop.svc.${Z}. 5 IN SRV 0 100 80 payments.shop.svc.${Z}.`,
    },
    {
      name: `drained.shop.svc.${Z}`,
      line: `drained.shop.svc.${Z}. 5 IN SRV 0 100 80 drained.shop.svc.${Z}.`,
    },
    { name: `dns-version.${Z}`, line: `dns-version.${Z}. 28800 IN TXT "1.0.0"` },
    { name: Z, line: `${Z}. 5 IN SOA ns.dns.${Z}. hostmaster.${Z}. 1700000000 7200 1800 86400 5` },
  ])('$name', ({ name, line }) => {
    const reply = ask(responder, name, 'ANY');
    expect(reply).toMatchObject({ rcode: 'NOERROR', flags: 'qr aa rd', authorities: [] });
    expect(zoneLines(reply.answers)).toEqual([line]);
  });
});

test.each([`svc.${Z}`, `shop.svc.${Z}`, `_tcp.payments.shop.svc.${Z}`])(
  'ANY at %s, which is empty, is no data',
  name => {
    expect(ask(responder, name, 'ANY')).toMatchObject({
      rcode: 'NOERROR',
      answers: [],
      authorities: [{ type: 'SOA' }],
    });
  },
);

test('ANY of a name that does not exist is a name error', () => {
  expect(ask(responder, `nobody.shop.svc.${Z}`, 'ANY')).toMatchObject({ rcode: 'NXDOMAIN', answers: [] });
});

test('ANY amplifies no more than a question for the records themselves', () => {
  const asked = (type: 'A' | 'ANY') => replyTo(responder, query(`payments.shop.svc.${Z}`, type)).length;
  expect(asked('ANY')).toBe(asked('A'));
});
