import { describe, expect, test } from 'vitest';
import { exportedServiceReader } from '../../src/objects/exported-service.ts';
import { readRaw, readYaml } from '../kit/reading.ts';

function read(rest = '', must = 'sharedAs: [ClusterSet], type: ClusterSetIP') {
  const { object, problems } = readYaml(
    exportedServiceReader,
    '{apiVersion: causeway.dev/v1alpha1, kind: ExportedService, ' +
      'metadata: {name: shop.payments, namespace: causeway-exports}, ' +
      `spec: {cluster: east, namespace: shop, name: payments, ${must}, ${rest}}}`,
  );
  return { exported: object, problems };
}

const plain = {
  kind: 'ExportedService',
  cluster: 'east',
  publishedAs: 'causeway-exports/shop.payments',
  namespace: 'shop',
  name: 'payments',
  sharedAs: ['ClusterSet'],
  type: 'ClusterSetIP',
  ports: [],
  ipFamilies: [],
  sessionAffinity: 'None',
  labels: {},
  annotations: {},
  traffic: {},
  clusterIPs: [],
  loadBalancerIPs: [],
};

describe('what another cluster tells of a service', () => {
  test('nothing but the least', () => {
    expect(read()).toEqual({ exported: plain, problems: [] });
  });

  test.each([
    { row: 'creation', rest: 'exportedAt: "2026-01-01T00:00:00Z"', gives: { exportedAt: 1_767_225_600_000 } },
    {
      row: 'ports',
      rest: 'ports: [{name: http, protocol: TCP, port: 80, appProtocol: kubernetes.io/h2c}]',
      gives: { ports: [{ name: 'http', protocol: 'TCP', port: 80, appProtocol: 'kubernetes.io/h2c' }] },
    },
    { row: 'families', rest: 'ipFamilies: [IPv6, IPv4]', gives: { ipFamilies: ['IPv6', 'IPv4'] } },
    {
      row: 'session affinity',
      rest: 'sessionAffinity: ClientIP, sessionAffinityTimeoutSeconds: 10',
      gives: { sessionAffinity: 'ClientIP', sessionAffinityTimeoutSeconds: 10 },
    },
    {
      row: 'policies',
      rest: 'internalTrafficPolicy: Local, trafficDistribution: PreferSameZone',
      gives: { internalTrafficPolicy: 'Local', trafficDistribution: 'PreferSameZone' },
    },
    {
      row: 'traffic',
      rest: 'traffic: {weight: 0, affinity: local, backends: endpoints, ttl: 3600}',
      gives: { traffic: { weight: 0, affinity: 'local', backends: 'endpoints', ttl: 3600 } },
    },
    {
      row: 'addresses, made canonical',
      rest: 'clusterIPs: [10.0.0.1, "FD00:0::1"], loadBalancerIPs: [192.0.2.1]',
      gives: { clusterIPs: ['10.0.0.1', 'fd00::1'], loadBalancerIPs: ['192.0.2.1'] },
    },
    {
      row: 'labels of the Service, even reserved ones, for they are only selected by',
      rest: 'serviceLabels: {app: pay, kubernetes.io/cluster-service: "true"}',
      gives: { serviceLabels: { app: 'pay', 'kubernetes.io/cluster-service': 'true' } },
    },
  ])('$row', ({ rest, gives }) => {
    expect(read(rest)).toEqual({ exported: { ...plain, ...gives }, problems: [] });
  });
});

describe('a newer Causeway in the other cluster', () => {
  test('a way of sharing that is not known is passed over', () => {
    const { exported, problems } = read('', 'sharedAs: [Gateway, ClusterSet], type: Headless');
    expect(exported).toMatchObject({ sharedAs: ['ClusterSet'] });
    expect(problems).toEqual([]);
  });

  test.each(['[Gateway]', '[]'])('where none is known, sharedAs %s, it is said what to do', sharedAs => {
    const { exported, problems } = read('', `sharedAs: ${sharedAs}, type: Headless`);
    expect(exported).toBeUndefined();
    const message = expect.stringMatching(/ClusterSet, Global; cluster east runs a newer Causeway.*upgrade/);
    expect(problems).toMatchObject([{ severity: 'error', field: 'spec.sharedAs', message }]);
  });

  test('a type that is not known', () => {
    const { exported, problems } = read('', 'sharedAs: [ClusterSet], type: Gateway');
    expect(exported).toBeUndefined();
    const message = expect.stringMatching(/found "Gateway".*newer Causeway, upgrade this one/);
    expect(problems).toMatchObject([{ severity: 'error', field: 'spec.type', message }]);
  });

  test('fields that are not known are dropped', () => {
    expect(read('mesh: {tier: 1}, traffic: {zoneAware: true}')).toEqual({ exported: plain, problems: [] });
  });
});

