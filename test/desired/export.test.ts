import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { PARTLY_IGNORED } from '../../src/objects/names.ts';
import type { Condition } from '../../src/objects/shapes.ts';
import { exported, NEWER, OLD } from '../kit/exported.ts';
import { conditionLines, objectsOf, settledPlan, statusOf, type ViewOptions, viewOf } from '../kit/plan.ts';

const SPEC = 'clusterIP: 10.0.0.1, ipFamilies: [IPv4], ports: [{name: http, port: 80}]';
const SLICE =
  'addressType: IPv4, ports: [{name: http, port: 8080}], endpoints: [' +
  '{addresses: [10.1.0.1], hostname: a, nodeName: node-1, zone: z1, conditions: {ready: true}}, ' +
  '{addresses: [10.1.0.2], conditions: {ready: false, serving: true, terminating: true}}]';

/** The plan of the cluster `west`, which exports `shop/payments` itself; `east` may do so too. */
function planned(parts: Parameters<typeof exported>[0], options?: ViewOptions, east?: string) {
  const west = exported({ spec: SPEC, at: NEWER, slices: [SLICE], ...parts });
  return settledPlan(viewOf({ west, ...(east === undefined ? {} : { east }) }, options));
}

function conditionsOf(plan: ReturnType<typeof planned>): Condition[] {
  return (statusOf(plan, 'ServiceExport')?.['conditions'] ?? []) as Condition[];
}

describe('what a cluster publishes of its own export', () => {
  const plan = planned({ annotations: 'causeway.dev/weight: "3"' });

  test('an ExportedService', () => {
    const [published] = Object.values(objectsOf(plan, 'ExportedService'));
    expect(published).toMatchObject(
      parse(`
        apiVersion: causeway.dev/v1alpha1
        kind: ExportedService
        metadata:
          namespace: causeway-exports
          name: shop.payments
          labels:
            app.kubernetes.io/managed-by: causeway
            causeway.dev/service-namespace: shop
            causeway.dev/service-name: payments
            multicluster.kubernetes.io/source-cluster: west
        spec:
          cluster: west
          namespace: shop
          name: payments
          sharedAs: [ClusterSet]
          type: ClusterSetIP
          ports: [{name: http, protocol: TCP, port: 80}]
          ipFamilies: [IPv4]
          traffic: {weight: 3}
          clusterIPs: [10.0.0.1]
      `),
    );
  });

  test('E4 its slices, with all endpoints and all that is known of them', () => {
    expect(objectsOf(plan, 'EndpointSlice')['causeway-exports/shop.payments-0']).toEqual(
      parse(`
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          namespace: causeway-exports
          name: shop.payments-0
          labels:
            app.kubernetes.io/managed-by: causeway
            causeway.dev/service-namespace: shop
            causeway.dev/service-name: payments
            multicluster.kubernetes.io/source-cluster: west
            endpointslice.kubernetes.io/managed-by: controller.causeway.dev
        addressType: IPv4
        ports: [{name: http, protocol: TCP, port: 8080}]
        endpoints:
          - addresses: [10.1.0.1]
            conditions: {ready: true, serving: true, terminating: false}
            hostname: a
            nodeName: node-1
            zone: z1
          - addresses: [10.1.0.2]
            conditions: {ready: false, serving: true, terminating: true}
      `),
    );
  });

  test.each([
    { row: 'one for every namespace that somebody may read', publishIn: ['exports-a', 'exports-b'] },
    { row: 'none where nobody may', publishIn: [] },
  ])('$row', ({ publishIn }) => {
    const restricted = planned({}, { publishIn });
    const found = restricted.objects.filter(({ namespace }) => namespace.startsWith('exports-'));
    expect(found.map(({ kind, namespace }) => `${kind} ${namespace}`).sort()).toEqual(
      ['EndpointSlice', 'ExportedService'].flatMap(kind => publishIn.map(each => `${kind} ${each}`)),
    );
    expect(Object.keys(objectsOf(restricted, 'ExportedService')).length).toBe(publishIn.length);
  });

  test('what is shared as a global service alone is published too, and is no import', () => {
    const service =
      '{apiVersion: v1, kind: Service, metadata: {name: payments, namespace: shop, ' +
      `annotations: {service.cilium.io/global: "true"}}, spec: {${SPEC}}}`;
    const global = settledPlan(viewOf({ west: service }));
    expect(objectsOf(global, 'ExportedService')).toMatchObject({
      'causeway-exports/shop.payments': { spec: { sharedAs: ['Global'] } },
    });
    expect(objectsOf(global, 'ServiceImport')).toEqual({});
  });
});

