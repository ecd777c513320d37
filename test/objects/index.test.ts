import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { familyOf, parseAddress } from '../../src/base/ip.ts';
import { isLabel } from '../../src/base/name.ts';
import { readObject } from '../../src/objects/index.ts';
import type { MeshObject } from '../../src/objects/shapes.ts';
import { objectsOf } from '../kit/mesh.ts';

describe('lists', () => {
  test('a List holds objects of any kind', () => {
    const { objects, problems } = objectsOf(`
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
- {apiVersion: v1, kind: Service, metadata: {name: payments, namespace: shop}}
`);
    expect(objects).toMatchObject([{ kind: 'Namespace' }, { kind: 'Service', name: 'payments' }]);
    expect(problems).toEqual([]);
  });

  test('items of a typed list need no kind of their own', () => {
    const { objects, problems } = objectsOf(`
apiVersion: discovery.k8s.io/v1
kind: EndpointSliceList
items:
- metadata: {name: a, namespace: shop, labels: {kubernetes.io/service-name: payments}}
  addressType: IPv4
`);
    expect(objects).toMatchObject([{ kind: 'EndpointSlice', name: 'a' }]);
    expect(problems).toEqual([]);
  });

  test('a bad item does not take the others with it', () => {
    const { objects, problems } = objectsOf(
      '{kind: NamespaceList, apiVersion: v1, items: [7, {metadata: {name: a}}]}',
    );
    expect(objects).toEqual([{ kind: 'Namespace', name: 'a' }]);
    expect(problems).toMatchObject([{ severity: 'error', object: 'document' }]);
  });

  test.each(['List', 'ServiceList'])('an empty %s is no problem, one whose items are no list is', kind => {
    expect(objectsOf(`{apiVersion: v1, kind: ${kind}, items: null}`).problems).toEqual([]);
    expect(objectsOf(`{apiVersion: v1, kind: ${kind}, items: {}}`).problems).toMatchObject([
      { severity: 'error', object: kind, field: 'items' },
    ]);
  });
});

describe('what is not read is named', () => {
  test.each([
    {
      row: 'another kind',
      text: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}',
      field: 'kind',
    },
    {
      row: 'a list of another kind',
      text: '{apiVersion: apps/v1, kind: DeploymentList, items: []}',
      field: 'kind',
    },
    { row: 'no kind', text: '{apiVersion: v1, metadata: {name: a}}', field: 'kind' },
    {
      row: 'a kind of the same name in another group',
      text: '{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: a}}',
      field: 'apiVersion',
      message: 'found "serving.knative.dev/v1": Service is read as v1; the object is left out',
    },
    {
      row: 'the group that the KEP shows and that does not exist',
      text: '{apiVersion: multicluster.k8s.io/v1alpha1, kind: ServiceExport, metadata: {name: a}}',
      field: 'apiVersion',
      message:
        'found "multicluster.k8s.io/v1alpha1": ServiceExport is read as ' +
        'multicluster.x-k8s.io/v1beta1 or multicluster.x-k8s.io/v1alpha1; the object is left out',
    },
    { row: 'no version', text: '{kind: Service, metadata: {name: a}}', field: 'apiVersion' },
  ])('$row', ({ row: _row, text, ...problem }) => {
    const { objects, problems } = objectsOf(text);
    expect(objects).toEqual([]);
    expect(problems).toMatchObject([{ severity: 'warning', ...problem }]);
  });

  test.each(['7', 'text', '[]', 'true'])('a document that is no mapping: %s', text => {
    expect(objectsOf(text)).toMatchObject({
      objects: [],
      problems: [{ severity: 'error', object: 'document' }],
    });
  });

  test('an empty document, as between two separators, is no problem', () => {
    expect(objectsOf('---\n---\n# nothing\n')).toEqual({ objects: [], problems: [] });
  });
});

test('an object with countless faults is told of in a few lines', () => {
  const addresses = Array.from({ length: 5_000 }, (_, index) => `bad-${index}`);
  const { problems } = objectsOf(
    '{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, ' +
      'metadata: {name: a, namespace: shop, labels: {kubernetes.io/service-name: a}}, ' +
      `endpoints: [{addresses: [${addresses.join(', ')}]}]}`,
  );
  expect(problems).toHaveLength(11);
  expect(problems.at(-1)).toMatchObject({ message: '4990 more problems of this object are not listed' });
});

