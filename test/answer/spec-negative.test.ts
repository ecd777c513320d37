import { describe, expect, it } from 'vitest';
import { relativeLines } from '../kit/cluster-set.ts';
import { decode, replyTo, UDP } from '../kit/dns.ts';
import { optRecord, packet, type QueryOptions, question, record, type TypeText } from '../kit/packet.ts';
import { specMesh } from './spec-mesh/index.ts';

/** Row and case, name, type, response code. */
type Row = readonly [row: string, name: string, type: TypeText, rcode: 'NOERROR' | 'NXDOMAIN'];

const rows: readonly Row[] = [
  ['N1 IPv4 only', 'echo.shop.svc', 'AAAA', 'NOERROR'],
  ['N1 service', 'web.shop.svc', 'MX', 'NOERROR'],
  ['N1 service', 'web.shop.svc', 'HTTPS', 'NOERROR'],
  ['N1 service', 'web.shop.svc', 'SVCB', 'NOERROR'],
  ['N1 service', 'web.shop.svc', 'CAA', 'NOERROR'],
  ['N1 service', 'web.shop.svc', 'TXT', 'NOERROR'],
  ['N1 P23 service', 'web.shop.svc', 'CNAME', 'NOERROR'],
  ['N1 P24 service', 'web.shop.svc', 'PTR', 'NOERROR'],
  ['N1 unknown type', 'web.shop.svc', 'TYPE65280', 'NOERROR'],
  ['N1 headless service', 'db.shop.svc', 'TXT', 'NOERROR'],
  ['N1 endpoint', 'db-0.east.db.shop.svc', 'MX', 'NOERROR'],
  ['N1 SRV owner', '_http._tcp.web.shop.svc', 'TXT', 'NOERROR'],
  ['N2 service', 'nobody.shop.svc', 'A', 'NXDOMAIN'],
  ['N2 P24 service', 'nobody.shop.svc', 'PTR', 'NXDOMAIN'],
  ['N2 endpoint', 'db-9.east.db.shop.svc', 'A', 'NXDOMAIN'],
  ['N2 endpoint that is not ready', 'db-2.east.db.shop.svc', 'A', 'NXDOMAIN'],
  ['N2 endpoint by address, as it has a host name', '10-10-1-20.east.db.shop.svc', 'A', 'NXDOMAIN'],
  ['N2 endpoint without its cluster', 'db-0.db.shop.svc', 'A', 'NXDOMAIN'],
  ['N2 cluster', 'db-0.south.db.shop.svc', 'A', 'NXDOMAIN'],
  ['N2 port', '_ftp._tcp.web.shop.svc', 'SRV', 'NXDOMAIN'],
  ['N2 namespace', 'web.nowhere.svc', 'A', 'NXDOMAIN'],
  ['N2 namespace that exists in another cluster only', 'web.far.svc', 'A', 'NXDOMAIN'],
  ['N2 below the zone', 'nothing', 'A', 'NXDOMAIN'],
  ['N2 wildcard is a label like any', '*.shop.svc', 'A', 'NXDOMAIN'],
  ['N2 any is a label like any', 'any.shop.svc', 'A', 'NXDOMAIN'],
  ['N3 headless without a ready endpoint', 'gone.shop.svc', 'A', 'NXDOMAIN'],
  ['N3 its bare SRV', 'gone.shop.svc', 'SRV', 'NXDOMAIN'],
  ['N3 its port', '_http._tcp.gone.shop.svc', 'SRV', 'NXDOMAIN'],
  ['N3 its endpoint', 'gone-0.east.gone.shop.svc', 'A', 'NXDOMAIN'],
  ['N4 svc', 'svc', 'A', 'NOERROR'],
  ['N4 namespace', 'shop.svc', 'A', 'NOERROR'],
  ['N4 namespace without services', 'empty.svc', 'AAAA', 'NOERROR'],
  ['N4 namespace that exists in another cluster only', 'far.svc', 'A', 'NXDOMAIN'],
  ['N4 apex', '@', 'A', 'NOERROR'],
  ['N4 apex', '@', 'AAAA', 'NOERROR'],
  ['N4 apex', '@', 'SRV', 'NOERROR'],
  ['N4 apex', '@', 'TYPE65280', 'NOERROR'],
  ['N5 pod', 'pod', 'A', 'NOERROR'],
  ['N5 below pod', 'shop.pod', 'A', 'NXDOMAIN'],
  ['N5 a service is not below pod', 'web.shop.pod', 'A', 'NXDOMAIN'],
  ['N5 a pod by address', '10-10-1-20.shop.pod', 'A', 'NXDOMAIN'],
  ['N6 cluster of a headless service', 'east.db.shop.svc', 'A', 'NXDOMAIN'],
  ['N6 cluster of a headless service', 'east.db.shop.svc', 'SRV', 'NXDOMAIN'],
  ['N6 cluster of a clusterset IP', 'east.web.shop.svc', 'A', 'NXDOMAIN'],
  ['N7 protocol', '_tcp.web.shop.svc', 'SRV', 'NOERROR'],
  ['N7 protocol of a headless service', '_tcp.db.shop.svc', 'A', 'NOERROR'],
  ['N7 protocol that no port has', '_udp.web.shop.svc', 'SRV', 'NXDOMAIN'],
  ['N7 dns', 'dns', 'A', 'NOERROR'],
  ['N8 svc', 'svc', 'TXT', 'NOERROR'],
  ['N8 namespace', 'shop.svc', 'TXT', 'NOERROR'],
  ['N8 apex', '@', 'TXT', 'NOERROR'],
  ['N9 schema version', 'dns-version', 'A', 'NOERROR'],
  ['N9 schema version', 'dns-version', 'AAAA', 'NOERROR'],
  ['N10 SOA of a missing name', 'nobody.shop.svc', 'SOA', 'NXDOMAIN'],
  ['N10 SOA of a service', 'web.shop.svc', 'SOA', 'NOERROR'],
  ['N11 NS of a service', 'web.shop.svc', 'NS', 'NOERROR'],
  ['N11 NS of svc', 'svc', 'NS', 'NOERROR'],
  ['N11 NS of a missing name', 'nobody.shop.svc', 'NS', 'NXDOMAIN'],
  ['N12 SRV owner', '_http._tcp.web.shop.svc', 'A', 'NOERROR'],
  ['N12 SRV owner of a headless service', '_sql._tcp.db.shop.svc', 'AAAA', 'NOERROR'],
  ['N13 endpoint', 'db-0.east.db.shop.svc', 'SRV', 'NOERROR'],
  ['N14 endpoint of a clusterset IP', 'web-0.east.web.shop.svc', 'A', 'NXDOMAIN'],
  ['N14 and by address', '10-10-1-2.east.echo.shop.svc', 'A', 'NXDOMAIN'],
  ['N15 a lone underscore', '_._tcp.web.shop.svc', 'SRV', 'NXDOMAIN'],
  ['N15 a lone underscore', '_http._.web.shop.svc', 'SRV', 'NXDOMAIN'],
  ['N16 below an endpoint', 'a.db-0.east.db.shop.svc', 'A', 'NXDOMAIN'],
  ['N16 below a port', 'a._http._tcp.web.shop.svc', 'SRV', 'NXDOMAIN'],
  ['N16 below dns-version', 'a.dns-version', 'TXT', 'NXDOMAIN'],
  ['N16 below ns.dns', 'a.ns.dns', 'A', 'NXDOMAIN'],
];

