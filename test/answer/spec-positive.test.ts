import { describe, expect, it } from 'vitest';
import { relativeLines } from '../kit/cluster-set.ts';
import type { TypeText } from '../kit/packet.ts';
import { specMesh } from './spec-mesh/index.ts';

/** Row and case, name, type, the whole answer section. */
type Row = readonly [row: string, name: string, type: TypeText, answer: readonly string[]];

const rows: readonly Row[] = [
  ['P1 clusterset IPv4', 'web.shop.svc', 'A', ['web.shop.svc 5 A 10.96.0.1']],
  ['P2 clusterset IPv6 beside it', 'web.shop.svc', 'AAAA', ['web.shop.svc 5 AAAA fd96::1']],
  ['P3 clusterset IP without a ready endpoint', 'idle.shop.svc', 'A', ['idle.shop.svc 5 A 10.96.0.3']],
  ['P4 clusterset IP not assigned yet', 'pending.shop.svc', 'A', ['NOERROR']],
  ['P5 clusterset IP without ports', 'portless.shop.svc', 'A', ['portless.shop.svc 5 A 10.96.0.5']],
  ['P5 its bare SRV', 'portless.shop.svc', 'SRV', ['NOERROR']],
  [
    'P6 named port: target is the service, port is the service port',
    '_http._tcp.web.shop.svc',
    'SRV',
    ['_http._tcp.web.shop.svc 5 SRV 0 50 80 web.shop.svc'],
  ],
  [
    'P6 named port over UDP',
    '_udp._udp.echo.shop.svc',
    'SRV',
    ['_udp._udp.echo.shop.svc 5 SRV 0 100 42 echo.shop.svc'],
  ],
  ['P6 right name, other protocol', '_http._udp.web.shop.svc', 'SRV', ['NXDOMAIN']],
  [
    'P7 bare SRV has all ports',
    'web.shop.svc',
    'SRV',
    ['web.shop.svc 5 SRV 0 25 80 web.shop.svc', 'web.shop.svc 5 SRV 0 25 8080 web.shop.svc'],
  ],
  [
    'P7 bare SRV of one number in two protocols is one record',
    'echo.shop.svc',
    'SRV',
    ['echo.shop.svc 5 SRV 0 50 42 echo.shop.svc'],
  ],
  [
    'P8 headless: ready endpoints of all clusters',
    'db.shop.svc',
    'A',
    ['db.shop.svc 5 A 10.10.1.20', 'db.shop.svc 5 A 10.10.1.21', 'db.shop.svc 5 A 10.20.1.20'],
  ],
  [
    'P8 the other family; ready but not asked for means ready',
    'db.shop.svc',
    'AAAA',
    ['db.shop.svc 5 AAAA fd10:1::20', 'db.shop.svc 5 AAAA fd10:1::21', 'db.shop.svc 5 AAAA fd20:1::20'],
  ],
  ['P10 endpoint by host name', 'db-0.east.db.shop.svc', 'A', ['db-0.east.db.shop.svc 5 A 10.10.1.20']],
  [
    'P10 the same host name elsewhere',
    'db-0.west.db.shop.svc',
    'AAAA',
    ['db-0.west.db.shop.svc 5 AAAA fd20:1::20'],
  ],
  [
    'P11 endpoints that share a host name',
    'any.east.crowd.shop.svc',
    'A',
    ['any.east.crowd.shop.svc 5 A 10.10.1.40', 'any.east.crowd.shop.svc 5 A 10.10.1.41'],
  ],
  [
    'P12 P14 headless named port: one per ready endpoint, port of the slice',
    '_sql._tcp.db.shop.svc',
    'SRV',
    [
      '_sql._tcp.db.shop.svc 5 SRV 0 16 15432 db-0.east.db.shop.svc',
      '_sql._tcp.db.shop.svc 5 SRV 0 16 15432 db-0.west.db.shop.svc',
      '_sql._tcp.db.shop.svc 5 SRV 0 16 15432 db-1.east.db.shop.svc',
    ],
  ],
  [
    'P13 headless bare SRV: two pods with tcp and udp 42 are two records',
    'hello.shop.svc',
    'SRV',
    [
      'hello.shop.svc 5 SRV 0 25 42 10-10-1-30.east.hello.shop.svc',
      'hello.shop.svc 5 SRV 0 25 42 10-10-1-31.east.hello.shop.svc',
    ],
  ],
  [
    'P13 dual stack without host names: one per address',
    'dual.shop.svc',
    'SRV',
    [
      'dual.shop.svc 5 SRV 0 50 42 10-10-1-32.east.dual.shop.svc',
      'dual.shop.svc 5 SRV 0 50 42 fd10-1-2--0.east.dual.shop.svc',
    ],
  ],
  [
    'P15 bare SRV has the unnamed port',
    'bare.shop.svc',
    'SRV',
    ['bare.shop.svc 5 SRV 0 100 9000 10-10-1-60.east.bare.shop.svc'],
  ],
  [
    'P15 unnamed port of a clusterset IP',
    'pending.shop.svc',
    'SRV',
    ['pending.shop.svc 5 SRV 0 100 80 pending.shop.svc'],
  ],
  ['P15 no name for it', '_._tcp.bare.shop.svc', 'SRV', ['NXDOMAIN']],
  ['P16 slice without ports: addresses', 'raw.shop.svc', 'A', ['raw.shop.svc 5 A 10.10.1.50']],
  ['P16 its endpoint', '10-10-1-50.east.raw.shop.svc', 'A', ['10-10-1-50.east.raw.shop.svc 5 A 10.10.1.50']],
  ['P16 its bare SRV', 'raw.shop.svc', 'SRV', ['NOERROR']],
  [
    'P17 the share is counted before equal records are merged',
    'hello.shop.svc',
    'SRV',
    [
      'hello.shop.svc 5 SRV 0 25 42 10-10-1-30.east.hello.shop.svc',
      'hello.shop.svc 5 SRV 0 25 42 10-10-1-31.east.hello.shop.svc',
    ],
  ],
  ['P19 schema version', 'dns-version', 'TXT', ['dns-version 28800 TXT "1.0.0"']],
  ['P20 apex SOA', '@', 'SOA', ['@ 5 SOA ns.dns hostmaster 1700000000 7200 1800 86400 5']],
  ['P21 apex NS', '@', 'NS', ['@ 5 NS ns.dns']],
  ['P22 server address', 'ns.dns', 'A', ['ns.dns 5 A 192.0.2.53']],
  ['P22 server address', 'ns.dns', 'AAAA', ['ns.dns 5 AAAA 2001:db8::53']],
  ['P23 ExternalName cannot be exported', 'external.shop.svc', 'A', ['NXDOMAIN']],
  ['P23 nor has it an alias', 'external.shop.svc', 'CNAME', ['NXDOMAIN']],
  ['P25 one address in two slices and two clusters', 'twice.shop.svc', 'A', ['twice.shop.svc 5 A 10.9.1.70']],
];

