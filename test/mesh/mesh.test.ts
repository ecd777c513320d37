import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Mesh } from '../../src/mesh/mesh.ts';
import type { MergedService } from '../../src/mesh/model.ts';
import type { MeshObject } from '../../src/objects/shapes.ts';
import { exported, NEWER, OLD } from '../kit/exported.ts';
import { meshOf, objectsOf, putAll, removeAll } from '../kit/mesh.ts';
import { Walk, type WalkStep } from '../kit/mesh-walk.ts';

const PAYMENTS = 'shop/payments';
const slice = (address: string, rest = '') =>
  `addressType: IPv4, ports: [{port: 80}], endpoints: [{addresses: [${address}]${rest}}]`;
const payments = (address: string) =>
  exported({ spec: 'clusterIP: 10.0.0.1, ports: [{port: 80}]', slices: [slice(address)] });

const addresses = (service: MergedService | undefined) =>
  service?.clusters.flatMap(({ slices }) =>
    slices.flatMap(({ endpoints }) => endpoints.flatMap(it => it.addresses)),
  );

describe('flush gives what changed', () => {
  test('nothing put, nothing changed', () => {
    expect(new Mesh().flush()).toEqual({ services: new Map(), namespaces: new Set() });
  });

  test('once', () => {
    const { mesh, change } = meshOf({ east: payments('10.1.0.1') });
    expect([...change.services.keys()]).toEqual([PAYMENTS]);
    expect(mesh.flush().services.size).toBe(0);
  });

  test('nothing, where a whole reload says what was said before', () => {
    const { mesh } = meshOf({ east: payments('10.1.0.1') });
    putAll(mesh, 'east', payments('10.1.0.1'));
    expect(mesh.flush().services.size).toBe(0);
  });

  test('a reload keeps the objects held, so that slices stay shared', () => {
    const { mesh, change } = meshOf({ east: payments('10.1.0.1') });
    putAll(mesh, 'east', payments('10.1.0.1').replace('10.0.0.1', '10.0.0.2'));
    const after = mesh.flush().services.get(PAYMENTS)?.clusters[0];
    expect(after?.clusterIPs).toEqual(['10.0.0.2']);
    expect(after?.slices[0]).toBe(change.services.get(PAYMENTS)?.clusters[0]?.slices[0]);
  });

  test('the same set of namespaces, where none came or went', () => {
    const { mesh, change } = meshOf({ east: payments('10.1.0.1') });
    putAll(mesh, 'east', '{apiVersion: v1, kind: Namespace, metadata: {name: shop}}');
    expect(mesh.flush().namespaces).toBe(change.namespaces);
    putAll(mesh, 'east', '{apiVersion: v1, kind: Namespace, metadata: {name: other}}');
    expect(mesh.flush().namespaces).toEqual(new Set(['shop', 'other']));
  });

  test('nothing, where a change comes to the same in the end', () => {
    const { mesh } = meshOf({ east: payments('10.1.0.1') });
    putAll(mesh, 'east', payments('10.1.0.2'));
    putAll(mesh, 'east', payments('10.1.0.1'));
    expect(mesh.flush().services.size).toBe(0);
    removeAll(mesh, 'east', payments('10.1.0.1'));
    putAll(mesh, 'east', payments('10.1.0.1'));
    expect(mesh.flush().services.size).toBe(0);
  });

  test('in portions, until all is settled', () => {
    const mesh = new Mesh();
    for (const name of ['a', 'b', 'c'])
      putAll(mesh, 'east', payments('10.1.0.1').replaceAll('payments', name));
    expect(mesh.settled).toBe(false);
    const portions = [mesh.flush(2), mesh.flush(2), mesh.flush(2)].map(({ services }) => [
      ...services.keys(),
    ]);
    expect(portions).toEqual([['shop/a', 'shop/b'], ['shop/c'], []]);
    expect(mesh.settled).toBe(true);
    expect(mesh.sizes.services).toBe(3);
  });

  test('nothing, where what changed is not exported', () => {
    const { mesh } = meshOf({ east: payments('10.1.0.1') });
    const [service] = payments('10.1.0.9').split('\n---\n');
    putAll(mesh, 'west', service ?? '');
    expect(mesh.flush().services.size).toBe(0);
    expect(mesh.clusters).toEqual(['east', 'west']);
  });

  test('the one service of many that changed', () => {
    const many = ['a', 'b', 'c'].map(name => exported({ name, spec: 'clusterIP: 10.0.0.1' })).join('\n---\n');
    const { mesh } = meshOf({ east: many });
    putAll(mesh, 'east', exported({ name: 'b', spec: 'clusterIP: 10.0.0.2' }));
    expect([...mesh.flush().services.keys()]).toEqual(['shop/b']);
  });

  test('a new object for each change, the old one untouched', () => {
    const { mesh, change } = meshOf({ east: payments('10.1.0.1') });
    const before = change.services.get(PAYMENTS);
    putAll(mesh, 'east', payments('10.1.0.2'));
    const after = mesh.flush().services.get(PAYMENTS);
    expect([addresses(before), addresses(after)]).toEqual([['10.1.0.1'], ['10.1.0.2']]);
  });
});

