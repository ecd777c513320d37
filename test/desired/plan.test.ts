import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { difference } from '../../src/base/delta.ts';
import { fingerprintOf, ownedKeyOf, statusFingerprintOf } from '../../src/desired/fingerprint.ts';
import { byKind, objectId } from '../../src/desired/identity.ts';
import type { Plan, ServiceView } from '../../src/desired/model.ts';
import { planService } from '../../src/desired/plan.ts';
import { Mesh } from '../../src/mesh/mesh.ts';
import { settledPlan, TOOLS, viewOf } from '../kit/plan.ts';
import { CLUSTERS, type Held, identityOf, randomObjects, SERVICES } from '../kit/random-mesh.ts';
import { asStored, withStatus } from '../kit/stored.ts';

const KEYS = SERVICES.map(name => `shop/${name}`);

/** The views of the cluster `east` of all services in `shop`. */
function viewsOf(objects: readonly Held[], lost: readonly string[]): ServiceView[] {
  const mesh = new Mesh({ localCluster: 'east' });
  for (const { cluster, object } of objects) mesh.put(cluster, object);
  for (const cluster of lost) mesh.setServing(cluster, false);
  mesh.flush();
  return KEYS.map(key => ({
    ...viewOf({}, { of: key, localCluster: 'east', lost: new Set(lost) }),
    merged: mesh.serviceOf(key),
    exports: mesh.exportsOf(key),
    conflicts: mesh.conflictsOf(key),
    serviceExport: mesh.ownPartsOf('east', key).request,
    invalid: mesh.invalidExportsOf(key).find(({ cluster }) => cluster === 'east'),
  }));
}

const lostClusters = fc.subarray(CLUSTERS.filter(cluster => cluster !== 'east'));

function checkPlans(check: (plan: Plan, view: ServiceView) => void): void {
  fc.assert(
    fc.property(randomObjects, lostClusters, (objects, lost) => {
      for (const view of viewsOf(objects, lost)) check(settledPlan(view), view);
    }),
  );
}

function fingerprints(plan: Plan): Map<string, string> {
  return new Map(plan.objects.map(object => [objectId(object), object.fingerprint]));
}

describe('a plan', () => {
  test('is a fixpoint: once applied and read back, nothing is left to do', () => {
    checkPlans((plan, view) => {
      const stored = plan.objects.map(object => {
        const raw = asStored(object);
        expect(ownedKeyOf(object.kind, raw)).toBe(`${view.namespace}/${view.name}`);
        return [objectId(object), fingerprintOf(object.kind, raw, TOOLS.sha256)] as const;
      });
      const desired = new Map(plan.objects.map(object => [objectId(object), object]));
      expect(difference(desired, new Map(stored), byKind)).toEqual({ apply: [], remove: [] });
      for (const status of plan.statuses) {
        const raw = withStatus(status);
        expect(statusFingerprintOf(status.kind, raw, TOOLS.sha256)).toBe(status.fingerprint);
      }
    });
  });

  test('is complete once every address is there', () => {
    checkPlans(plan => expect(plan.complete).toBe(true));
  });

  test('never names an object twice, in whatever namespace', () => {
    checkPlans(plan => expect(fingerprints(plan).size).toBe(plan.objects.length));
  });

  test('asks for nothing that an API server would refuse for its name or its labels', () => {
    const label = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
    const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
    checkPlans(plan => {
      for (const { kind, name, manifest } of plan.objects) {
        expect(name).toMatch(subdomain);
        expect(name.length).toBeLessThanOrEqual(kind === 'Service' ? 63 : 253);
        const { labels = {} } = manifest['metadata'] as { labels?: Record<string, string> };
        for (const value of Object.values(labels)) expect(value).toMatch(label);
      }
    });
  });

  test('gives an import as many addresses as families, in their order', () => {
    checkPlans(plan => {
      for (const { manifest } of plan.objects.filter(({ kind }) => kind === 'ServiceImport')) {
        const {
          type,
          ips = [],
          ipFamilies = [],
        } = manifest['spec'] as { type: string; ips?: string[]; ipFamilies?: string[] };
        const families = ips.map(address => (address.includes(':') ? 'IPv6' : 'IPv4'));
        expect(families).toEqual(type === 'Headless' ? [] : ipFamilies);
      }
    });
  });

  test('does not depend on the order in which anything came', () => {
    fc.assert(
      fc.property(randomObjects, lostClusters, fc.nat(), (given, lost, seed) => {
        // Of two objects of one identity the last counts, so only different ones change places.
        const objects = [...new Map(given.map(held => [identityOf(held), held])).values()];
        const shuffled = objects.toSorted(
          (one, other) => hash(identityOf(one), seed) - hash(identityOf(other), seed),
        );
        const plans = [objects, shuffled].map(each =>
          viewsOf(each, lost).map(view => [...fingerprints(settledPlan(view))].sort()),
        );
        expect(plans[1]).toEqual(plans[0]);
      }),
    );
  });
});

function hash(text: string, seed: number): number {
  return [...text].reduce((sum, letter) => Math.imul(sum ^ letter.charCodeAt(0), 16_777_619), seed);
}

describe('the order of writing', () => {
  test('what is referred to comes first, and goes last', () => {
    const ids = [
      'ServiceImport a/b',
      'Service a/c',
      'EndpointSlice a/b',
      'ExportedService x/b',
      'Service a/b',
    ];
    expect(ids.toSorted(byKind)).toEqual([
      'Service a/b',
      'Service a/c',
      'EndpointSlice a/b',
      'ExportedService x/b',
      'ServiceImport a/b',
    ]);
  });

  test('a plan that waits for an address lacks the import alone', () => {
    fc.assert(
      fc.property(randomObjects, objects => {
        for (const view of viewsOf(objects, [])) {
          const waiting = fingerprints(planService(view, TOOLS));
          const settled = fingerprints(settledPlan(view));
          for (const [id, print] of waiting) expect(settled.get(id)).toBe(print);
          const missing = [...settled.keys()].filter(id => !waiting.has(id));
          expect(missing.filter(id => !id.startsWith('ServiceImport '))).toEqual([]);
        }
      }),
    );
  });
});
