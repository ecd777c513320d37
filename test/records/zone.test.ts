import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mesh } from '../../src/mesh/mesh.ts';
import type { Node } from '../../src/records/node.ts';
import type { Zone } from '../../src/records/zone.ts';
import { ClusterSet } from '../kit/cluster-set.ts';
import { NOW_SECONDS as NOW } from '../kit/dns.ts';
import { payYaml } from '../kit/pay.ts';
import {
  CLUSTERS,
  type Held,
  HOSTNAMES,
  identityOf,
  NAMESPACES,
  PORTS,
  randomObjects,
  SERVICES,
} from '../kit/random-mesh.ts';
import { zoneOf } from '../kit/zone.ts';

/** The service `pay` in a namespace of its own. */
function payIn(namespace: string): string {
  return payYaml(10).replaceAll('namespace: shop', `namespace: ${namespace}`);
}

function namespaces(...names: readonly string[]): string {
  return names.map(name => `{kind: Namespace, apiVersion: v1, metadata: {name: ${name}}}`).join('\n---\n');
}

/** Every name of a snapshot with what stands there, in order. */
function contentsOf(zone: Zone): [name: string, node: Node][] {
  return [...zone.snapshot()]
    .map(([labels, node]): [string, Node] => [labels.join('.'), node])
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

describe('which namespaces have names', () => {
  it.each([
    ['B3 those that the local cluster declares', 'east', `${namespaces('empty')}`, ['empty']],
    [
      'B3 and those it has objects in',
      'east',
      `${namespaces('empty')}\n---\n${payIn('shop')}`,
      ['empty', 'shop'],
    ],
    ['B3 those of all clusters, where the local one declares none', 'east', payIn('shop'), ['far', 'shop']],
    [
      'B3 those of all clusters, where none is local',
      undefined,
      `${namespaces('empty')}\n---\n${payIn('shop')}`,
      ['empty', 'far', 'shop'],
    ],
  ] as const)('%s', (_row, localCluster, east, expected) => {
    const { zone } = new ClusterSet({ east, west: payIn('far') }, { localCluster });
    const found = ['empty', 'far', 'shop', 'other'].filter(
      name => zone.find([name, 'svc']).node !== undefined,
    );
    expect(found).toEqual(expected);
    expect(zone.find(['pay', 'far', 'svc']).node !== undefined).toBe(found.includes('far'));
    expect(zone.size.namespaces).toBe(expected.length);
  });

  it('B3 a service of another cluster appears with its namespace, and goes with it', () => {
    const set = new ClusterSet({ east: namespaces('shop'), west: payIn('far') }, { localCluster: 'east' });
    expect(set.answer('pay.far.svc', 'A')).toEqual(['NXDOMAIN']);
    set.put('east', namespaces('far'));
    expect(set.answer('pay.far.svc', 'A')).toEqual(['pay.far.svc 5 A 10.10.0.1']);
    set.remove('east', namespaces('far'));
    expect(set.answer('pay.far.svc', 'A')).toEqual(['NXDOMAIN']);
    expect(contentsOf(set.zone).filter(([name]) => name.includes('far'))).toEqual([]);
    set.put('east', namespaces('far'));
    expect(set.answer('pay.far.svc', 'A')).toEqual(['pay.far.svc 5 A 10.10.0.1']);
  });
});

describe('the serial', () => {
  it.each([
    ['is the time of the change', [NOW + 10], NOW + 10],
    ['moves within one second too', [NOW + 10, NOW + 10, NOW + 10], NOW + 12],
    ['never goes back with the clock', [NOW - 60], NOW + 1],
    ['goes on with the clock', [NOW, NOW, NOW + 60], NOW + 60],
    ['passes 2106', [0xffff_ffff, 0xffff_ffff], 0],
  ])('%s', (_case, times, expected) => {
    const { zone } = new ClusterSet({});
    expect(zone.serial).toBe(NOW);
    for (const time of times) zone.apply({ services: new Map(), namespaces: new Set() }, time);
    expect(zone.serial).toBe(expected);
    expect(zone.soa.data).toMatchObject([{ serial: expected }]);
  });
});

describe('a snapshot', () => {
  it('is what the zone was, whatever changes while it is read', () => {
    const set = new ClusterSet({ east: payIn('shop'), west: payIn('far') });
    const before = contentsOf(set.zone);
    const walk = set.zone.snapshot();
    set.remove('east', payIn('shop'));
    set.put('west', payIn('far').replaceAll('10.10.', '10.99.'));
    expect([...walk].map(([labels]) => labels.join('.')).sort()).toEqual(before.map(([name]) => name));
    expect(contentsOf(set.zone)).not.toEqual(before);
  });
});

describe('any mesh', () => {
  const localCluster = 'east';

  function zoneOfObjects(objects: readonly Held[], clusterNames: boolean): Zone {
    const mesh = new Mesh({ localCluster });
    const zone = zoneOf([], { localCluster, clusterNames });
    for (const { cluster, object } of objects) mesh.put(cluster, object);
    zone.apply(mesh.flush(), NOW);
    return zone;
  }

  /** Names that could be there: each form with each word of the vocabulary, and some that have no form. */
  const candidates = (() => {
    const services = NAMESPACES.flatMap(namespace => SERVICES.map(service => [service, namespace, 'svc']));
    const ports = [
      ...PORTS.map(({ name, protocol }) => [`_${name}`, `_${protocol.toLowerCase()}`]),
      ['_http', '_udp'],
    ];
    const hosts = [...HOSTNAMES, ...[1, 2, 3, 4].flatMap(last => [`10-0-1-${last}`, `fd00-1--${last}`])];
    const clusters = [...CLUSTERS, 'blue', 'prod'].map(cluster => cluster.split('.'));
    const lefts = [
      [],
      ...ports,
      ...ports.map(([, protocol = '']) => [protocol]),
      ...clusters,
      ...hosts.map(host => [host]),
      ...hosts.flatMap(host => clusters.map(cluster => [host, ...cluster])),
    ];
    const fixed = [
      [],
      ['dns'],
      ['ns', 'dns'],
      ['dns-version'],
      ['svc'],
      ['pod'],
      ['shop', 'pod'],
      ['x', 'svc', 'svc'],
    ];
    return [
      ...fixed,
      ...NAMESPACES.map(namespace => [namespace, 'svc']),
      ...services.flatMap(owner => lefts.map(left => [...left, ...owner])),
    ];
  })();

  it('has in its zone transfer what a look-up finds, and a look-up finds nothing else', () => {
    const property = fc.property(randomObjects, fc.boolean(), (objects, clusterNames) => {
      const zone = zoneOfObjects(objects, clusterNames);
      const names = new Map([...zone.snapshot()].map(([labels, node]) => [labels.join('.'), node]));
      for (const [labels, node] of zone.snapshot()) expect(zone.find(labels).node).toEqual(node);
      const unseen = new Set(names.keys());
      for (const labels of candidates) {
        const isNamespace = labels.length === 2 && labels[1] === 'svc';
        if (!isNamespace)
          expect([labels, zone.find(labels).node]).toEqual([labels, names.get(labels.join('.'))]);
        unseen.delete(labels.join('.'));
      }
      expect([...unseen]).toEqual([]);
    });
    fc.assert(property);
  });

  const step = fc.record({ at: fc.nat(), kind: fc.constantFrom('put', 'remove', 'flush') });
  const steps = fc.array(step, { maxLength: 40 });

  it('gives the same zone whatever way led to it', () => {
    const property = fc.property(randomObjects, randomObjects, steps, (decoys, objects, detour) => {
      const wanted = new Map(objects.map(held => [identityOf(held), held]));
      const all = [...decoys, ...objects];
      const mesh = new Mesh({ localCluster });
      const zone = zoneOf([], { localCluster });
      const settle = () => {
        zone.apply(mesh.flush(), NOW);
        for (const labels of candidates) zone.find(labels);
      };
      for (const { cluster, object } of decoys) mesh.put(cluster, object);
      settle();
      for (const { at, kind } of detour) {
        const held = all[at % all.length];
        if (kind === 'flush' || held === undefined) settle();
        else mesh[kind](held.cluster, held.object);
      }
      for (const held of decoys) if (!wanted.has(identityOf(held))) mesh.remove(held.cluster, held.object);
      for (const held of [...wanted.values()].reverse()) mesh.put(held.cluster, held.object);
      settle();
      const direct = zoneOfObjects([...wanted.values()], false);
      expect(contentsOf(zone)).toEqual(contentsOf(direct));
      expect(zone.size).toEqual(direct.size);
    });
    fc.assert(property);
  });
});
