import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { objectKey } from '../../src/base/name.ts';
import { Mesh } from '../../src/mesh/mesh.ts';
import type { MergedService } from '../../src/mesh/model.ts';
import type { MeshObject } from '../../src/objects/shapes.ts';
import { exported, NEWER, OLD } from '../kit/exported.ts';
import { meshOf, objectsOf } from '../kit/mesh.ts';

const PAYMENTS = 'shop/payments';
const slice = (address: string, rest = '') =>
  `addressType: IPv4, ports: [{port: 80}], endpoints: [{addresses: [${address}]${rest}}]`;
const payments = (address: string) =>
  exported({ spec: 'clusterIP: 10.0.0.1, ports: [{port: 80}]', slices: [slice(address)] });

function putAll(mesh: Mesh, cluster: string, yaml: string): void {
  for (const object of objectsOf(yaml).objects) mesh.put(cluster, object);
}

function removeAll(mesh: Mesh, cluster: string, yaml: string): void {
  for (const object of objectsOf(yaml).objects) mesh.remove(cluster, object);
}

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

  test('nothing, where a change comes to the same in the end', () => {
    const { mesh } = meshOf({ east: payments('10.1.0.1') });
    putAll(mesh, 'east', payments('10.1.0.2'));
    putAll(mesh, 'east', payments('10.1.0.1'));
    expect(mesh.flush().services.size).toBe(0);
    removeAll(mesh, 'east', payments('10.1.0.1'));
    putAll(mesh, 'east', payments('10.1.0.1'));
    expect(mesh.flush().services.size).toBe(0);
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

describe('B5 B7 exports come and go', () => {
  test('the service lives as long as one export does', () => {
    const { mesh } = meshOf({ east: payments('10.1.0.1'), west: payments('10.2.0.1') });
    removeAll(mesh, 'east', payments('10.1.0.1'));
    expect(mesh.flush().services.get(PAYMENTS)?.clusters).toMatchObject([{ cluster: 'west' }]);
    removeAll(mesh, 'west', payments('10.2.0.1'));
    const { services } = mesh.flush();
    expect([...services]).toEqual([[PAYMENTS, undefined]]);
    expect(mesh.clusters).toEqual([]);
  });

  test('C8 the type flips when the winner leaves', () => {
    const east = exported({ spec: 'clusterIP: 10.0.0.1', at: OLD });
    const west = exported({ spec: 'clusterIP: None', at: NEWER });
    const { mesh, change } = meshOf({ east, west });
    expect(change.services.get(PAYMENTS)?.type).toBe('ClusterSetIP');
    expect(mesh.conflicts).toMatchObject([{ reason: 'TypeConflict' }]);
    removeAll(mesh, 'east', east);
    expect(mesh.flush().services.get(PAYMENTS)?.type).toBe('Headless');
    expect(mesh.conflicts).toEqual([]);
  });

  test('an export is invalid until its Service comes, and again when it goes', () => {
    const [service = '', request = ''] = exported({ spec: 'clusterIP: 10.0.0.1' }).split('\n---\n');
    const { mesh, change } = meshOf({ east: request });
    expect(change.services.size).toBe(0);
    expect(mesh.invalidExports).toMatchObject([{ cluster: 'east', reason: 'NoService' }]);
    putAll(mesh, 'east', service);
    expect(mesh.flush().services.get(PAYMENTS)).toMatchObject({ name: 'payments' });
    expect(mesh.invalidExports).toEqual([]);
    removeAll(mesh, 'east', service);
    expect([...mesh.flush().services]).toEqual([[PAYMENTS, undefined]]);
    expect(mesh.invalidExports).toMatchObject([{ cluster: 'east', reason: 'NoService' }]);
  });

  test('a slice that changes its service leaves the old one', () => {
    const both = [
      payments('10.1.0.1'),
      exported({ name: 'cart', spec: 'clusterIP: 10.0.0.2, ports: [{port: 80}]' }),
    ];
    const { mesh } = meshOf({ east: both.join('\n---\n') });
    const moved = payments('10.1.0.1')
      .split('\n---\n')[2]
      ?.replace('service-name: payments', 'service-name: cart');
    putAll(mesh, 'east', moved ?? '');
    const { services } = mesh.flush();
    expect(addresses(services.get(PAYMENTS))).toEqual([]);
    expect(addresses(services.get('shop/cart'))).toEqual(['10.1.0.1']);
  });

  test('removing goes by kind, namespace and name, whatever else the object says', () => {
    const { mesh } = meshOf({ east: payments('10.1.0.1') });
    const moved = payments('10.9.9.9')
      .split('\n---\n')[2]
      ?.replace('service-name: payments', 'service-name: other');
    removeAll(mesh, 'east', moved ?? '');
    expect(addresses(mesh.flush().services.get(PAYMENTS))).toEqual([]);
    removeAll(mesh, 'nowhere', payments('10.1.0.1'));
    removeAll(mesh, 'east', moved ?? '');
    expect(mesh.flush().services.size).toBe(0);
  });

  test('a cluster is removed as a whole', () => {
    const { mesh } = meshOf({ east: payments('10.1.0.1'), west: payments('10.2.0.1') });
    mesh.removeCluster('west');
    expect(addresses(mesh.flush().services.get(PAYMENTS))).toEqual(['10.1.0.1']);
    expect(mesh.clusters).toEqual(['east']);
    mesh.removeCluster('nowhere');
    expect(mesh.flush().services.size).toBe(0);
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

describe('namespaces', () => {
  const namespace = (name: string) => `{apiVersion: v1, kind: Namespace, metadata: {name: ${name}}}`;
  const service = (at: string) => `{apiVersion: v1, kind: Service, metadata: {name: a, namespace: ${at}}}`;
  const join = (...texts: readonly string[]) => texts.join('\n---\n');

  test.each([
    {
      row: 'no local cluster: all that are named anywhere',
      local: undefined,
      clusters: { east: join(namespace('a'), service('b')), west: service('c') },
      gives: ['a', 'b', 'c'],
    },
    {
      row: 'the local cluster lists none: all that are named anywhere',
      local: 'east',
      clusters: { east: service('b'), west: join(namespace('a'), service('c')) },
      gives: ['a', 'b', 'c'],
    },
    {
      row: 'the local cluster lists some: these, and those its objects are in',
      local: 'east',
      clusters: { east: join(namespace('a'), service('b')), west: join(namespace('x'), service('c')) },
      gives: ['a', 'b'],
    },
    {
      row: 'the local cluster does not exist',
      local: 'nowhere',
      clusters: { east: service('b') },
      gives: ['b'],
    },
  ])('$row', ({ local, clusters, gives }) => {
    const { change } = meshOf(clusters, { localCluster: local });
    expect([...change.namespaces].sort()).toEqual(gives);
  });

  test('a namespace lives as long as anything in it', () => {
    const { mesh } = meshOf({ east: join(namespace('a'), service('a')) });
    removeAll(mesh, 'east', namespace('a'));
    expect([...mesh.flush().namespaces]).toEqual(['a']);
    removeAll(mesh, 'east', service('a'));
    expect([...mesh.flush().namespaces]).toEqual([]);
  });

  test('the last Namespace object gone, all that are named count again', () => {
    const { mesh } = meshOf(
      { east: join(namespace('a'), service('b')), west: service('c') },
      { localCluster: 'east' },
    );
    removeAll(mesh, 'east', namespace('a'));
    expect([...mesh.flush().namespaces].sort()).toEqual(['b', 'c']);
  });

  test('the set given before is not changed afterwards', () => {
    const { mesh, change } = meshOf({ east: service('a') });
    putAll(mesh, 'east', service('b'));
    expect([...mesh.flush().namespaces]).toEqual(['a', 'b']);
    expect([...change.namespaces]).toEqual(['a']);
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
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('put' as const), cluster, object }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('remove' as const), cluster, object }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('serving' as const), cluster, serving: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), cluster }) },
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  /** A mesh beside the plainest account of what it was told, and of what its flushes said. */
  class Walk {
    readonly mesh = new Mesh({ localCluster: 'east' });
    readonly objects = new Map<string, { cluster: string; object: MeshObject }>();
    readonly lost = new Set<string>();
    readonly services = new Map<string, MergedService>();
    namespaces: ReadonlySet<string> = new Set();

    take(step: Step): void {
      if (step.do === 'flush') this.flush();
      else if (step.do === 'serving') this.#verdict(step.cluster, step.serving);
      else if (step.do === 'leave') this.#leave(step.cluster);
      else this.#change(step.do, step.cluster, step.object);
    }

    flush(): void {
      const { services, namespaces } = this.mesh.flush();
      for (const [key, service] of services) {
        expect(service).not.toEqual(this.services.get(key));
        if (service) this.services.set(key, service);
        else this.services.delete(key);
      }
      this.namespaces = namespaces;
    }

    #change(verb: 'put' | 'remove', cluster: string, object: MeshObject): void {
      this.mesh[verb](cluster, object);
      const place = object.kind === 'Namespace' ? object.name : objectKey(object.namespace, object.name);
      const identity = `${cluster} ${object.kind} ${place}`;
      if (verb === 'put') this.objects.set(identity, { cluster, object });
      else this.objects.delete(identity);
    }

    #verdict(cluster: string, serving: boolean): void {
      this.mesh.setServing(cluster, serving);
      if (serving) this.lost.delete(cluster);
      else this.lost.add(cluster);
    }

    #leave(cluster: string): void {
      this.mesh.removeCluster(cluster);
      this.lost.delete(cluster);
      for (const [identity, held] of this.objects)
        if (held.cluster === cluster) this.objects.delete(identity);
    }
  }

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