test('a message never repeats a long text in full, nor a name that would break a log line', () => {
  const name = `a\n${'b'.repeat(10_000)}`;
  const { problems } = readObject({ apiVersion: 'v1', kind: 'Service', metadata: { name } });
  expect(problems).toMatchObject([{ object: 'Service', field: 'metadata.name' }]);
  expect(problems[0]?.message.length).toBeLessThan(300);
});

/** One good object of each kind. */
const GOOD = [
  '{apiVersion: v1, kind: Namespace, metadata: {name: shop}}',
  `{apiVersion: v1, kind: Service, metadata: {name: a, namespace: shop},
    spec: {type: LoadBalancer, clusterIPs: [10.0.0.1, fd00::1], ipFamilies: [IPv4, IPv6], sessionAffinity: ClientIP,
      sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}, ports: [{name: http, protocol: TCP, port: 80}]},
    status: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}}`,
  `{apiVersion: multicluster.x-k8s.io/v1beta1, kind: ServiceExport,
    metadata: {name: a, namespace: shop, creationTimestamp: "2026-01-01T00:00:00Z",
      annotations: {causeway.dev/weight: "1", causeway.dev/ttl: "5", causeway.dev/affinity: local}},
    spec: {exportedLabels: {a: b}, exportedAnnotations: {c: d}}}`,
  `{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4,
    metadata: {name: a-1, namespace: shop, labels: {kubernetes.io/service-name: a}},
    ports: [{name: http, protocol: TCP, port: 8080}],
    endpoints: [{addresses: [10.1.0.1], hostname: a-0, conditions: {ready: true}}]}`,
  '{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Namespace, metadata: {name: shop}}]}',
] as const;

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withSparseArray: true,
  withTypedArray: true,
  withObjectString: true,
});

describe('whatever comes, nothing is thrown and what is let in keeps the promises of its shape', () => {
  test('any value at all', () => {
    fc.assert(fc.property(fc.oneof(anything, fc.jsonValue()), raw => expectSound(raw)));
  });

  test('a good object with anything in one place', () => {
    const good = fc.constantFrom(...GOOD);
    const value = fc.oneof(anything, fc.jsonValue(), fc.string(), fc.integer(), fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(good, fc.nat(), value, (text, place, replacement) => {
        const raw: unknown = parse(text);
        expect(readObject(raw).problems).toEqual([]);
        const places = placesIn(raw);
        places[place % places.length]?.(replacement);
        expectSound(raw);
      }),
      { numRuns: 1_000 },
    );
  });
});

function expectSound(raw: unknown): void {
  const { object, problems, items } = readObject(raw);
  expect(JSON.stringify(problems).length).toBeLessThan(10_000);
  if (object) expectShape(object);
  else if (!items && raw !== null && raw !== undefined) expect(problems.length).toBeGreaterThan(0);
  for (const item of items ?? []) expectSound(item);
}

function expectShape(object: MeshObject): void {
  expect(isLabel(object.kind === 'Namespace' ? object.name : object.namespace)).toBe(true);
  const addresses: string[] = [];
  if (object.kind === 'Service') addresses.push(...object.clusterIPs, ...object.loadBalancerIPs);
  if (object.kind === 'EndpointSlice') {
    for (const endpoint of object.endpoints) {
      expect(endpoint.addresses.length).toBeGreaterThan(0);
      expect(endpoint.addresses.every(address => familyOf(address) === object.addressType)).toBe(true);
      addresses.push(...endpoint.addresses);
    }
  }
  expect(addresses.map(parseAddress)).toEqual(addresses);
  const ports = object.kind === 'Service' || object.kind === 'EndpointSlice' ? object.ports : [];
  for (const { name, port = 1 } of ports) {
    expect(name === '' || isLabel(name)).toBe(true);
    expect(Number.isInteger(port) && port >= 1 && port <= 65_535).toBe(true);
  }
  if (object.kind === 'ServiceExport') {
    const { weight = 0, ttl = 0 } = object.traffic;
    expect(weight >= 0 && weight <= 1000 && ttl >= 0 && ttl <= 3600).toBe(true);
    expect(Number.isFinite(object.createdAt ?? 0)).toBe(true);
  }
}

/** A setter for every place in a tree of plain data. */
function placesIn(tree: unknown): ((value: unknown) => void)[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, child]) => [
    (value: unknown) => void Reflect.set(tree, key, value),
    ...placesIn(child),
  ]);
}