describe('the conditions of the ServiceExport', () => {
  const conflicting = exported({
    spec: `${SPEC}, sessionAffinity: ClientIP, internalTrafficPolicy: Local`,
    at: OLD,
  });
  test.each<{ row: string; parts?: object; options?: ViewOptions; east?: string; conditions: string[] }>([
    {
      row: 'Valid and published',
      conditions: ['Valid=True/Valid', 'Ready=True/Ready', 'Conflict=False/NoConflicts'],
    },
    {
      row: 'B7 B9 no Service',
      parts: { spec: undefined },
      conditions: ['Valid=False/NoService', 'Ready=False/Pending'],
    },
    {
      row: 'B8 B9 ExternalName',
      parts: { spec: 'type: ExternalName, externalName: a.example' },
      conditions: ['Valid=False/InvalidServiceType', 'Ready=False/Pending'],
    },
    {
      row: 'export-to leads nowhere',
      options: { publishIn: [], publishFault: 'causeway.dev/export-to selects no RemoteCluster' },
      conditions: ['Valid=True/Valid', 'Ready=False/Failed', 'Conflict=False/NoConflicts'],
    },
    {
      row: 'nowhere to publish yet',
      options: { publishIn: [] },
      conditions: ['Valid=True/Valid', 'Ready=False/Pending', 'Conflict=False/NoConflicts'],
    },
    {
      row: 'C2 an older export of another cluster disagrees, in two fields',
      east: conflicting,
      conditions: [
        'Valid=True/Valid',
        'Ready=True/Ready',
        'Conflict=True/SessionAffinityConflict,SessionAffinityConfigConflict,InternalTrafficPolicyConflict',
      ],
    },
    {
      row: 'C2 on the winner too',
      parts: { at: '2025-01-01T00:00:00Z' },
      east: exported({ spec: `${SPEC}, internalTrafficPolicy: Local`, at: OLD }),
      conditions: ['Valid=True/Valid', 'Ready=True/Ready', 'Conflict=True/InternalTrafficPolicyConflict'],
    },
    {
      row: 'a reason of our own',
      parts: { annotations: 'causeway.dev/affinity: local' },
      east: exported({ spec: SPEC, at: OLD, annotations: 'causeway.dev/affinity: remote' }),
      conditions: ['Valid=True/Valid', 'Ready=True/Ready', 'Conflict=True/AffinityConflict'],
    },
    {
      row: 'a weight that cannot be read',
      parts: { annotations: 'causeway.dev/weight: ten' },
      conditions: [
        'Valid=True/Valid',
        'Ready=True/Ready',
        'Conflict=False/NoConflicts',
        'causeway.dev/PartlyIgnored=True/InvalidValue',
      ],
    },
  ])('$row', ({ parts = {}, options, east, conditions }) => {
    const plan = planned(parts, options, east);
    expect(conditionLines(statusOf(plan, 'ServiceExport'))).toEqual(conditions);
  });

  test('C12 a conflict says which field, who wins and how many disagree', () => {
    const message = conditionsOf(planned({}, {}, conflicting)).find(
      ({ type }) => type === 'Conflict',
    )?.message;
    expect(message).toContain('spec.internalTrafficPolicy: 1 of 2 exports (west) disagree with cluster east');
    expect(message).toContain('; spec.sessionAffinity');
  });

  test('each part that is ignored is told, with what holds instead, until it is mended', () => {
    const wrong = planned({ annotations: 'causeway.dev/weight: "ten", causeway.dev/ttl: "-1"' });
    expect(conditionsOf(wrong).find(({ type }) => type === PARTLY_IGNORED)?.message).toBe(
      'metadata.annotations["causeway.dev/weight"]: found "ten": must be a quoted whole number "0"–"1000"; ' +
        'it is ignored, and the cluster counts as 1 beside others with a weight; ' +
        'metadata.annotations["causeway.dev/ttl"]: found "-1": must be a quoted whole number "0"–"3600"; ' +
        'it is ignored, and the default holds',
    );
    const mended = planned({}, { exportConditions: conditionsOf(wrong) });
    expect(conditionsOf(mended).map(({ type }) => type)).toEqual(['Valid', 'Ready', 'Conflict']);
    // Else what is settled is not written again.
    const [before, after] = [wrong, mended].map(({ statuses }) => statuses.map(one => one.fingerprint));
    expect(before).not.toEqual(after);
  });

  test('what is wrong with export-to is told as it is', () => {
    const publishFault = 'causeway.dev/export-to is no label selector: found "in"';
    const plan = planned({}, { publishIn: [], publishFault });
    expect(conditionsOf(plan)[1]?.message).toBe(publishFault);
  });

  test('the time of a condition is that of its last change', () => {
    const [valid, ready, conflict] = conditionsOf(planned({}));
    if (!valid || !ready || !conflict) throw new Error('three conditions are to be there');
    const exportConditions = [
      { ...valid, lastTransitionTime: OLD },
      { ...ready, status: 'False' as const, lastTransitionTime: OLD },
    ];
    const times = conditionsOf(planned({}, { exportConditions })).map(each => each.lastTransitionTime);
    expect(times).toEqual([OLD, '2026-02-01T00:00:00Z', '2026-02-01T00:00:00Z']);
  });

  test('no local ServiceExport, no status of one', () => {
    expect(statusOf(settledPlan(viewOf({ east: conflicting })), 'ServiceExport')).toBeUndefined();
  });
});

