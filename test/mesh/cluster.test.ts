import { describe, expect, test } from 'vitest';
import type { MergedService } from '../../src/mesh/model.ts';
import { exported, NEWER, OLD } from '../kit/exported.ts';
import { meshOf, putAll, removeAll } from '../kit/mesh.ts';

const PAYMENTS = 'shop/payments';
const slice = (address: string) =>
  `addressType: IPv4, ports: [{port: 80}], endpoints: [{addresses: [${address}]}]`;
const payments = (address: string) =>
  exported({ spec: 'clusterIP: 10.0.0.1, ports: [{port: 80}]', slices: [slice(address)] });

const addresses = (service: MergedService | undefined) =>
  service?.clusters.flatMap(({ slices }) =>
    slices.flatMap(({ endpoints }) => endpoints.flatMap(it => it.addresses)),
  );

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
