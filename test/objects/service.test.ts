import { describe, expect, test } from 'vitest';
import { objectsOf } from '../kit/mesh.ts';

function read(spec: string, rest = '', name = 'payments') {
  const metadata = `{name: ${name}, namespace: shop}`;
  const { objects, problems } = objectsOf(
    `{apiVersion: v1, kind: Service, metadata: ${metadata}, spec: {${spec}}${rest}}`,
  );
  return { service: objects[0], problems };
}

describe('a Service is cut down to what Causeway uses', () => {
  const plain = {
    kind: 'Service',
    namespace: 'shop',
    name: 'payments',
    type: 'ClusterIP',
    headless: false,
    clusterIPs: [],
    loadBalancerIPs: [],
    ports: [],
    ipFamilies: [],
    sessionAffinity: 'None',
  };

  test.each([
    { row: 'nothing said: the defaults of the API', spec: '', gives: {} },
    { row: 'null is absent', spec: 'type: null, ports: null, clusterIPs: null, ipFamilies: null', gives: {} },
    {
      row: 'one cluster IP, family told by it',
      spec: 'clusterIP: 10.0.0.1',
      gives: { clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv4'] },
    },
    {
      row: 'two cluster IPs, made canonical',
      spec: 'clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1, "FD10:0::0010"]',
      gives: { clusterIPs: ['10.0.0.1', 'fd10::10'], ipFamilies: ['IPv4', 'IPv6'] },
    },
    {
      row: 'families as declared, in their order',
      spec: 'clusterIPs: [10.0.0.1], ipFamilies: [IPv6, IPv4, IPv6]',
      gives: { clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv6', 'IPv4'] },
    },
    { row: 'headless', spec: 'clusterIP: None', gives: { headless: true } },
    { row: 'headless by the list alone', spec: 'clusterIPs: [None]', gives: { headless: true } },
    { row: 'no cluster IP yet', spec: 'clusterIP: ""', gives: {} },
    {
      row: 'ExternalName',
      spec: 'type: ExternalName, externalName: a.example',
      gives: { type: 'ExternalName' },
    },
    {
      row: 'ports: name and protocol default, target and node ports dropped',
      spec: 'ports: [{port: 80, targetPort: web, nodePort: 30080}, {name: dns, port: 53, protocol: UDP, appProtocol: doq}]',
      gives: {
        ports: [
          { name: '', protocol: 'TCP', port: 80 },
          { name: 'dns', protocol: 'UDP', port: 53, appProtocol: 'doq' },
        ],
      },
    },
    {
      row: 'one number under two protocols',
      spec: 'ports: [{name: a, port: 53}, {name: b, port: 53, protocol: UDP}]',
      gives: {
        ports: [
          { name: 'a', protocol: 'TCP', port: 53 },
          { name: 'b', protocol: 'UDP', port: 53 },
        ],
      },
    },
    {
      row: 'client affinity with the time of the API',
      spec: 'sessionAffinity: ClientIP',
      gives: { sessionAffinity: 'ClientIP', sessionAffinityTimeoutSeconds: 10_800 },
    },
    {
      row: 'client affinity with its time',
      spec: 'sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 10}}',
      gives: { sessionAffinity: 'ClientIP', sessionAffinityTimeoutSeconds: 10 },
    },
    {
      row: 'traffic policies',
      spec: 'internalTrafficPolicy: Local, trafficDistribution: PreferClose',
      gives: { internalTrafficPolicy: 'Local', trafficDistribution: 'PreferClose' },
    },
  ])('$row', ({ spec, gives }) => {
    expect(read(spec)).toEqual({ service: { ...plain, ...gives }, problems: [] });
  });

  test('load balancer addresses; an ingress point with a host name only has none', () => {
    const status = ', status: {loadBalancer: {ingress: [{hostname: lb.example}, {ip: 192.0.2.1}, {ip: ""}]}}';
    const { service, problems } = read('type: LoadBalancer', status);
    expect(service).toMatchObject({ type: 'LoadBalancer', loadBalancerIPs: ['192.0.2.1'] });
    expect(problems).toEqual([]);
  });

  test('no namespace is the default namespace', () => {
    const { objects } = objectsOf('{apiVersion: v1, kind: Service, metadata: {name: a}}');
    expect(objects).toMatchObject([{ namespace: 'default', name: 'a' }]);
  });
});

describe('a part that cannot be used is left out with a warning', () => {
  test.each([
    {
      row: 'no address',
      spec: 'clusterIPs: [10.0.0.1, 10.0.0.256]',
      field: 'spec.clusterIPs[1]',
      found: '"10.0.0.256": is not an IP address',
      leaves: { clusterIPs: ['10.0.0.1'] },
    },
    {
      row: 'loopback as cluster IP',
      spec: 'clusterIP: 127.0.0.1',
      field: 'spec.clusterIP[0]',
      found: 'loopback',
      leaves: { clusterIPs: [] },
    },
    {
      row: 'a port name twice',
      spec: 'ports: [{name: a, port: 1}, {name: a, port: 2}]',
      field: 'spec.ports[1]',
      found: 'TCP/2 "a"',
      leaves: { ports: [{ name: 'a', protocol: 'TCP', port: 1 }] },
    },
    {
      row: 'a port number twice',
      spec: 'ports: [{name: a, port: 1}, {name: b, port: 1}]',
      field: 'spec.ports[1]',
      found: 'TCP/1 "b"',
      leaves: { ports: [{ name: 'a', protocol: 'TCP', port: 1 }] },
    },
  ])('$row', ({ spec, field, found, leaves }) => {
    const { service, problems } = read(spec);
    expect(service).toMatchObject(leaves);
    const message = expect.stringContaining(found);
    expect(problems).toEqual([{ severity: 'warning', object: 'Service shop/payments', field, message }]);
  });

  test('the index of an ingress point is its own, not that among those with an address', () => {
    const status = ', status: {loadBalancer: {ingress: [{hostname: lb.example}, {ip: nonsense}]}}';
    expect(read('', status).problems).toMatchObject([{ field: 'status.loadBalancer.ingress[1].ip' }]);
  });
});

describe('an object that no API server would take is refused, and the field named', () => {
  test.each([
    { row: 'port 0', spec: 'ports: [{port: 0}]', field: 'spec.ports[0].port', found: 'found 0' },
    { row: 'port 65536', spec: 'ports: [{port: 65536}]', field: 'spec.ports[0].port', found: 'found 65536' },
    { row: 'port 1.5', spec: 'ports: [{port: 1.5}]', field: 'spec.ports[0].port', found: 'found 1.5' },
    { row: 'port as text', spec: 'ports: [{port: "80"}]', field: 'spec.ports[0].port', found: 'found "80"' },
    {
      row: 'no port number',
      spec: 'ports: [{name: a}]',
      field: 'spec.ports[0].port',
      found: 'found nothing',
    },
    {
      row: 'unknown protocol',
      spec: 'ports: [{port: 1, protocol: tcp}]',
      field: 'spec.ports[0].protocol',
      found: 'must be TCP, UDP or SCTP',
    },
    {
      row: 'port name that is no label',
      spec: 'ports: [{port: 1, name: Web_1}]',
      field: 'spec.ports[0].name',
      found: 'found "Web_1"',
    },
    { row: 'unknown type', spec: 'type: Cluster', field: 'spec.type', found: 'found "Cluster"' },
    {
      row: 'ports as mapping',
      spec: 'ports: {port: 1}',
      field: 'spec.ports',
      found: 'a mapping: must be a list',
    },
    { row: 'unknown family', spec: 'ipFamilies: [v4]', field: 'spec.ipFamilies[0]', found: 'IPv4 or IPv6' },
  ])('$row', ({ spec, field, found }) => {
    const { service, problems } = read(spec);
    expect(service).toBeUndefined();
    const message = expect.stringContaining(found);
    expect(problems).toEqual([{ severity: 'error', object: 'Service shop/payments', field, message }]);
  });

  test.each(['Payments', 'pay_ments', '-a', 'a-', 'a.b', 'a'.repeat(64), '"😀"', '""'])('name %s', name => {
    const { service, problems } = read('', '', name);
    expect(service).toBeUndefined();
    expect(problems).toMatchObject([{ severity: 'error', field: 'metadata.name' }]);
  });

  test('a name of 63 characters is taken', () => {
    expect(read('', '', 'a'.repeat(63)).service).toMatchObject({ name: 'a'.repeat(63) });
  });
});
