import { describe, expect, test } from 'vitest';
import type { QueryEvent } from '../../src/answer/event.ts';
import { ask, query, replyTo, responderOf, TCP, zoneLines } from '../kit/dns.ts';
import { hex, nameOctets, question } from '../kit/packet.ts';
import { clusterOf, HTTP, serviceOf, zoneOf } from '../kit/zone.ts';

const METRICS = { name: 'metrics', protocol: 'TCP', port: 9090 } as const;

function pods(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
}

function headless(name: string, addresses: readonly string[]) {
  return serviceOf('shop', name, [clusterOf('east', [], { pods: addresses })], { type: 'Headless' });
}

describe('size', () => {
  test('an address record costs 16 octets, whatever its name', () => {
    const responder = responderOf(zoneOf([headless('a'.repeat(63), pods(1000))]));
    const name = `${'a'.repeat(63)}.shop.svc.clusterset.local`;
    const reply = replyTo(responder, query(name, 'A'), TCP);
    expect(reply.length).toBe(12 + question(name, 'A').length + 1000 * 16);
  });

  test('a SRV record costs its target in full (RFC 2782), its own name a pointer', () => {
    const responder = responderOf(zoneOf([headless('ledger', pods(3))]));
    const name = '_http._tcp.ledger.shop.svc.clusterset.local';
    const reply = replyTo(responder, query(name, 'SRV'), TCP);
    const target = nameOctets('10-0-0-0.east.ledger.shop.svc.clusterset.local');
    const addresses = 3 * 16;
    expect(reply.length).toBe(12 + question(name, 'SRV').length + 3 * (12 + 6 + target.length) + addresses);
    expect(Buffer.from(reply).indexOf(target)).toBeGreaterThan(0);
  });

  test('a negative answer spells none of the names of its SOA out, but the new part', () => {
    const responder = responderOf(zoneOf([]));
    const asked = query('nobody.shop.svc.clusterset.local', 'A');
    // Owner, type to length, two names that end in a pointer, five words.
    expect(replyTo(responder, asked).length).toBe(asked.length + 2 + 10 + (3 + 4 + 2) + (11 + 2) + 20);
  });
});

test('no record is lost, however the names fall', () => {
  for (let length = 1; length <= 63; length++) {
    const name = 'x'.repeat(length);
    const responder = responderOf(zoneOf([headless(name, pods(140))]));
    const reply = ask(responder, `${name}.shop.svc.clusterset.local`, 'A', { client: TCP });
    expect(reply.answers.map(record => record.data)).toEqual(pods(140));
  }
});

describe('spelling (RFC 4343, draft-vixie-dnsext-dns0x20)', () => {
  const zone = zoneOf([
    serviceOf('shop', 'payments', [clusterOf('east', ['10.10.0.10'])], { ports: [HTTP, METRICS] }),
  ]);
  const responder = responderOf(zone);

  test('the owner is spelt as asked, targets as stored and in the zone as asked', () => {
    const reply = ask(responder, 'PayMents.Shop.sVc.ClusterSet.LOCAL', 'SRV');
    expect(reply.questions).toEqual(['PayMents.Shop.sVc.ClusterSet.LOCAL. IN SRV']);
    expect(zoneLines(reply.answers)).toEqual([
      'PayMents.Shop.sVc.ClusterSet.LOCAL. 5 IN SRV 0 50 80 payments.shop.svc.ClusterSet.LOCAL.',
      'PayMents.Shop.sVc.ClusterSet.LOCAL. 5 IN SRV 0 50 9090 payments.shop.svc.ClusterSet.LOCAL.',
    ]);
  });

  test('the apex and its SOA are spelt as asked', () => {
    const reply = ask(responder, 'nobody.SHOP.svc.Clusterset.Local', 'A');
    expect(zoneLines(reply.authorities)).toEqual([
      'Clusterset.Local. 5 IN SOA ns.dns.Clusterset.Local. hostmaster.Clusterset.Local. 1700000000 7200 1800 86400 5',
    ]);
  });

  test('every spelling gets the same records, from one responder', () => {
    const plain = 'payments.shop.svc.clusterset.local';
    for (let bits = 0; bits < 64; bits++) {
      const spelt = [...plain].map((letter, index) =>
        (bits >> (index % 6)) & 1 ? letter.toUpperCase() : letter,
      );
      const reply = ask(responder, spelt.join(''), 'A');
      expect(zoneLines(reply.answers)).toEqual([`${spelt.join('')}. 5 IN A 10.10.0.10`]);
    }
  });

  test('octets beyond ASCII are neither folded nor decoded', () => {
    const labels = ['\xc0\xe0\xff', 'shop', 'svc', 'clusterset', 'local'];
    const asked = query(labels, 'A');
    const reply = replyTo(responder, asked);
    expect(Buffer.from(reply).subarray(12, asked.length)).toEqual(asked.subarray(12));
  });
});

test('id, RD and CD are those of the query; AA is set, RA and AD are not (RFC 1035, RFC 4035)', () => {
  const responder = responderOf(zoneOf([headless('ledger', pods(1))]));
  for (const round of ['built', 'from bytes compiled ahead']) {
    for (const [flags, expected] of [
      [0x0000, '8400'],
      [0x0100, '8500'],
      [0x0010, '8410'],
      [0x0120, '8500'],
      [0x07ff, '8510'],
    ] as const) {
      const reply = replyTo(responder, query('ledger.shop.svc.clusterset.local', 'A', { id: 0xfedc, flags }));
      expect(Buffer.from(reply).subarray(0, 4), round).toEqual(hex(`fedc ${expected}`));
    }
  }
});

test('the message is not held on to: the observer sees it during the call only', () => {
  const seen: { event: Readonly<QueryEvent>; octets: number }[] = [];
  const observe = (event: Readonly<QueryEvent>) => seen.push({ event, octets: event.message.length });
  const asked = query('ledger.shop.svc.clusterset.local', 'A');
  replyTo(responderOf(zoneOf([]), { observe }), asked);
  expect(seen.map(({ event, octets }) => [octets, event.message.length])).toEqual([[asked.length, 0]]);
});