describe('a question that has no answer', () => {
  const mesh = specMesh();
  it.each(rows)('%s: %s %s %s', (_row, name, type, rcode) => {
    const reply = mesh.ask(name, type);
    expect(reply).toMatchObject({ rcode, flags: 'qr aa rd', answers: [], additionals: [] });
    expect(relativeLines(reply.authorities)).toEqual([
      '@ 5 SOA ns.dns hostmaster 1700000000 7200 1800 86400 5',
    ]);
  });
});

describe('before the first full load', () => {
  const mesh = specMesh({ synced: false });
  it.each([
    ['N17 known service', 'web.shop.svc', 'A', 'NOERROR'],
    ['N17 known endpoint', 'db-0.east.db.shop.svc', 'A', 'NOERROR'],
    ['N17 known namespace', 'shop.svc', 'A', 'NOERROR'],
    ['N17 apex', '@', 'SOA', 'NOERROR'],
    ['N17 server', 'ns.dns', 'A', 'NOERROR'],
    ['N17 unknown service', 'nobody.shop.svc', 'A', 'SERVFAIL'],
    ['N17 unknown namespace', 'web.nowhere.svc', 'A', 'SERVFAIL'],
    ['N17 unknown endpoint', 'db-9.east.db.shop.svc', 'A', 'SERVFAIL'],
    ['N17 family that another cluster may bring', 'echo.shop.svc', 'AAAA', 'SERVFAIL'],
  ] as const)('%s: %s %s %s', (_row, name, type, rcode) => {
    const reply = mesh.ask(name, type, { edns: 1232 });
    expect(reply).toMatchObject({
      rcode,
      questions: [`${name === '@' ? '' : `${name}.`}clusterset.local. IN ${type}`],
    });
    expect(reply.edns?.extendedError?.startsWith('14 ')).toBe(rcode === 'SERVFAIL' ? true : undefined);
  });

  it('N17 nothing said before holds afterwards', () => {
    const late = specMesh({ synced: false });
    expect(late.ask('nobody.shop.svc', 'A').rcode).toBe('SERVFAIL');
    late.zone.markSynced();
    expect(late.ask('nobody.shop.svc', 'A').rcode).toBe('NXDOMAIN');
  });
});

