import { describe, expect, test } from 'vitest';
import { readEndpointSlice, type SliceOrigin } from '../../src/objects/endpoint-slice.ts';
import { readRaw, readYaml } from '../kit/reading.ts';

const NATIVE = 'kubernetes.io/service-name: payments';
const MIRRORED =
  'multicluster.kubernetes.io/service-name: payments, multicluster.kubernetes.io/source-cluster: east';
const PUBLISHED =
  'causeway.dev/service-namespace: shop, causeway.dev/service-name: payments, ' +
  'multicluster.kubernetes.io/source-cluster: east';

function reading(origin: SliceOrigin, keep: 'answers' | 'everything' = 'everything') {
  return {
    read: (raw: unknown, problems: Parameters<typeof readEndpointSlice>[1]) =>
      readEndpointSlice(raw, problems, origin, keep),
  };
}

function read(origin: SliceOrigin, labels: string, rest = '', keep?: 'answers' | 'everything') {
  const text = `{metadata: {name: payments-1, namespace: home, labels: {${labels}}}, addressType: IPv4, ${rest}}`;
  return readYaml(reading(origin, keep), text);
}

describe('what a slice belongs to', () => {
  test.each([
    { origin: 'native', labels: NATIVE, gives: { namespace: 'home', serviceName: 'payments' } },
    {
      origin: 'mirrored',
      labels: `${MIRRORED}, kubernetes.io/service-name: derived-0123456789`,
      gives: { namespace: 'home', serviceName: 'payments', sourceCluster: 'east' },
    },
    {
      origin: 'published',
      labels: PUBLISHED,
      gives: { namespace: 'shop', serviceName: 'payments', sourceCluster: 'east' },
    },
  ] as const)('$origin', ({ origin, labels, gives }) => {
    const slice = {
      kind: 'EndpointSlice',
      name: 'payments-1',
      ...gives,
      addressType: 'IPv4',
      ports: [],
      endpoints: [],
    };
    expect(read(origin, labels)).toEqual({ object: slice, problems: [] });
  });

  test.each([
    { origin: 'mirrored', labels: NATIVE },
    { origin: 'mirrored', labels: 'multicluster.kubernetes.io/service-name: payments' },
    { origin: 'published', labels: MIRRORED },
    { origin: 'published', labels: PUBLISHED.replace('causeway.dev/service-namespace: shop, ', '') },
    { origin: 'native', labels: PUBLISHED },
  ] as const)('a slice with {$labels} is none that is $origin', ({ origin, labels }) => {
    const { object, problems } = read(origin, labels);
    expect(object).toBeUndefined();
    expect(problems[0]).toMatchObject({ severity: 'warning', field: 'metadata.labels' });
  });

  test.each([
    {
      row: 'a namespace that is none',
      labels: PUBLISHED.replace(': shop', ': ../shop'),
      key: 'causeway.dev/service-namespace',
    },
    {
      row: 'a service that is none',
      labels: PUBLISHED.replace(': payments', ': "*"'),
      key: 'causeway.dev/service-name',
    },
    {
      row: 'a cluster that is none',
      labels: PUBLISHED.replace(': east', ': East'),
      key: 'multicluster.kubernetes.io/source-cluster',
    },
  ])('$row is refused', ({ labels, key }) => {
    const { object, problems } = read('published', labels);
    expect(object).toBeUndefined();
    expect(problems).toMatchObject([{ severity: 'error', field: `metadata.labels.${key}` }]);
  });

  test('a slice that we added to a Service is none of its own: its endpoints are other clusters’', () => {
    const labels = `${NATIVE}, endpointslice.kubernetes.io/managed-by: controller.causeway.dev`;
    const { object, problems } = read('native', labels);
    expect(object).toBeUndefined();
    expect(problems).toMatchObject([{ severity: 'warning', field: expect.stringContaining('managed-by') }]);
  });
});

