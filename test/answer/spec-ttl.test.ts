import { describe, expect, it } from 'vitest';
import { relativeLines } from '../kit/cluster-set.ts';
import type { TypeText } from '../kit/packet.ts';
import { specMesh } from './spec-mesh/index.ts';

const export4 = (ttl: string) => `
kind: ServiceExport
apiVersion: multicluster.x-k8s.io/v1beta1
metadata: {namespace: shop, name: web, annotations: {causeway.dev/ttl: "${ttl}"}}
`;

/** SOA line of a zone with this TTL at this serial. */
function soaLine(soaTtl: number, ttl: number, serial = 1_700_000_000): string {
  return `@ ${soaTtl} SOA ns.dns hostmaster ${serial} 7200 1800 86400 ${ttl}`;
}

describe('the TTL of the zone', () => {
  it.each([
    ['§4 least', 0, 0],
    ['§4 default', 5, 5],
    ['§4 as long as a negative answer may live', 300, 300],
    ['§4 beyond', 301, 300],
    ['§4 most', 3600, 300],
  ] as const)('%s: %i s, SOA record %i s', (_row, ttl, soaTtl) => {
    const mesh = specMesh({ ttl });
    expect(mesh.answer('web.shop.svc', 'A')).toEqual([`web.shop.svc ${ttl} A 10.96.0.1`]);
    expect(mesh.answer('db-0.east.db.shop.svc', 'A')).toEqual([`db-0.east.db.shop.svc ${ttl} A 10.10.1.20`]);
    expect(mesh.answer('@', 'NS')).toEqual([`@ ${ttl} NS ns.dns`]);
    expect(mesh.answer('@', 'SOA')).toEqual([soaLine(soaTtl, ttl)]);
    expect(relativeLines(mesh.ask('nobody.shop.svc', 'A').authorities)).toEqual([soaLine(soaTtl, ttl)]);
    expect(mesh.answer('dns-version', 'TXT')).toEqual(['dns-version 28800 TXT "1.0.0"']);
  });
});

describe('the TTL of one service', () => {
  it.each(['0', '1', '30', '3600'])('§4 causeway.dev/ttl: "%s"', ttl => {
    const mesh = specMesh();
    mesh.put('east', export4(ttl));
    expect(mesh.answer('web.shop.svc', 'A')).toEqual([`web.shop.svc ${ttl} A 10.96.0.1`]);
    const srv = mesh.ask('_http._tcp.web.shop.svc', 'SRV');
    expect(relativeLines([...srv.answers, ...srv.additionals])).toEqual([
      `_http._tcp.web.shop.svc ${ttl} SRV 0 50 80 web.shop.svc`,
      `web.shop.svc ${ttl} A 10.96.0.1`,
      `web.shop.svc ${ttl} AAAA fd96::1`,
    ]);
  });

  it('§4 leaves others, and what does not exist, to the zone', () => {
    const mesh = specMesh();
    mesh.put('east', export4('30'));
    expect(mesh.answer('echo.shop.svc', 'A')).toEqual(['echo.shop.svc 5 A 10.96.0.2']);
    expect(relativeLines(mesh.ask('web.shop.svc', 'MX').authorities)).toEqual([
      soaLine(5, 5, mesh.zone.serial),
    ]);
  });

  it('§4 is that of the zone again when the annotation goes', () => {
    const mesh = specMesh();
    mesh.put('east', export4('30'));
    expect(mesh.answer('web.shop.svc', 'A')).toEqual(['web.shop.svc 30 A 10.96.0.1']);
    mesh.put('east', export4('30').replace(/, annotations: {[^}]*}/, ''));
    expect(mesh.answer('web.shop.svc', 'A')).toEqual(['web.shop.svc 5 A 10.96.0.1']);
  });

  it('§4 holds for the endpoints of a headless service too', () => {
    const mesh = specMesh();
    mesh.put('east', export4('7').replace('name: web', 'name: db'));
    for (const [name, type] of [
      ['db.shop.svc', 'AAAA'],
      ['db-0.west.db.shop.svc', 'A'],
      ['_sql._tcp.db.shop.svc', 'SRV'],
    ] as const) {
      const { answers, additionals } = mesh.ask(name, type satisfies TypeText);
      expect(new Set([...answers, ...additionals].map(({ ttl }) => ttl))).toEqual(new Set([7]));
    }
  });
});

describe('the serial of the zone', () => {
  it('§4 P20 moves with every change, also within one second, and takes negative answers along', () => {
    const mesh = specMesh();
    const serial = () => relativeLines(mesh.ask('nobody.shop.svc', 'A').authorities);
    expect(serial()).toEqual([soaLine(5, 5, 1_700_000_000)]);
    mesh.put('east', export4('30'));
    expect(serial()).toEqual([soaLine(5, 5, 1_700_000_001)]);
    mesh.put('east', export4('40'));
    expect(serial()).toEqual([soaLine(5, 5, 1_700_000_002)]);
  });
});
