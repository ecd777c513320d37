import { describe, expect, it } from 'vitest';
import { TCP, UDP } from '../kit/dns.ts';
import type { QueryOptions, TypeText } from '../kit/packet.ts';
import { specMesh } from './spec-mesh/index.ts';

/** Headless, 60 endpoints: 982 octets as A records, more than 1,232 as AAAA or SRV. */
const numbers = Array.from({ length: 60 }, (_, index) => 100 + index);
const wide = `
{kind: Service, apiVersion: v1, metadata: {namespace: shop, name: wide}, spec: {clusterIP: None, ports: [{name: http, port: 80}]}}
---
{kind: ServiceExport, apiVersion: multicluster.x-k8s.io/v1beta1, metadata: {namespace: shop, name: wide}}
---
kind: EndpointSlice
apiVersion: discovery.k8s.io/v1
metadata: {namespace: shop, name: wide-ipv4, labels: {kubernetes.io/service-name: wide}}
addressType: IPv4
ports: [{name: http, port: 80}]
endpoints: [${numbers.map(number => `{addresses: [10.10.2.${number}]}`).join(', ')}]
---
kind: EndpointSlice
apiVersion: discovery.k8s.io/v1
metadata: {namespace: shop, name: wide-ipv6, labels: {kubernetes.io/service-name: wide}}
addressType: IPv6
ports: [{name: http, port: 80}]
endpoints: [${numbers.map(number => `{addresses: ["fd10:2::${number}"]}`).join(', ')}]
`;

const mesh = specMesh();
mesh.put('east', wide);

const EVERY_RCODE = [
  ['NOERROR', 'web.shop.svc', 'A', {}],
  ['NODATA', 'echo.shop.svc', 'AAAA', {}],
  ['NXDOMAIN', 'nobody.shop.svc', 'A', {}],
  ['REFUSED by zone', 'example.com.', 'A', {}],
  ['REFUSED by class', 'web.shop.svc', 'A', { class: 3 }],
  ['REFUSED transfer', '@', 'AXFR', {}],
  ['NOTIMP', 'web.shop.svc', 'TYPE249', {}],
  ['BADVERS', 'web.shop.svc', 'A', { ednsVersion: 1 }],
  ['FORMERR by cookie', 'web.shop.svc', 'A', { cookie: Buffer.alloc(7) }],
  ['truncated', 'wide.shop.svc', 'A', { edns: 512 }],
] as const satisfies readonly (readonly [string, string, TypeText, QueryOptions])[];

