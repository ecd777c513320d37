import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ImportIndex } from '../../../src/source/kubernetes/import-index.ts';
import type { ImportObject } from '../../../src/source/kubernetes/objects.ts';

const NAMES = ['pay', 'db'];
const CLUSTERS = ['east', 'west'];
const KEYS = NAMES.map(name => `shop/${name}`);

const serviceName = fc.constantFrom(...NAMES);
const sourceCluster = fc.constantFrom(...CLUSTERS);
const last = fc.integer({ min: 1, max: 3 });

/** Objects of few names, so that they often replace each other. */
const object: fc.Arbitrary<ImportObject> = fc.oneof(
  fc.record({ name: serviceName, last, clusters: fc.subarray(CLUSTERS) }).map(
    ({ name, last, clusters }): ImportObject => ({
      kind: 'ServiceImport',
      namespace: 'shop',
      name,
      type: 'ClusterSetIP',
      ports: [],
      ips: [`10.96.0.${last}`],
      ipFamilies: ['IPv4'],
      sessionAffinity: 'None',
      clusters,
      traffic: {},
    }),
  ),
  fc.record({ name: fc.constantFrom('a', 'b'), serviceName, sourceCluster, last }).map(
    ({ name, serviceName, sourceCluster, last }): ImportObject => ({
      kind: 'EndpointSlice',
      namespace: 'shop',
      name,
      serviceName,
      sourceCluster,
      addressType: 'IPv4',
      ports: [],
      endpoints: [{ addresses: [`10.10.0.${last}`], ready: true }],
    }),
  ),
  fc.record({ serviceName, sourceCluster, last }).map(
    ({ serviceName, sourceCluster, last }): ImportObject => ({
      kind: 'DerivedService',
      namespace: 'shop',
      name: `derived-${serviceName}-${sourceCluster}`,
      serviceName,
      sourceCluster,
      clusterIPs: [`10.97.0.${last}`],
    }),
  ),
  fc
    .record({ name: fc.constantFrom('one', 'two'), cluster: sourceCluster, serving: fc.boolean() })
    .map((verdict): ImportObject => ({ kind: 'ClusterVerdict', ...verdict })),
  fc.constantFrom('shop', 'ops').map((name): ImportObject => ({ kind: 'Namespace', name })),
  sourceCluster.map(
    (value): ImportObject => ({ kind: 'ClusterProperty', name: 'cluster.clusterset.k8s.io', value }),
  ),
);

const steps = fc.array(fc.record({ object, isDrop: fc.boolean() }), { maxLength: 40 });

function identityOf(object: ImportObject): string {
  return `${object.kind} ${object.name}`;
}

function stateOf(index: ImportIndex) {
  const services = KEYS.map(key => index.serviceOf(key));
  return { services, namespaces: [...index.namespaces].sort(), localCluster: index.localCluster };
}

test('what it holds depends on the objects put in last, and never on the way there', () => {
  fc.assert(
    fc.property(steps, fc.func(fc.integer()), (taken, rank) => {
      const walked = new ImportIndex();
      const held = new Map<string, ImportObject>();
      for (const { object, isDrop } of taken) {
        const id = identityOf(object);
        const before = held.get(id);
        if (!isDrop) {
          walked.put(object, before);
          held.set(id, object);
        } else if (before !== undefined) {
          walked.drop(before);
          held.delete(id);
        }
      }
      const straight = new ImportIndex();
      const shuffled = [...held.values()].sort(
        (one, other) => rank(identityOf(one)) - rank(identityOf(other)),
      );
      for (const each of shuffled) straight.put(each);
      expect(stateOf(walked)).toEqual(stateOf(straight));
      const again = new ImportIndex();
      for (const each of walked.objects()) again.put(each);
      expect(stateOf(again)).toEqual(stateOf(straight));
    }),
  );
});

test('whatever comes out different was marked', () => {
  fc.assert(
    fc.property(steps, taken => {
      const index = new ImportIndex();
      const held = new Map<string, ImportObject>();
      for (const { object, isDrop } of taken) {
        const before = new Map(KEYS.map(key => [key, index.serviceOf(key)]));
        const id = identityOf(object);
        const old = held.get(id);
        if (isDrop && old === undefined) continue;
        index.dirt.services.clear();
        if (isDrop && old !== undefined) index.drop(old);
        else index.put(object, old);
        if (isDrop) held.delete(id);
        else held.set(id, object);
        for (const key of KEYS) {
          if (!index.dirt.services.has(key)) expect(index.serviceOf(key)).toEqual(before.get(key));
        }
      }
    }),
  );
});
