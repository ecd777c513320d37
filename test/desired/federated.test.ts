import { describe, expect, test } from 'vitest';
import { planNative } from '../../src/desired/native-slices.ts';
import { nativeView, sliceLines } from '../kit/native-view.ts';
import { TOOLS } from '../kit/plan.ts';
import { down, type ServiceText, service, serviceExport, slice } from '../kit/shop.ts';

const HTTP = 'clusterIP: 10.96.0.8, ipFamilies: [IPv4], ports: [{name: http, port: 80, targetPort: 1234}]';
const annotation = (selector: string) => `federation.tigera.io/serviceSelector: "${selector}"`;
const federated = (selector = `run == 'api'`, { annotations = '', spec = HTTP }: ServiceText = {}) =>
  service('all', { annotations: [annotation(selector), annotations].filter(Boolean).join(', '), spec });
const api = (name = 'api', labels = 'run: api') => service(name, { labels });

const east = `${federated()}---\n${api()}${slice('api', ['10.1.0.1'])}`;
const west = api() + slice('api', ['10.2.0.1']) + serviceExport('api');
const EAST = 'all east IPv4 http:8080 10.1.0.1';
const WEST = 'all west IPv4 http:8080 10.2.0.1';

/** What is added to Service all of cluster east. */
function plan(clusters: Readonly<Record<string, string>>, lost: readonly string[] = []) {
  const { objects, remarks } = planNative(nativeView('all', clusters, lost), TOOLS);
  return { slices: sliceLines(objects), remarks: remarks.map(({ reason }) => reason) };
}

describe('what backs a federated Service', () => {
  const local = `---\n${api()}${slice('api', ['10.1.0.1'])}`;
  test.each([
    { row: 'Services here and in other clusters', clusters: { east, west }, slices: [EAST, WEST] },
    { row: 'those here need no export', clusters: { east }, slices: [EAST] },
    {
      row: 'those of other clusters need one',
      clusters: { east, west: api() + slice('api', ['10.2.0.1']) },
      slices: [EAST],
    },
    {
      row: 'or to be global',
      clusters: {
        east,
        west:
          service('api', { labels: 'run: api', annotations: 'service.cilium.io/global: "true"' }) +
          slice('api', ['10.2.0.1']),
      },
      slices: [EAST, WEST],
    },
    {
      row: 'of any name, several in one cluster',
      clusters: {
        east,
        west: `${west}---\n${api('api-v2')}${slice('api-v2', ['10.2.1.1'])}${serviceExport('api-v2')}`,
      },
      slices: [EAST, WEST, 'all west IPv4 http:8080 10.2.1.1'],
    },
    {
      row: 'only those whose labels match',
      clusters: {
        east: `${east}---\n${api('db', 'run: db')}${slice('db', ['10.1.9.9'])}`,
        west: api('api', 'run: other') + slice('api', ['10.2.0.1']) + serviceExport('api'),
      },
      slices: [EAST],
    },
    {
      row: 'only other clusters, by the label that none here has',
      clusters: {
        east: federated(`run == 'api' && has(federation.tigera.io/remoteClusterName)`) + local,
        west,
      },
      slices: [WEST],
    },
    {
      row: 'one cluster, by its id',
      clusters: {
        east: federated(`federation.tigera.io/remoteClusterName == 'north'`) + local,
        west,
        north: west.replace('10.2.0.1', '10.3.0.1'),
      },
      slices: ['all north IPv4 http:8080 10.3.0.1'],
    },
    {
      row: 'a Service cannot claim another cluster’s name',
      clusters: {
        east: federated(`federation.tigera.io/remoteClusterName == 'north'`) + local,
        west:
          api('api', 'federation.tigera.io/remoteClusterName: north') +
          slice('api', ['10.2.0.1']) +
          serviceExport('api'),
      },
      slices: [],
    },
    {
      row: 'all Services, but never itself or another federated one',
      clusters: {
        east: `${federated('all()')}${local}---\n${service('chained', {
          annotations: annotation('all()'),
          spec: HTTP,
        })}${slice('chained', ['10.1.7.7'])}`,
        west,
      },
      slices: [EAST, WEST],
    },
    {
      row: 'nothing where nothing matches',
      clusters: { east: federated(`run == 'none'`) + local, west },
      slices: [],
    },
    {
      row: 'endpoints that are not ready, as such',
      clusters: { east, west: api() + slice('api', [down('10.2.0.1')]) + serviceExport('api') },
      slices: [EAST, 'all west IPv4 http:8080 (10.2.0.1)'],
    },
  ])('$row', ({ clusters, slices }) => {
    expect(plan(clusters)).toEqual({ slices, remarks: [] });
  });
});