describe('a question that has an answer', () => {
  const mesh = specMesh();
  it.each(rows)('%s: %s %s', (_row, name, type, answer) => {
    expect(mesh.answer(name, type)).toEqual(answer);
    const reply = mesh.ask(name, type);
    expect(reply.flags).toBe('qr aa rd');
    expect(reply.authorities).toHaveLength(reply.answers.length > 0 ? 0 : 1);
  });
});

describe('what comes with an answer', () => {
  const mesh = specMesh();
  it.each<Row>([
    [
      'P18 SRV of a clusterset IP: the addresses of the service',
      '_http._tcp.web.shop.svc',
      'SRV',
      ['web.shop.svc 5 A 10.96.0.1', 'web.shop.svc 5 AAAA fd96::1'],
    ],
    [
      'P18 headless SRV: both families of each endpoint',
      '_sql._tcp.db.shop.svc',
      'SRV',
      [
        'db-0.east.db.shop.svc 5 A 10.10.1.20',
        'db-0.east.db.shop.svc 5 AAAA fd10:1::20',
        'db-0.west.db.shop.svc 5 A 10.20.1.20',
        'db-0.west.db.shop.svc 5 AAAA fd20:1::20',
        'db-1.east.db.shop.svc 5 A 10.10.1.21',
        'db-1.east.db.shop.svc 5 AAAA fd10:1::21',
      ],
    ],
    ['P21 NS: glue of the server', '@', 'NS', ['ns.dns 5 A 192.0.2.53', 'ns.dns 5 AAAA 2001:db8::53']],
    ['P1 addresses come alone', 'web.shop.svc', 'A', []],
  ])('%s: %s %s', (_row, name, type, additional) => {
    expect(relativeLines(mesh.ask(name, type, { edns: 1232 }).additionals)).toEqual(additional);
  });
});

describe('spelling', () => {
  const mesh = specMesh();

  it('P26 the owner is spelt as in the question, and the case finds the same', () => {
    const reply = mesh.ask('WeB.sHOp.SVC.ClusterSet.LOCAL.', 'A');
    expect(reply.questions).toEqual(['WeB.sHOp.SVC.ClusterSet.LOCAL. IN A']);
    expect(reply.answers).toMatchObject([{ name: 'WeB.sHOp.SVC.ClusterSet.LOCAL', data: '10.96.0.1' }]);
  });

  it('P26 an SRV target is spelt as stored, below the zone as in the question', () => {
    const reply = mesh.ask('_HTTP._tcp.WEB.Shop.svc.ClusterSet.LOCAL.', 'SRV');
    expect(reply.answers).toMatchObject([
      { name: '_HTTP._tcp.WEB.Shop.svc.ClusterSet.LOCAL', data: { target: 'web.shop.svc.ClusterSet.LOCAL' } },
    ]);
  });

  it('P26 the names of a negative answer too', () => {
    const [soa] = mesh.ask('nobody.shop.svc.ClusterSet.LOCAL.', 'A').authorities;
    expect(soa).toMatchObject({ name: 'ClusterSet.LOCAL', data: { mname: 'ns.dns.ClusterSet.LOCAL' } });
  });
});
