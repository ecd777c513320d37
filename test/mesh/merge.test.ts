import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exportService, isInvalid } from '../../src/mesh/export.ts';
import { mergeService } from '../../src/mesh/merge.ts';
import type { ExportedService } from '../../src/mesh/model.ts';
import { type Exported, exported, NEWER, OLD } from '../kit/exported.ts';
import { meshOf, objectsOf } from '../kit/mesh.ts';

const parts = (policy: string, at: string | undefined): Exported => ({
  spec: `clusterIP: 10.0.0.1, trafficDistribution: ${policy}`,
  at,
});

describe('precedence', () => {
  test.each([
    { row: 'C1 the oldest, whatever its name', west: OLD, east: NEWER, wins: 'west' },
    { row: 'C3 of two as old the lower cluster id', west: OLD, east: OLD, wins: 'east' },
    { row: 'one without a time counts as youngest', west: NEWER, east: undefined, wins: 'west' },
    { row: 'of two without a time the lower cluster id', west: undefined, east: undefined, wins: 'east' },
  ])('$row', ({ west, east, wins }) => {
    const { mesh, change } = meshOf({
      west: exported(parts('west', west)),
      east: exported(parts('east', east)),
    });
    expect(change.services.get('shop/payments')?.trafficDistribution).toBe(wins);
    expect(mesh.conflicts).toMatchObject([{ winner: wins }]);
  });

  test('cluster ids are compared by code unit, not by a locale', () => {
    const clusters = ['b', 'a-1', 'a1', 'a.b', 'a'].map(id => [id, exported(parts(id, OLD))]);
    const { change } = meshOf(Object.fromEntries(clusters));
    const service = change.services.get('shop/payments');
    expect(service?.clusters.map(({ cluster }) => cluster)).toEqual(['a', 'a-1', 'a.b', 'a1', 'b']);
    expect(service?.trafficDistribution).toBe('a');
  });
});

test('B2 the same name in two namespaces is two services', () => {
  const { change } = meshOf({
    east: exported({ spec: 'clusterIP: 10.0.0.1' }),
    west: exported({ namespace: 'other', spec: 'clusterIP: 10.0.0.2' }),
  });
  expect([...change.services.keys()].sort()).toEqual(['other/payments', 'shop/payments']);
});

test('B11 B18 the clusters that export, ordered by id, and no IPs where nothing assigns any', () => {
  const yaml = exported({ spec: 'clusterIP: 10.0.0.1' });
  const service = meshOf({ west: yaml, north: yaml, east: yaml }).change.services.get('shop/payments');
  expect(service?.ips).toEqual([]);
  expect(service?.clusters).toMatchObject([
    { cluster: 'east', serving: true, derivedIPs: [], clusterIPs: ['10.0.0.1'] },
    { cluster: 'north' },
    { cluster: 'west' },
  ]);
});

test('a merge of nothing is a mistake of the caller', () => {
  expect(() => mergeService([])).toThrow('no export');
});

test('a lost cluster stays in the service, marked', () => {
  const { service } = mergeService(
    [exportOf('east', {}), exportOf('west', {})],
    new Set(['west', 'nowhere']),
  );
  expect(service.clusters).toMatchObject([
    { cluster: 'east', serving: true },
    { cluster: 'west', serving: false },
  ]);
});

const anyExport: fc.Arbitrary<Exported> = fc
  .record({
    clusterIP: fc.constantFrom('None', '10.0.0.1', 'fd00::1'),
    families: fc.constantFrom('', 'ipFamilies: [IPv4],', 'ipFamilies: [IPv6],', 'ipFamilies: [IPv6, IPv4],'),
    ports: fc.constantFrom('', '{port: 1}', '{name: a, port: 1}', '{name: b, port: 1}, {name: a, port: 2}'),
    policy: fc.constantFrom('', 'internalTrafficPolicy: Local', 'trafficDistribution: PreferClose'),
    at: fc.constantFrom(undefined, OLD, NEWER),
    annotations: fc.constantFrom('', 'causeway.dev/weight: "1"', 'causeway.dev/affinity: local'),
    exportSpec: fc.constantFrom('', 'exportedLabels: {a: b}', 'exportedLabels: {a: c}'),
  })
  .map(({ clusterIP, families, ports, policy, ...rest }) => ({
    ...rest,
    spec: `clusterIP: "${clusterIP}", ${families} ports: [${ports}], ${policy}`,
    slices: [
      'addressType: IPv4, ports: [{name: a, port: 8080}], endpoints: [{addresses: [10.1.0.1]}]',
      'addressType: IPv6, ports: [{port: 8080}], endpoints: [{addresses: ["fd00::1"]}]',
    ],
  }));

test('the order in which exports are given makes no difference', () => {
  const property = fc.property(
    fc.array(anyExport, { minLength: 2, maxLength: 5 }),
    fc.infiniteStream(fc.nat()),
    (list, keys) => {
      const exports = list.map((given, index) => exportOf(`cluster-${index}`, given));
      const shuffled = exports
        .map(item => ({ item, key: keys.next().value }))
        .sort((one, other) => one.key - other.key)
        .map(({ item }) => item);
      expect(mergeService(shuffled)).toEqual(mergeService(exports));
    },
  );
  fc.assert(property);
});

test('a merge has no duplicate port, no family twice, and conflicts name clusters of the service', () => {
  const property = fc.property(fc.array(anyExport, { minLength: 1, maxLength: 5 }), list => {
    const { service, conflicts } = mergeService(
      list.map((given, index) => exportOf(`cluster-${index}`, given)),
    );
    const names = service.ports.map(({ name }) => name);
    const numbers = service.ports.map(({ protocol, port }) => `${protocol}/${port}`);
    for (const values of [names, numbers, service.ipFamilies])
      expect(new Set(values).size).toBe(values.length);
    for (const { winner, losers } of conflicts) {
      expect(losers.length).toBeGreaterThan(0);
      expect(losers).not.toContain(winner);
    }
    expect(service.clusters.length).toBeGreaterThan(0);
  });
  fc.assert(property);
});

/** What one cluster exports, told in YAML. */
function exportOf(cluster: string, given: Exported): ExportedService {
  const { objects } = objectsOf(exported({ spec: 'clusterIP: 10.0.0.1', ...given }));
  const request = objects.find(object => object.kind === 'ServiceExport');
  const service = objects.find(object => object.kind === 'Service');
  const slices = objects.filter(object => object.kind === 'EndpointSlice');
  const result = exportService(cluster, { request, service, slices });
  if (result === undefined) throw new Error('the fixture holds no ServiceExport');
  if (isInvalid(result)) throw new Error(result.message);
  return result;
}