describe('ports', () => {
  const one = (port: string) => api() + slice('api', ['10.2.0.1'], port) + serviceExport('api');
  test.each([
    {
      row: 'have the numbers of the endpoints, not the Service’s targetPort',
      west: one('{name: http, port: 9090}'),
      slices: ['all west IPv4 http:9090 10.2.0.1'],
      remarks: [],
    },
    {
      row: 'of another name are left out',
      west: one('{name: http, port: 1}, {name: metrics, port: 2}'),
      slices: ['all west IPv4 http:1 10.2.0.1'],
      remarks: [],
    },
    {
      row: 'of another protocol are left out, and that is said where none is left',
      west: one('{name: http, protocol: UDP, port: 1}'),
      slices: [],
      remarks: ['NothingInCommon'],
    },
  ])('$row', ({ west, slices, remarks }) => {
    expect(plan({ east: federated(), west })).toEqual({ slices, remarks });
  });
});

describe('what a federated Service must not be', () => {
  test.each([
    {
      row: 'with a selector of its own',
      service: federated(undefined, { spec: `${HTTP}, selector: {app: a}` }),
      reason: 'FederationIgnored',
      says: 'remove spec.selector, or the annotation',
    },
    {
      row: 'an ExternalName',
      service: federated(undefined, { spec: 'type: ExternalName, externalName: a.example' }),
      reason: 'FederationIgnored',
      says: 'give it another type',
    },
    {
      row: 'with a selector that cannot be read',
      service: federated(`run = 'api'`),
      reason: 'FederationSelectorInvalid',
      says: `selects nothing, so the Service has no endpoints: at character 5 found "= 'api'": expected "=="`,
    },
    {
      row: 'with an empty selector',
      service: federated(''),
      reason: 'FederationSelectorInvalid',
      says: 'at character 1 found its end',
    },
  ])('$row', ({ service, reason, says }) => {
    const { objects, remarks } = planNative(nativeView('all', { east: service, west }), TOOLS);
    expect(objects).toEqual([]);
    expect(remarks).toEqual([
      {
        about: { kind: 'Service', namespace: 'shop', name: 'all' },
        reason,
        message: expect.stringContaining(says),
      },
    ]);
  });

  test('without the annotation nothing is added', () => {
    expect(plan({ east: service('all', { spec: HTTP }), west })).toEqual({ slices: [], remarks: [] });
  });
});

describe('a cluster that is held for lost', () => {
  test.each([
    {
      row: 'stands by while another serves',
      clusters: { east, west },
      slices: [EAST, 'all west IPv4 http:8080 (10.2.0.1)'],
    },
    { row: 'stays as last known where none does', clusters: { east: federated(), west }, slices: [WEST] },
  ])('$row', ({ clusters, slices }) => {
    expect(plan(clusters, ['west'])).toEqual({ slices, remarks: [] });
  });
});

describe('the objects that are written', () => {
  const pod = (address: string) => `{addresses: [${address}], nodeName: node-1, conditions: {ready: true}}`;
  const { objects } = planNative(
    nativeView('all', {
      east: `${federated()}---\n${api()}${slice('api', [pod('10.1.0.1')])}`,
      west: api() + slice('api', [pod('10.2.0.1')]) + serviceExport('api'),
    }),
    TOOLS,
  );

  test('belong to the federated Service, one for each slice behind it', () => {
    expect(objects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)).toEqual([
      expect.stringMatching(/^EndpointSlice shop\/all-east-[0-9a-v]{10}$/),
      expect.stringMatching(/^EndpointSlice shop\/all-west-[0-9a-v]{10}$/),
    ]);
    expect(objects.map(({ manifest }) => manifest)).toMatchObject(
      objects.map(() => ({
        metadata: { labels: { 'kubernetes.io/service-name': 'all', 'causeway.dev/service-name': 'all' } },
      })),
    );
  });

  test('name the node of a pod here, and none of a pod elsewhere', () => {
    const nodes = objects.flatMap(({ manifest }) =>
      (manifest['endpoints'] as { nodeName?: string }[]).map(({ nodeName }) => nodeName),
    );
    expect(nodes).toEqual(['node-1', undefined]);
  });
});

describe('a Service that is federated and global', () => {
  test('gets a slice that both bring in once, and as the global one', () => {
    const annotations = 'service.cilium.io/global: "true", service.cilium.io/affinity: local';
    const there = service('all', { labels: 'run: api', annotations }) + slice('all', ['10.2.0.1']);
    const here = federated(undefined, { annotations }) + slice('all', ['10.1.0.1']);
    expect(plan({ east: here, west: there }).slices).toEqual(['all west IPv4 http:8080 (10.2.0.1)']);
  });
});
