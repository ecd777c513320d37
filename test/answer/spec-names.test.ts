import { describe, expect, it } from 'vitest';
import { ClusterSet } from '../kit/cluster-set.ts';
import { ask } from '../kit/dns.ts';
import type { TypeText } from '../kit/packet.ts';
import { specMesh } from './spec-mesh/index.ts';

/** Cluster ids of two labels, as `<name>.<registry>`; `pods` is headless, `web` has cluster IPs. */
const blue = `
{kind: Service, apiVersion: v1, metadata: {namespace: shop, name: pods}, spec: {clusterIP: None, ports: [{name: http, port: 80}]}}
---
{kind: ServiceExport, apiVersion: multicluster.x-k8s.io/v1alpha1, metadata: {namespace: shop, name: pods}}
---
kind: EndpointSlice
apiVersion: discovery.k8s.io/v1
metadata: {namespace: shop, name: pods-ipv4, labels: {kubernetes.io/service-name: pods}}
addressType: IPv4
ports: [{name: http, port: 8000}]
endpoints:
  - {addresses: [10.10.1.1], hostname: pod-0}
  - {addresses: [10.10.1.2]}
---
{kind: Service, apiVersion: v1, metadata: {namespace: shop, name: web}, spec: {clusterIPs: [10.10.0.1, "fd10::1"], ports: [{name: http, port: 80}]}}
---
{kind: ServiceExport, apiVersion: multicluster.x-k8s.io/v1alpha1, metadata: {namespace: shop, name: web}}
---
kind: EndpointSlice
apiVersion: discovery.k8s.io/v1
metadata: {namespace: shop, name: web-ipv4, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, port: 8000}]
endpoints: [{addresses: [10.10.1.3]}]
`;
const green = blue.replaceAll('10.10.', '10.20.').replaceAll('fd10:', 'fd20:');
const twoLabels = { 'blue.prod': blue, 'green.prod': green };

type Row = readonly [row: string, name: string, type: TypeText, answer: readonly string[]];

describe('names of a cluster whose id has two labels', () => {
  const mesh = new ClusterSet(twoLabels);
  it.each<Row>([
    ['§1 endpoint', 'pod-0.blue.prod.pods.shop.svc', 'A', ['pod-0.blue.prod.pods.shop.svc 5 A 10.10.1.1']],
    [
      '§1 endpoint by address',
      '10-20-1-2.green.prod.pods.shop.svc',
      'A',
      ['10-20-1-2.green.prod.pods.shop.svc 5 A 10.20.1.2'],
    ],
    [
      '§1 SRV targets',
      '_http._tcp.pods.shop.svc',
      'SRV',
      [
        '_http._tcp.pods.shop.svc 5 SRV 0 25 8000 10-10-1-2.blue.prod.pods.shop.svc',
        '_http._tcp.pods.shop.svc 5 SRV 0 25 8000 10-20-1-2.green.prod.pods.shop.svc',
        '_http._tcp.pods.shop.svc 5 SRV 0 25 8000 pod-0.blue.prod.pods.shop.svc',
        '_http._tcp.pods.shop.svc 5 SRV 0 25 8000 pod-0.green.prod.pods.shop.svc',
      ],
    ],
    ['§1 N6 the cluster', 'blue.prod.pods.shop.svc', 'A', ['NXDOMAIN']],
    ['§1 N6 its last label', 'prod.pods.shop.svc', 'A', ['NXDOMAIN']],
    ['§1 N6 its first label', 'pod-0.blue.pods.shop.svc', 'A', ['NXDOMAIN']],
    ['§1 N6 the cluster of a clusterset IP', 'blue.prod.web.shop.svc', 'A', ['NXDOMAIN']],
  ])('%s: %s %s', (_row, name, type, answer) => {
    expect(mesh.answer(name, type)).toEqual(answer);
  });
});

describe('names of clusters, switched on', () => {
  const mesh = new ClusterSet(twoLabels, { clusterNames: true });
  it.each<Row>([
    ['§1 a clusterset IP', 'blue.prod.web.shop.svc', 'A', ['blue.prod.web.shop.svc 5 A 10.10.0.1']],
    ['§1 the other family', 'green.prod.web.shop.svc', 'AAAA', ['green.prod.web.shop.svc 5 AAAA fd20::1']],
    ['§1 no SRV of its own', 'blue.prod.web.shop.svc', 'SRV', ['NOERROR']],
    ['§1 another cluster', 'red.prod.web.shop.svc', 'A', ['NXDOMAIN']],
    ['§1 headless stays reserved', 'blue.prod.pods.shop.svc', 'A', ['NXDOMAIN']],
    ['§1 below it', 'x.blue.prod.web.shop.svc', 'A', ['NXDOMAIN']],
  ])('%s: %s %s', (_row, name, type, answer) => {
    expect(mesh.answer(name, type)).toEqual(answer);
  });
});