describe('a part that could do harm is left out with a warning', () => {
  test.each([
    { rest: 'clusterIPs: [127.0.0.1]', field: 'spec.clusterIPs[0]', leaves: { clusterIPs: [] } },
    { rest: 'clusterIPs: ["::"]', field: 'spec.clusterIPs[0]', leaves: { clusterIPs: [] } },
    {
      rest: 'loadBalancerIPs: [169.254.169.254]',
      field: 'spec.loadBalancerIPs[0]',
      leaves: { loadBalancerIPs: [] },
    },
    { rest: 'loadBalancerIPs: [ff02::1]', field: 'spec.loadBalancerIPs[0]', leaves: { loadBalancerIPs: [] } },
    {
      rest: 'loadBalancerIPs: [255.255.255.255]',
      field: 'spec.loadBalancerIPs[0]',
      leaves: { loadBalancerIPs: [] },
    },
    {
      rest: 'loadBalancerIPs: [nonsense]',
      field: 'spec.loadBalancerIPs[0]',
      leaves: { loadBalancerIPs: [] },
    },
    {
      rest: 'ports: [{name: a, port: 1}, {name: a, port: 2}]',
      field: 'spec.ports[1]',
      leaves: { ports: [{ name: 'a', protocol: 'TCP', port: 1 }] },
    },
    {
      rest: 'ports: [{port: 1, appProtocol: "a b"}]',
      field: 'spec.ports[0].appProtocol',
      leaves: { ports: [{ name: '', protocol: 'TCP', port: 1 }] },
    },
    {
      rest: 'traffic: {weight: 1001, ttl: 5}',
      field: 'spec.traffic.weight',
      leaves: { traffic: { ttl: 5 } },
    },
    { rest: 'traffic: {weight: "80"}', field: 'spec.traffic.weight', leaves: { traffic: {} } },
    { rest: 'traffic: {ttl: -1}', field: 'spec.traffic.ttl', leaves: { traffic: {} } },
    { rest: 'traffic: {affinity: nearest}', field: 'spec.traffic.affinity', leaves: { traffic: {} } },
    { rest: 'traffic: [80]', field: 'spec.traffic', leaves: { traffic: {} } },
    { rest: 'exportedAt: yesterday', field: 'spec.exportedAt', leaves: { name: 'payments' } },
    { rest: 'exportedAt: "1969-12-31T23:59:59Z"', field: 'spec.exportedAt', leaves: { name: 'payments' } },
    {
      rest: 'exportedAt: "9999-12-31T23:59:59-01:00"',
      field: 'spec.exportedAt',
      leaves: { name: 'payments' },
    },
    { rest: 'trafficDistribution: "a\\nb"', field: 'spec.trafficDistribution', leaves: { name: 'payments' } },
  ])('$rest', ({ rest, field, leaves }) => {
    const { exported, problems } = read(rest);
    expect(exported).toMatchObject(leaves);
    expect(exported).not.toHaveProperty('exportedAt');
    expect(exported).not.toHaveProperty('trafficDistribution');
    expect(problems).toMatchObject([{ severity: 'warning', field }]);
  });
});

describe('an object that lies about what it is, or is too big, is refused', () => {
  const many = (count: number, item: (index: number) => string) =>
    `[${Array.from({ length: count }, (_, index) => item(index)).join(', ')}]`;

  test.each([
    { rest: 'cluster: East', field: 'spec.cluster' },
    { rest: `cluster: ${'a'.repeat(64)}`, field: 'spec.cluster' },
    { rest: 'namespace: kube/system', field: 'spec.namespace' },
    { rest: 'name: a.b', field: 'spec.name' },
    { rest: 'name: "*"', field: 'spec.name' },
    { rest: 'ports: [{port: 0}]', field: 'spec.ports[0].port' },
    { rest: 'ports: [{port: 65536}]', field: 'spec.ports[0].port' },
    { rest: 'ports: [{port: 1, name: Web}]', field: 'spec.ports[0].name' },
    { rest: `ports: ${many(101, port => `{port: ${port + 1}, name: p${port}}`)}`, field: 'spec.ports' },
    { rest: `loadBalancerIPs: ${many(33, host => `10.0.0.${host}`)}`, field: 'spec.loadBalancerIPs' },
    { rest: 'clusterIPs: [10.0.0.1, 10.0.0.2, 10.0.0.3]', field: 'spec.clusterIPs' },
    { rest: 'ipFamilies: [IPv4, IPv6, IPv4]', field: 'spec.ipFamilies' },
    { rest: 'sessionAffinityTimeoutSeconds: 86401', field: 'spec.sessionAffinityTimeoutSeconds' },
    { rest: 'labels: {a: 1}', field: 'spec.labels.a' },
    { rest: 'labels: {"a\\nb": 1}', field: 'spec.labels["a\\nb"]' },
  ])('$field', ({ rest, field }) => {
    const parts = { cluster: 'east', namespace: 'shop', name: 'payments' };
    const [first = ''] = rest.split(':');
    const must = Object.entries(parts)
      .filter(([part]) => part !== first)
      .map(([part, value]) => `${part}: ${value}`);
    const { object, problems } = readYaml(
      exportedServiceReader,
      `{metadata: {name: x, namespace: causeway-exports}, spec: {${must.join(', ')}, sharedAs: [Global], type: Headless, ${rest}}}`,
    );
    expect(object).toBeUndefined();
    expect(problems).toMatchObject([{ severity: 'error', field }]);
  });

  test('a list without end is not looked through', () => {
    const spec = { cluster: 'east', namespace: 'shop', name: 'a', sharedAs: ['Global'], type: 'Headless' };
    const loadBalancerIPs = Array.from({ length: 1_000_000 }, () => 7);
    const raw = { metadata: { name: 'x' }, spec: { ...spec, loadBalancerIPs } };
    const { problems } = readRaw(exportedServiceReader, raw);
    expect(problems).toMatchObject([
      { field: 'spec.loadBalancerIPs', message: 'found a list: must be a list of at most 32' },
    ]);
  });
});
