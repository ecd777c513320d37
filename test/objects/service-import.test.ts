import { describe, expect, test } from 'vitest';
import { serviceImportReader } from '../../src/objects/service-import.ts';
import { readRaw, readYaml } from '../kit/reading.ts';

function read(spec: string, rest = '', annotations = '') {
  const metadata = `{name: payments, namespace: shop, annotations: {${annotations}}}`;
  const { object, problems } = readYaml(
    serviceImportReader,
    `{metadata: ${metadata}, spec: {${spec}}${rest}}`,
  );
  return { imported: object, problems };
}

const plain = {
  kind: 'ServiceImport',
  namespace: 'shop',
  name: 'payments',
  type: 'ClusterSetIP',
  ports: [],
  ips: [],
  ipFamilies: [],
  sessionAffinity: 'None',
  clusters: [],
  traffic: {},
};

describe('a ServiceImport', () => {
  test('of another controller, with the least that the schema wants', () => {
    expect(read('type: ClusterSetIP, ports: []')).toEqual({ imported: plain, problems: [] });
  });

  test('with everything', () => {
    const { imported, problems } = read(
      'type: ClusterSetIP, ports: [{name: http, protocol: TCP, port: 80}], ips: [10.0.0.9, "FD00::9"], ' +
        'ipFamilies: [IPv4, IPv6], sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 10}}, ' +
        'internalTrafficPolicy: Cluster, trafficDistribution: PreferClose',
      ', status: {clusters: [{cluster: east}, {cluster: west}], endpointSliceObjects: Present}',
    );
    expect(imported).toEqual({
      ...plain,
      ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
      ips: ['10.0.0.9', 'fd00::9'],
      ipFamilies: ['IPv4', 'IPv6'],
      sessionAffinity: 'ClientIP',
      sessionAffinityTimeoutSeconds: 10,
      internalTrafficPolicy: 'Cluster',
      trafficDistribution: 'PreferClose',
      clusters: ['east', 'west'],
    });
    expect(problems).toEqual([]);
  });

  test('families that are not said are those of the addresses', () => {
    expect(read('type: ClusterSetIP, ips: ["fd00::9"]').imported).toMatchObject({ ipFamilies: ['IPv6'] });
  });

  test('a cluster whose id is none is left out with a warning', () => {
    const { imported, problems } = read(
      'type: Headless',
      ', status: {clusters: [{cluster: East}, {cluster: west}]}',
    );
    expect(imported).toMatchObject({ clusters: ['west'] });
    expect(problems).toMatchObject([{ severity: 'warning', field: 'status.clusters[0].cluster' }]);
  });

  test.each([
    { spec: 'type: Gateway', field: 'spec.type' },
    { spec: 'ports: []', field: 'spec.type' },
    { spec: 'type: Headless, ports: [{port: 65536}]', field: 'spec.ports[0].port' },
  ])('{$spec} is refused', ({ spec, field }) => {
    const { imported, problems } = read(spec);
    expect(imported).toBeUndefined();
    expect(problems).toMatchObject([{ severity: 'error', field }]);
  });
});

describe('the annotation causeway.dev/traffic', () => {
  const withTraffic = (value: unknown) => {
    const metadata = { name: 'payments', namespace: 'shop', annotations: { 'causeway.dev/traffic': value } };
    const { object, problems } = readRaw(serviceImportReader, { metadata, spec: { type: 'ClusterSetIP' } });
    return { traffic: object?.traffic, problems };
  };

  test('says what the merge decided', () => {
    const traffic = {
      affinity: 'local',
      backends: 'loadbalancer',
      ttl: 5,
      clusters: {
        east: { weight: 80, loadBalancerIPs: ['192.0.2.1'] },
        'west.eu': { clusterIPs: ['10.0.0.1'] },
        north: {},
      },
    };
    expect(withTraffic(JSON.stringify(traffic))).toEqual({ traffic, problems: [] });
  });

  test.each([
    { junk: 'weights' },
    { junk: '[80]' },
    { junk: '80' },
    { junk: '{' },
    { junk: 80 },
    { junk: `"${'a'.repeat(262_144)}"` },
  ])('junk such as $junk is a warning and no setting', ({ junk }) => {
    const { traffic, problems } = withTraffic(junk);
    expect(traffic).toEqual({});
    const field = 'metadata.annotations["causeway.dev/traffic"]';
    expect(problems).toMatchObject([{ severity: 'warning', field }]);
  });

  test.each([
    { part: { affinity: 'nearest', ttl: 5 }, leaves: { ttl: 5 } },
    { part: { ttl: 3601 }, leaves: {} },
    { part: { clusters: [] }, leaves: {} },
    {
      part: { clusters: { East: { weight: 1 }, west: { weight: 2 } } },
      leaves: { clusters: { west: { weight: 2 } } },
    },
    { part: { clusters: { west: { weight: -1 } } }, leaves: { clusters: { west: {} } } },
    { part: { clusters: { west: { clusterIPs: '10.0.0.1' } } }, leaves: { clusters: { west: {} } } },
    {
      part: { clusters: { west: { clusterIPs: ['127.0.0.1'] } } },
      leaves: { clusters: { west: { clusterIPs: [] } } },
    },
    { part: { clusters: { west: 80 } }, leaves: { clusters: { west: {} } } },
  ])('junk within it costs only that part: $part', ({ part, leaves }) => {
    const { traffic, problems } = withTraffic(JSON.stringify(part));
    expect(traffic).toEqual(leaves);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.every(({ severity }) => severity === 'warning')).toBe(true);
  });

  test('a cluster that is named like a part of every object is a cluster', () => {
    const { traffic } = withTraffic(
      '{"clusters": {"constructor": {"weight": 1}, "__proto__": {"weight": 2}}}',
    );
    expect(Object.keys(traffic?.clusters ?? {})).toEqual(['constructor']);
  });
});