describe('names that are taken by objects of others', () => {
  const foreign = (kind: string, name: string) => ({ foreign: new Set([`${kind} shop/${name}`]) });

  test('the derived Service: the import goes without an address and says why', () => {
    const plan = planned({}, foreign('Service', 'derived-8ja62ka59m'));
    expect(objectsOf(plan, 'Service')).toEqual({});
    expect(conditionLines(statusOf(plan, 'ServiceImport'))).toEqual(['Ready=False/Pending']);
    expect(objectsOf(plan, 'ServiceImport')['shop/payments']).not.toHaveProperty('spec.ips');
    const labels = plan.objects.map(({ manifest }) => JSON.stringify(manifest));
    expect(labels.filter(text => text.includes('kubernetes.io/service-name":"derived'))).toEqual([]);
    expect(plan.complete).toBe(true);
  });

  test('the ServiceImport: it stays as it is, status and all, and its owner hears of it', () => {
    const plan = planned({}, foreign('ServiceImport', 'payments'));
    expect(objectsOf(plan, 'ServiceImport')).toEqual({});
    expect(statusOf(plan, 'ServiceImport')).toBeUndefined();
    expect(plan.remarks).toEqual([
      {
        about: { kind: 'ServiceExport', namespace: 'shop', name: 'payments' },
        reason: 'NameTaken',
        message: expect.stringContaining('ServiceImport shop/payments would be written'),
      },
    ]);
  });

  test('the Service of one cluster: no slice of ours goes into it', () => {
    const weighted = planned({ annotations: 'causeway.dev/weight: "1"' });
    const name = Object.keys(objectsOf(weighted, 'Service')).find(each => !each.includes('8ja62ka59m'));
    const plan = planned(
      { annotations: 'causeway.dev/weight: "1"' },
      { foreign: new Set([`Service ${name}`]) },
    );
    expect(Object.keys(objectsOf(plan, 'Service'))).toEqual(['shop/derived-8ja62ka59m']);
    expect(JSON.stringify(plan.objects)).not.toContain(name?.split('/')[1]);
  });
});
