import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { exported, NEWER, OLD } from '../kit/exported.ts';
import { objectsOf, settledPlan, statusOf, type ViewOptions, viewOf } from '../kit/plan.ts';

const DERIVED = 'derived-8ja62ka59m';
const SLICE = 'addressType: IPv4, ports: [{name: http, port: 8080}], endpoints: [{addresses: [10.1.0.1]}]';
const SPEC = 'clusterIP: 10.0.0.1, ipFamilies: [IPv4], ports: [{name: http, port: 80}]';

/** One export of the cluster `east`, seen from `west`. */
function planned(parts: Parameters<typeof exported>[0], options?: ViewOptions) {
  return settledPlan(viewOf({ east: exported({ spec: SPEC, at: OLD, slices: [SLICE], ...parts }) }, options));
}

function importOf(plan: ReturnType<typeof planned>, key = 'shop/payments') {
  return objectsOf(plan, 'ServiceImport')[key] as
    | { spec: Record<string, unknown>; metadata: object }
    | undefined;
}

describe('what one export becomes in a cluster that imports it', () => {
  const plan = planned({
    spec: `${SPEC}, sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 10}}`,
    exportSpec: 'exportedLabels: {team: blue}, exportedAnnotations: {example.com/docs: here}',
  });

  test('B4 B10 B12 B13 B16 B17 the ServiceImport', () => {
    expect(importOf(plan)).toEqual(
      parse(`
        apiVersion: multicluster.x-k8s.io/v1beta1
        kind: ServiceImport
        metadata:
          namespace: shop
          name: payments
          labels: {team: blue}
          annotations:
            example.com/docs: here
            multicluster.kubernetes.io/derived-service: ${DERIVED}
            app.kubernetes.io/managed-by: causeway
        spec:
          type: ClusterSetIP
          ips: [10.96.0.1]
          ipFamilies: [IPv4]
          ports: [{name: http, protocol: TCP, port: 80}]
          sessionAffinity: ClientIP
          sessionAffinityConfig: {clientIP: {timeoutSeconds: 10}}
          internalTrafficPolicy: Cluster
      `),
    );
  });

  test('B18 B19 its status', () => {
    expect(statusOf(plan, 'ServiceImport')).toEqual(
      parse(`
        clusters: [{cluster: east}]
        endpointSliceObjects: Present
        conditions:
          - type: Ready
            status: "True"
            reason: Ready
            message: imported from east
            lastTransitionTime: "2026-02-01T00:00:00Z"
      `),
    );
  });

  test('the derived Service', () => {
    expect(objectsOf(plan, 'Service')).toEqual({
      [`shop/${DERIVED}`]: parse(`
        apiVersion: v1
        kind: Service
        metadata:
          namespace: shop
          name: ${DERIVED}
          labels: {app.kubernetes.io/managed-by: causeway, causeway.dev/service-name: payments}
        spec:
          type: ClusterIP
          ipFamilyPolicy: SingleStack
          ipFamilies: [IPv4]
          ports: [{name: http, protocol: TCP, port: 80}]
          sessionAffinity: ClientIP
          sessionAffinityConfig: {clientIP: {timeoutSeconds: 10}}
          internalTrafficPolicy: Cluster
      `),
    });
  });

  test('the copy of what the other cluster publishes', () => {
    expect(objectsOf(plan, 'ExportedService')).toMatchObject({
      'causeway-imports/east.shop.payments': {
        metadata: {
          labels: {
            'app.kubernetes.io/managed-by': 'causeway',
            'causeway.dev/service-namespace': 'shop',
            'causeway.dev/service-name': 'payments',
            'multicluster.kubernetes.io/source-cluster': 'east',
          },
        },
        spec: {
          cluster: 'east',
          namespace: 'shop',
          name: 'payments',
          exportedAt: expect.stringMatching(/^2026-01-01T00:00:00/),
          sharedAs: ['ClusterSet'],
        },
      },
    });
  });
});

describe('whether there is an import, and of which type', () => {
  test.each([
    {
      row: 'B1 a Service without export',
      yaml: `{apiVersion: v1, kind: Service, metadata: {name: payments, namespace: shop}, spec: {${SPEC}}}`,
      type: undefined,
    },
    { row: 'B7 an export without Service', yaml: exported({ spec: undefined }), type: undefined },
    {
      row: 'B8 ExternalName',
      yaml: exported({ spec: 'type: ExternalName, externalName: a.example' }),
      type: undefined,
    },
    { row: 'B10 ClusterIP', yaml: exported({ spec: SPEC }), type: 'ClusterSetIP' },
    { row: 'B10 NodePort', yaml: exported({ spec: `type: NodePort, ${SPEC}` }), type: 'ClusterSetIP' },
    {
      row: 'B10 LoadBalancer',
      yaml: exported({ spec: `type: LoadBalancer, ${SPEC}` }),
      type: 'ClusterSetIP',
    },
    {
      row: 'B10 headless',
      yaml: exported({ spec: 'clusterIP: None, ipFamilies: [IPv4]' }),
      type: 'Headless',
    },
  ])('$row', ({ yaml, type }) => {
    const plan = settledPlan(viewOf({ east: yaml }));
    expect(importOf(plan)?.spec['type']).toBe(type);
    expect(plan.complete).toBe(true);
  });

  test('B2 exports of one name in two clusters are one service', () => {
    const plan = settledPlan(viewOf({ east: exported({ spec: SPEC }), north: exported({ spec: SPEC }) }));
    expect(Object.keys(objectsOf(plan, 'ServiceImport'))).toEqual(['shop/payments']);
    expect(statusOf(plan, 'ServiceImport')?.['clusters']).toEqual([
      { cluster: 'east' },
      { cluster: 'north' },
    ]);
  });

  test('B3 nothing in a namespace that does not exist; what is known of the other cluster is kept', () => {
    const plan = planned({}, { namespaceExists: false });
    expect(plan.objects.map(({ kind, namespace }) => `${kind} ${namespace}`)).toEqual([
      'ExportedService causeway-imports',
    ]);
    expect(plan.complete).toBe(true);
  });

  test('B3 the exporting cluster imports as well', () => {
    const plan = planned({}, { localCluster: 'east' });
    expect(importOf(plan)).toBeDefined();
  });

  test('B5 nothing is left when nobody exports it any more', () => {
    expect(settledPlan(viewOf({}))).toEqual({ objects: [], statuses: [], remarks: [], complete: true });
  });
});