describe('as the upstream of CoreDNS', () => {
  it.each(EVERY_RCODE)('F1 echoes the question as it came: %s', (_case, name, type, options) => {
    const mixed = [...name].map((letter, index) => (index % 2 ? letter.toUpperCase() : letter)).join('');
    const { questions, flags, id } = mesh.ask(mixed, type, { ...options, id: 0xbeef });
    expect(questions).toHaveLength(1);
    expect(questions[0]?.startsWith(mixed === '@' ? 'clusterset.local. ' : mixed)).toBe(true);
    expect({ qr: flags.startsWith('qr'), id }).toEqual({ qr: true, id: 0xbeef });
  });

  it('F1 echoes it in SERVFAIL', () => {
    const reply = specMesh({ synced: false }).ask('nobody.shop.svc', 'A');
    expect(reply).toMatchObject({ rcode: 'SERVFAIL', questions: ['nobody.shop.svc.clusterset.local. IN A'] });
  });

  it('F2 answers the health probe', () => {
    expect(mesh.ask('.', 'NS')).toMatchObject({ rcode: 'REFUSED', flags: 'qr rd', questions: ['. IN NS'] });
  });

  it('F4 answers the same over TCP as over UDP', () => {
    for (const [, name, type, options] of EVERY_RCODE.filter(([kind]) => kind !== 'truncated')) {
      expect(mesh.ask(name, type, { ...options, client: TCP })).toEqual(
        mesh.ask(name, type, { ...options, client: UDP }),
      );
    }
  });

  it.each([
    ['A', undefined, 'tc'],
    ['A', 100, 'tc'],
    ['A', 512, 'tc'],
    ['A', 1024, ''],
    ['A', 4096, ''],
    ['AAAA', 1024, 'tc'],
    ['AAAA', 4096, 'tc'],
    ['SRV', 4096, 'tc'],
  ] as const)(
    'F7 never exceeds the size asked for, nor 1,232, and says so itself: %s, %s octets',
    (type, edns, tc) => {
      const reply = mesh.ask('wide.shop.svc', type, edns === undefined ? {} : { edns });
      expect(reply.length).toBeLessThanOrEqual(Math.min(Math.max(edns ?? 512, 512), 1232));
      expect(reply.flags).toBe(tc === 'tc' ? 'qr aa tc rd' : 'qr aa rd');
      expect(reply.answers).toHaveLength(tc === 'tc' ? 0 : numbers.length);
      expect(mesh.ask('wide.shop.svc', type, { client: TCP })).toMatchObject({
        flags: 'qr aa rd',
        rcode: 'NOERROR',
      });
    },
  );

  it.each([
    ['F8 AD', 0x0120, 'qr aa rd'],
    ['F8 CD', 0x0110, 'qr aa rd cd'],
    ['F8 neither RD', 0x0000, 'qr aa'],
  ])('%s in the query', (_row, flags, expected) => {
    expect(mesh.ask('web.shop.svc', 'A', { flags }).flags).toBe(expected);
    expect(mesh.ask('nobody.shop.svc', 'A', { flags }).flags).toBe(expected);
  });

  it.each([
    ['F9 name error', 'nobody.shop.svc', 'A', 'NXDOMAIN'],
    ['F9 no data', 'echo.shop.svc', 'AAAA', 'NOERROR'],
  ] as const)('%s has exactly its code', (_row, name, type, rcode) => {
    expect(mesh.ask(name, type).rcode).toBe(rcode);
  });

  it('F10 NODATA is authoritative, so that no resolver takes it for a referral', () => {
    expect(mesh.ask('echo.shop.svc', 'AAAA')).toMatchObject({
      flags: 'qr aa rd',
      answers: [],
      rcode: 'NOERROR',
    });
  });

  it('F11 refuses the probe of the loop plugin for other zones', () => {
    expect(mesh.ask('123.456.', 'HINFO')).toMatchObject({ rcode: 'REFUSED' });
    expect(mesh.ask('123.456.clusterset.local.', 'HINFO')).toMatchObject({
      rcode: 'NXDOMAIN',
      flags: 'qr aa rd',
    });
  });

  it.each([
    ['F12 F13 name error', 'nobody.shop.svc', 'A'],
    ['F12 F13 no data', 'echo.shop.svc', 'AAAA'],
    ['F12 F13 no data at the apex', '@', 'TXT'],
  ] as const)('%s carries the SOA', (_row, name, type) => {
    expect(mesh.ask(name, type).authorities).toMatchObject([{ type: 'SOA' }]);
  });

  it('F14 the TTL of the SOA record is how long a negative answer may live', () => {
    const ttls = [5, 300, 3600].map(ttl => specMesh({ ttl }).ask('nobody.shop.svc', 'A').authorities[0]?.ttl);
    expect(ttls).toEqual([5, 300, 300]);
  });

  it.each([
    ['F16 SRV', '_sql._tcp.db.shop.svc', 'SRV'],
    ['F16 NS', '@', 'NS'],
  ] as const)('%s: additional records have the TTL of the answer', (_row, name, type) => {
    const { answers, additionals } = mesh.ask(name, type, { edns: 1232 });
    expect(new Set([...answers, ...additionals].map(({ ttl }) => ttl)).size).toBe(1);
  });

  it('F17 NXDOMAIN never comes with an answer', () => {
    for (const type of ['A', 'AAAA', 'SRV', 'ANY', 'SOA', 'TYPE65280'] as const)
      expect(mesh.ask('nobody.shop.svc', type)).toMatchObject({
        rcode: 'NXDOMAIN',
        answers: [],
        additionals: [],
      });
  });
});