describe('a question that is refused', () => {
  const mesh = specMesh();
  it.each<readonly [row: string, name: string, type: TypeText, rcode: string, options: QueryOptions]>([
    ['N18 another zone', 'example.com.', 'A', 'REFUSED', {}],
    ['N18 the parent', 'local.', 'SOA', 'REFUSED', {}],
    ['N18 the root', '.', 'NS', 'REFUSED', {}],
    ['N18 P24 a reverse zone', '1.0.96.10.in-addr.arpa.', 'PTR', 'REFUSED', {}],
    ['N18 a name that only ends alike', 'xclusterset.local.', 'A', 'REFUSED', {}],
    ['N19 zone transfer', '@', 'AXFR', 'REFUSED', {}],
    ['N19 incremental zone transfer', '@', 'IXFR', 'REFUSED', {}],
    ['N20 class CH', 'web.shop.svc', 'A', 'REFUSED', { class: 3 }],
    ['N20 class ANY', 'web.shop.svc', 'A', 'REFUSED', { class: 255 }],
    ['N22 EDNS version 1', 'web.shop.svc', 'A', 'BADVERS', { ednsVersion: 1 }],
  ])('%s: %s %s %s', (_row, name, type, rcode, options) => {
    const reply = mesh.ask(name, type, options);
    expect(reply).toMatchObject({ rcode, answers: [], authorities: [] });
    expect(reply.questions).toHaveLength(1);
  });
});

describe('a message that is no proper query', () => {
  const mesh = specMesh();
  const asked = question('web.shop.svc.clusterset.local', 'A');
  const extra = record('web.shop.svc.clusterset.local', 'A', Uint8Array.of(10, 0, 0, 1));

  it.each<readonly [row: string, message: Buffer, rcode: string | undefined]>([
    ['N21 opcode STATUS', packet({ flags: 0x1000, questions: [asked] }), 'NOTIMP'],
    ['N21 opcode NOTIFY', packet({ flags: 0x2000, questions: [asked] }), 'NOTIMP'],
    ['N21 opcode UPDATE', packet({ flags: 0x2800, questions: [asked] }), 'NOTIMP'],
    ['N21 no question', packet({}), 'FORMERR'],
    ['N21 two questions', packet({ questions: [asked, asked] }), 'FORMERR'],
    ['N21 an answer', packet({ questions: [asked], answers: [extra] }), 'FORMERR'],
    ['N21 an authority', packet({ questions: [asked], authorities: [extra] }), 'FORMERR'],
    ['N21 three additionals', packet({ questions: [asked], additionals: [extra, extra, extra] }), 'FORMERR'],
    ['N21 a response', packet({ flags: 0x8000, questions: [asked] }), undefined],
    ['N21 a response of another opcode', packet({ flags: 0xa000, questions: [asked] }), undefined],
  ])('%s', (_row, message, rcode) => {
    const reply = mesh.responder.respond(message, UDP);
    if (rcode === undefined) expect(reply).toBeUndefined();
    else expect(decode(replyTo(mesh.responder, message))).toMatchObject({ rcode, id: 0x1234, answers: [] });
  });

  it('N21 two additionals are no fault', () => {
    const message = packet({ questions: [asked], additionals: [optRecord(), extra] });
    expect(decode(replyTo(mesh.responder, message)).rcode).toBe('NOERROR');
  });

  it('N22 BADVERS carries an OPT record of version 0', () => {
    const reply = mesh.ask('web.shop.svc', 'A', { ednsVersion: 1 });
    expect(reply).toMatchObject({ rcode: 'BADVERS', edns: { version: 0 } });
  });
});