describe('what the import says of the service', () => {
  const [EAST, NORTH] = ['ports: [{name: http, port: 80}]', 'ports: [{name: http, port: 80}]'];
  test.each<{ row: string; east: object; north?: object; has: object }>([
    {
      row: 'B16 policies and the application protocol',
      east: {
        spec:
          'ports: [{name: http, port: 80, protocol: TCP, appProtocol: http}], ' +
          'internalTrafficPolicy: Local, trafficDistribution: PreferClose',
      },
      has: {
        spec: {
          ports: [{ name: 'http', protocol: 'TCP', port: 80, appProtocol: 'http' }],
          internalTrafficPolicy: 'Local',
          trafficDistribution: 'PreferClose',
          sessionAffinity: 'None',
        },
      },
    },
    {
      row: 'C4 the union of the ports',
      east: { spec: EAST },
      north: { spec: 'ports: [{name: http, port: 81}, {name: dns, port: 53, protocol: UDP}]' },
      has: {
        spec: {
          ports: [
            { name: 'http', protocol: 'TCP', port: 80 },
            { name: 'dns', protocol: 'UDP', port: 53 },
          ],
        },
      },
    },
    {
      row: 'C8 the type of the oldest',
      east: { spec: `clusterIP: None, ${EAST}` },
      north: { spec: NORTH },
      has: { spec: { type: 'Headless' } },
    },
    {
      row: 'C9 the labels and annotations of the oldest as a whole',
      east: { spec: EAST, exportSpec: 'exportedLabels: {a: "1"}' },
      north: { spec: NORTH, exportSpec: 'exportedLabels: {b: "2"}, exportedAnnotations: {c: "3"}' },
      has: { metadata: { labels: { a: '1' } } },
    },
    {
      row: 'C10 the session affinity of the oldest',
      east: { spec: EAST },
      north: { spec: `${NORTH}, sessionAffinity: ClientIP` },
      has: { spec: { sessionAffinity: 'None' } },
    },
  ])('$row', ({ east, north, has }) => {
    const yaml = {
      east: exported({ at: OLD, ...east }),
      ...(north === undefined ? {} : { north: exported({ at: NEWER, ...north }) }),
    };
    const found = importOf(settledPlan(viewOf(yaml)));
    expect(found).toMatchObject(has);
    expect(found?.metadata).not.toHaveProperty(['annotations', 'c']);
  });

  test('B17 nothing of what stands on the Service or the ServiceExport', () => {
    const metadata = 'labels: {mine: "1"}, annotations: {mine: "2"}, name: payments, namespace: shop';
    const yaml =
      `{apiVersion: v1, kind: Service, metadata: {${metadata}}, spec: {${EAST}}}\n---\n` +
      `{apiVersion: multicluster.x-k8s.io/v1beta1, kind: ServiceExport, metadata: {${metadata}}}`;
    const found = importOf(settledPlan(viewOf({ east: yaml })));
    expect(found).toBeDefined();
    expect(JSON.stringify(found)).not.toContain('mine');
  });

  test.each([
    { row: 'nothing set', annotations: '', traffic: undefined },
    {
      row: 'weight',
      annotations: 'causeway.dev/weight: "7"',
      traffic: { clusters: { east: { weight: 7 } } },
    },
    {
      row: 'affinity and TTL',
      annotations: 'causeway.dev/affinity: local, causeway.dev/ttl: "30"',
      traffic: { affinity: 'local', ttl: 30 },
    },
    {
      row: 'backends, with the addresses that stand for each cluster',
      annotations: 'causeway.dev/backends: service',
      traffic: { backends: 'service', clusters: { east: { clusterIPs: ['10.0.0.1'] } } },
    },
  ])('what MCS has no field for: $row', ({ annotations, traffic }) => {
    const { annotations: found } = (importOf(planned({ annotations }))?.metadata ?? {}) as {
      annotations?: Record<string, string>;
    };
    const text = found?.['causeway.dev/traffic'];
    expect(text === undefined ? undefined : JSON.parse(text)).toEqual(traffic);
  });

  test('B19 no slices, and the status says so', () => {
    expect(statusOf(planned({ slices: [] }), 'ServiceImport')?.['endpointSliceObjects']).toBe('Absent');
  });
});