describe('names of endpoints', () => {
  const mesh = specMesh();
  it.each<Row>([
    ['§1 host name', 'db-1.east.db.shop.svc', 'AAAA', ['db-1.east.db.shop.svc 5 AAAA fd10:1::21']],
    ['§1 it hides the address', 'fd10-1--21.east.db.shop.svc', 'AAAA', ['NXDOMAIN']],
    [
      '§1 IPv4 address',
      '10-10-1-30.east.hello.shop.svc',
      'A',
      ['10-10-1-30.east.hello.shop.svc 5 A 10.10.1.30'],
    ],
    [
      '§1 IPv6 address',
      'fd10-1-2--0.east.dual.shop.svc',
      'AAAA',
      ['fd10-1-2--0.east.dual.shop.svc 5 AAAA fd10:1:2::'],
    ],
    ['§1 which is not the name without the zero', 'fd10-1-2--.east.dual.shop.svc', 'AAAA', ['NXDOMAIN']],
    ['§1 the other family is not there', 'fd10-1-2--0.east.dual.shop.svc', 'A', ['NOERROR']],
    ['§1 case', 'DB-1.EAST.dB.Shop.SVC', 'A', ['DB-1.EAST.dB.Shop.SVC 5 A 10.10.1.21']],
  ])('%s: %s %s', (_row, name, type, answer) => {
    expect(mesh.answer(name, type)).toEqual(answer);
  });
});

describe('labels are octets', () => {
  const { responder } = specMesh();
  it.each<readonly [row: string, labels: readonly string[]]>([
    ['§1 a dot in a label does not split it', ['web.shop', 'svc', 'clusterset', 'local']],
    ['§1 nor below the service', ['db-0.east', 'db', 'shop', 'svc', 'clusterset', 'local']],
    ['§1 nor in a port', ['_http._tcp', 'web', 'shop', 'svc', 'clusterset', 'local']],
    ['§1 nor in a fixed name', ['ns.dns', 'clusterset', 'local']],
    ['§1 a slash is no separator either', ['web', 'shop/web', 'svc', 'clusterset', 'local']],
    ['§1 octets that are no text', ['\xff\x00\x80', 'shop', 'svc', 'clusterset', 'local']],
    ['§1 case folding ends with ASCII', ['\xd6b', 'shop', 'svc', 'clusterset', 'local']],
  ])('%s', (_row, labels) => {
    expect(ask(responder, labels, 'A').rcode).toBe('NXDOMAIN');
  });

  it('§1 a dot in the zone does not split it', () => {
    expect(ask(responder, ['web', 'shop', 'svc', 'clusterset.local'], 'A').rcode).toBe('REFUSED');
  });
});

describe('a zone of another name', () => {
  const mesh = specMesh({ origin: 'mesh.example.org' });
  it.each([
    ['§1 service', 'web.shop.svc.mesh.example.org.', 'A', 'NOERROR'],
    ['§1 apex', 'mesh.example.org.', 'SOA', 'NOERROR'],
    ['§1 missing', 'nobody.shop.svc.mesh.example.org.', 'A', 'NXDOMAIN'],
    ['§1 parent', 'example.org.', 'A', 'REFUSED'],
    ['§1 the usual name', 'web.shop.svc.clusterset.local.', 'A', 'REFUSED'],
  ] as const)('%s: %s %s %s', (_row, name, type, rcode) => {
    expect(mesh.ask(name, type).rcode).toBe(rcode);
  });

  it('§1 SRV target', () => {
    const [first] = mesh.ask('_http._tcp.web.shop.svc.mesh.example.org.', 'SRV').answers;
    expect(first).toMatchObject({ data: { target: 'web.shop.svc.mesh.example.org' } });
  });
});

describe('names too long for DNS', () => {
  const label = 'x'.repeat(63);
  const id = `${'c'.repeat(31)}.${'d'.repeat(31)}`;
  const long = blue
    .replaceAll('shop', label)
    .replaceAll('pods', `p${label.slice(1)}`)
    .replaceAll('pod-0', `h${label.slice(1)}`);
  const service = `p${label.slice(1)}.${label}.svc`;
  const mesh = new ClusterSet({ [id]: long });

  it('§1 an endpoint without a name still has its address', () => {
    expect(mesh.answer(service, 'A')).toEqual([`${service} 5 A 10.10.1.1`, `${service} 5 A 10.10.1.2`]);
  });

  it('§1 only endpoints that have one are SRV targets', () => {
    const target = `10-10-1-2.${id}.${service}`;
    expect(mesh.answer(service, 'SRV')).toEqual([`${service} 5 SRV 0 100 8000 ${target}`]);
    expect(mesh.answer(target, 'A')).toEqual([`${target} 5 A 10.10.1.2`]);
  });

  it('§1 a port that makes a label of 64 has none', () => {
    const port = blue.replaceAll('name: http', `name: ${label}`);
    const named = new ClusterSet({ east: port });
    expect(named.answer('web.shop.svc', 'SRV')).toEqual(['web.shop.svc 5 SRV 0 100 80 web.shop.svc']);
    const lengths = [...named.zone.snapshot()].flatMap(([labels]) => labels.map(({ length }) => length));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(63);
  });

  it('§1 a zone so long that services do not fit below it has none', () => {
    const origin = [label, label, label, 'example'].join('.');
    const cramped = new ClusterSet({ east: blue.replaceAll('web', label) }, { origin });
    const owners = [...cramped.zone.snapshot()].map(([labels]) => [...labels, origin].join('.'));
    expect(owners.filter(owner => owner.length > 253)).toEqual([]);
    expect(owners).toContain(`pods.shop.svc.${origin}`);
  });
});