describe('what kube-proxy looks at', () => {
  const endpoints = (rest: string) => `endpoints: [{addresses: [10.1.0.1], ${rest}}]`;

  test.each([
    { row: 'nothing said', rest: '', topology: undefined },
    {
      row: 'null is nothing',
      rest: 'zone: null, nodeName: null, conditions: {serving: null}',
      topology: undefined,
    },
    {
      row: 'all of it',
      rest: 'zone: eu-1a, nodeName: node-1.example, conditions: {ready: false, serving: true, terminating: true}',
      topology: { serving: true, terminating: true, zone: 'eu-1a', nodeName: 'node-1.example' },
    },
    {
      row: 'a lost cluster’s last readiness',
      rest: 'conditions: {ready: false, serving: true, terminating: false}',
      topology: { serving: true, terminating: false },
    },
  ])('$row', ({ rest, topology }) => {
    const { object, problems } = read('mirrored', MIRRORED, endpoints(rest));
    expect(object?.endpoints[0]?.topology).toEqual(topology);
    expect(problems).toEqual([]);
  });

  test('is not kept for answers', () => {
    const { object } = read('native', NATIVE, endpoints('zone: a, conditions: {serving: true}'), 'answers');
    expect(object?.endpoints).toEqual([{ addresses: ['10.1.0.1'], ready: true }]);
  });

  test.each(['zone: "a b"', 'nodeName: Node_1'])('{%s} is left out with a warning', rest => {
    const { object, problems } = read('published', PUBLISHED, endpoints(rest));
    expect(object?.endpoints).toEqual([{ addresses: ['10.1.0.1'], ready: true }]);
    expect(problems).toMatchObject([{ severity: 'warning', field: `endpoints[0].${rest.split(':')[0]}` }]);
  });

  test('equal ones share one object, within a slice and between slices', () => {
    const two = 'endpoints: [{addresses: [10.1.0.1], nodeName: n}, {addresses: [10.1.0.2], nodeName: n}]';
    const slices = [read('native', NATIVE, two), read('published', PUBLISHED, two)];
    const topologies = slices.flatMap(({ object }) => object?.endpoints.map(({ topology }) => topology));
    expect(topologies).toHaveLength(4);
    expect(new Set(topologies).size).toBe(1);
  });

  test('a flood of different ones changes nothing', () => {
    const nodes = Array.from({ length: 10_000 }, (_, index) => `node-${index}`);
    const raw = (names: readonly string[]) => ({
      metadata: { name: 'a', labels: { 'kubernetes.io/service-name': 'a' } },
      addressType: 'IPv4',
      endpoints: names.map(nodeName => ({ addresses: ['10.1.0.1'], nodeName })),
    });
    const { object } = readRaw(reading('native'), raw(nodes));
    expect(object?.endpoints.map(({ topology }) => topology?.nodeName)).toEqual(nodes);
  });
});

describe('what is published is hostile', () => {
  const list = (count: number, item: (index: number) => string) =>
    `[${Array.from({ length: count }, (_, index) => item(index)).join(', ')}]`;

  test.each([
    {
      row: '1001 endpoints',
      rest: `endpoints: ${list(1001, () => '{addresses: [10.1.0.1]}')}`,
      field: 'endpoints',
    },
    { row: '101 ports', rest: `ports: ${list(101, index => `{name: p${index}, port: 1}`)}`, field: 'ports' },
    {
      row: '101 addresses',
      rest: `endpoints: [{addresses: ${list(101, () => '10.1.0.1')}}]`,
      field: 'endpoints',
    },
  ])('$row are too many', ({ rest, field }) => {
    const { object, problems } = read('published', PUBLISHED, rest);
    expect(object).toBeUndefined();
    expect(problems).toMatchObject([{ severity: 'error', field }]);
  });

  test('1000 endpoints are not', () => {
    const { object } = read(
      'published',
      PUBLISHED,
      `endpoints: ${list(1000, () => '{addresses: [10.1.0.1]}')}`,
    );
    expect(object?.endpoints).toHaveLength(1000);
  });

  test('addresses that mean "here" never get in', () => {
    const here = ['127.0.0.1', '169.254.169.254', '0.0.0.0', '224.0.0.1', '255.255.255.255'];
    const { object } = read('published', PUBLISHED, `endpoints: [{addresses: [${here.join(', ')}]}]`);
    expect(object?.endpoints).toEqual([]);
  });

  test('a port name that is there twice is there once', () => {
    const { object, problems } = read(
      'published',
      PUBLISHED,
      'ports: [{name: a, port: 1}, {name: a, port: 2}]',
    );
    expect(object?.ports).toEqual([{ name: 'a', protocol: 'TCP', port: 1 }]);
    expect(problems).toMatchObject([{ severity: 'warning', field: 'ports[1]' }]);
  });

  test.each([null, 7, [], {}, { endpoints: [null] }, { metadata: { labels: 7 } }])(
    '%j does not throw',
    raw => {
      const { object, problems } = readRaw(reading('published'), raw);
      expect(object).toBeUndefined();
      expect(problems).not.toEqual([]);
    },
  );
});