describe('the verdict on a cluster', () => {
  const serving = (service: MergedService | undefined) =>
    service?.clusters.map(it => `${it.cluster} ${it.serving}`);

  test('marks its part in each service, and back', () => {
    const { mesh } = meshOf({ east: payments('10.1.0.1'), west: payments('10.2.0.1') });
    mesh.setServing('west', false);
    expect(serving(mesh.flush().services.get(PAYMENTS))).toEqual(['east true', 'west false']);
    mesh.setServing('west', false);
    expect(mesh.flush().services.size).toBe(0);
    mesh.setServing('west', true);
    expect(serving(mesh.flush().services.get(PAYMENTS))).toEqual(['east true', 'west true']);
  });

  test('holds for objects that come later, and ends when the cluster is removed', () => {
    const mesh = new Mesh();
    mesh.setServing('east', false);
    putAll(mesh, 'east', payments('10.1.0.1'));
    expect(serving(mesh.flush().services.get(PAYMENTS))).toEqual(['east false']);
    mesh.removeCluster('east');
    putAll(mesh, 'east', payments('10.1.0.1'));
    expect(serving(mesh.flush().services.get(PAYMENTS))).toEqual(['east true']);
  });
});

test('sizes count merged services and their endpoints', () => {
  const { mesh } = meshOf({ east: payments('10.1.0.1, 10.1.0.2'), west: payments('10.2.0.1') });
  expect(mesh.sizes).toEqual({ services: 1, endpoints: 2 });
  putAll(mesh, 'west', exported({ name: 'cart', spec: 'ports: [{port: 80}]', slices: [slice('10.2.0.2')] }));
  mesh.flush();
  expect(mesh.sizes).toEqual({ services: 2, endpoints: 3 });
  mesh.removeCluster('west');
  mesh.flush();
  expect(mesh.sizes).toEqual({ services: 1, endpoints: 1 });
});

describe('path independence', () => {
  const CLUSTERS = ['east', 'west', 'north'] as const;

  /** Every object there is, several versions of each; slices change the service they belong to. */
  const POOL: readonly MeshObject[] = ['payments', 'cart']
    .flatMap(name => [
      exported({
        name,
        spec: 'clusterIP: 10.0.0.1, ports: [{port: 80}]',
        at: OLD,
        slices: [slice('10.1.0.1')],
      }),
      exported({ name, spec: 'clusterIP: 10.0.0.2, ports: [{port: 80}, {name: b, port: 81}]', at: NEWER }),
      exported({
        name,
        spec: 'clusterIP: None',
        annotations: 'causeway.dev/ttl: "7"',
        slices: [slice('10.1.0.2')],
      }),
      exported({ name, spec: 'type: ExternalName', exportSpec: 'exportedLabels: {a: b}' }),
      exported({ name, spec: 'clusterIP: "fd00::1", ports: [{port: 81}]', at: OLD }),
      exported({ name, slices: [slice('10.1.0.3', ', conditions: {ready: false}')] }).replace(
        `service-name: ${name}`,
        'service-name: cart',
      ),
      `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}}}`,
    ])
    .flatMap(yaml => objectsOf(yaml).objects);

  const cluster = fc.constantFrom(...CLUSTERS);
  const object = fc.constantFrom(...POOL);
  const step: fc.Arbitrary<WalkStep> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('put'), cluster, object }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('remove'), cluster, object }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('flush') }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('serving'), cluster, serving: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave'), cluster }) },
  );
  test('any puts, removes and flushes lead to what a new mesh makes of the objects left', () => {
    const property = fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const walk = new Walk();
      for (const each of steps) walk.take(each);
      walk.flush();

      const fresh = new Mesh({ localCluster: 'east' });
      for (const { cluster, object } of [...walk.objects.values()].reverse()) fresh.put(cluster, object);
      for (const each of walk.lost) fresh.setServing(each, false);
      const { services, namespaces } = fresh.flush();

      expect(walk.services).toEqual(services);
      expect(walk.namespaces).toEqual(namespaces);
      for (const what of ['conflicts', 'invalidExports', 'clusters', 'sizes'] as const) {
        expect(walk.mesh[what]).toEqual(fresh[what]);
      }
    });
    fc.assert(property, { numRuns: 400 });
  });
});
