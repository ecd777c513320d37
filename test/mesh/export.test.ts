import { expect, test } from 'vitest';
import { exported, OLD } from '../kit/exported.ts';
import { meshOf } from '../kit/mesh.ts';

const merged = (yaml: string) => meshOf({ east: yaml }).change.services.get('shop/payments');
const SERVICE =
  '{apiVersion: v1, kind: Service, metadata: {name: payments, namespace: shop}, spec: {clusterIP: 10.0.0.1}}';

test('B1 a Service without a ServiceExport is no part of the set', () => {
  const { mesh, change } = meshOf({ east: SERVICE });
  expect([...change.services]).toEqual([]);
  expect(mesh.invalidExports).toEqual([]);
});

test('B1 a cluster that has the Service and does not export it takes no part', () => {
  const { change } = meshOf({ east: exported({ spec: 'clusterIP: 10.0.0.2' }), west: SERVICE });
  expect(change.services.get('shop/payments')?.clusters).toMatchObject([{ cluster: 'east' }]);
});

test.each(['ClusterIP', 'NodePort', 'LoadBalancer'])('B10 a Service of type %s is a ClusterSetIP', type => {
  expect(merged(exported({ spec: `type: ${type}, clusterIP: 10.0.0.1` }))?.type).toBe('ClusterSetIP');
});

test('B10 a headless Service is Headless', () => {
  expect(merged(exported({ spec: 'clusterIP: None' }))?.type).toBe('Headless');
});

test.each([
  {
    row: 'B7 no Service',
    spec: undefined,
    reason: 'NoService',
    message:
      'cluster east exports nothing as shop/payments: it has no such Service; create the Service or delete the ServiceExport',
  },
  {
    row: 'B8 ExternalName',
    spec: 'type: ExternalName, externalName: example.org',
    reason: 'InvalidServiceType',
    message:
      'cluster east exports nothing as shop/payments: its Service is of type ExternalName, which has no endpoints; ' +
      'delete the ServiceExport',
  },
])('$row is an invalid export, and the service exists without it', ({ spec, reason, message }) => {
  const east = exported({ spec, at: OLD });
  const alone = meshOf({ east });
  const invalid = { cluster: 'east', namespace: 'shop', name: 'payments', reason, message };
  expect([...alone.change.services]).toEqual([]);
  expect(alone.mesh.invalidExports).toEqual([invalid]);

  const both = meshOf({ east, west: exported({ spec: 'clusterIP: 10.0.0.1' }) });
  expect(both.change.services.get('shop/payments')?.clusters).toMatchObject([{ cluster: 'west' }]);
  expect(both.mesh.invalidExports).toEqual([invalid]);
  expect(both.mesh.conflicts).toEqual([]);
});

test('B16 ports, session affinity and traffic policies are those of the Service', () => {
  const spec =
    'clusterIP: 10.0.0.1, ports: [{name: http, port: 80, targetPort: 8080, appProtocol: http2}], ' +
    'sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 10}}, ' +
    'internalTrafficPolicy: Cluster, trafficDistribution: PreferClose';
  expect(merged(exported({ spec }))).toMatchObject({
    ports: [{ name: 'http', protocol: 'TCP', port: 80, appProtocol: 'http2' }],
    sessionAffinity: 'ClientIP',
    sessionAffinityTimeoutSeconds: 10,
    internalTrafficPolicy: 'Cluster',
    trafficDistribution: 'PreferClose',
  });
});

test('B17 labels and annotations are those the export names', () => {
  const exportSpec = 'exportedLabels: {team: a}, exportedAnnotations: {owner: b}';
  const service = merged(exported({ spec: 'clusterIP: 10.0.0.1', exportSpec, annotations: 'not: exported' }));
  expect(service).toMatchObject({ labels: { team: 'a' }, annotations: { owner: 'b' } });
  expect(service?.annotations).not.toHaveProperty('not');
});

test('slices come in the order of their names, whatever order they were put in', () => {
  const slice = 'addressType: IPv4, ports: [{port: 1}], endpoints: [{addresses: [10.1.0.1]}]';
  const yaml = exported({ spec: 'clusterIP: 10.0.0.1, ports: [{port: 1}]', slices: [slice, slice, slice] });
  const backwards = yaml.split('\n---\n').reverse().join('\n---\n');
  const names = merged(backwards)?.clusters[0]?.slices.map(({ name }) => name);
  expect(names).toEqual(['payments-0', 'payments-1', 'payments-2']);
});
