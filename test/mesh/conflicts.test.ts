import { describe, expect, test } from 'vitest';
import { type Exported, exported, NEWER, NEWEST, OLD } from '../kit/exported.ts';
import { meshOf } from '../kit/mesh.ts';

const PLAIN = 'clusterIP: 10.0.0.1, ports: [{port: 80}]';

/** Exports of clusters `east`, `north`, `west`, oldest first. */
function merge(...exports: readonly Exported[]) {
  const names = ['east', 'north', 'west'];
  const ages = [OLD, NEWER, NEWEST];
  const clusters = exports.map((parts, index) => [
    names[index],
    exported({ at: ages[index], ...parts, spec: parts.spec ?? PLAIN }),
  ]);
  const { mesh, change } = meshOf(Object.fromEntries(clusters));
  return { service: change.services.get('shop/payments'), conflicts: mesh.conflicts };
}

const spec = (text: string): Exported => ({ spec: `${PLAIN}, ${text}` });
const annotations = (text: string): Exported => ({ annotations: text });

describe('C1 C2 the oldest export holds, and the conflict says so', () => {
  test.each([
    {
      row: 'C8 type',
      exports: [spec(''), { spec: 'clusterIP: None, ports: [{port: 80}], ipFamilies: [IPv4]' }],
      gives: { type: 'ClusterSetIP' },
      reason: 'TypeConflict',
      message:
        'type: 1 of 2 exports (north) disagree with cluster east, the oldest that sets it; its value holds (ClusterSetIP)',
    },
    {
      row: 'C8 type, the other way round',
      exports: [{ spec: 'clusterIP: None, ports: [{port: 80}], ipFamilies: [IPv4]' }, spec('')],
      gives: { type: 'Headless', ips: [] },
      reason: 'TypeConflict',
    },
    {
      row: 'C9 labels, whole maps',
      exports: [{ exportSpec: 'exportedLabels: {a: b}' }, { exportSpec: 'exportedLabels: {a: b, c: d}' }],
      gives: { labels: { a: 'b' } },
      reason: 'LabelsConflict',
      message:
        'spec.exportedLabels: 1 of 2 exports (north) disagree with cluster east, the oldest that sets it; ' +
        'its whole map holds',
    },
    {
      row: 'C9 annotations, none on the oldest',
      exports: [{}, { exportSpec: 'exportedAnnotations: {c: d}' }],
      gives: { annotations: {} },
      reason: 'AnnotationsConflict',
    },
    {
      row: 'C10 internal traffic policy',
      exports: [spec('internalTrafficPolicy: Cluster'), spec('internalTrafficPolicy: Local')],
      gives: { internalTrafficPolicy: 'Cluster' },
      reason: 'InternalTrafficPolicyConflict',
    },
    {
      row: 'C10 traffic distribution',
      exports: [spec('trafficDistribution: PreferClose'), spec('')],
      gives: { trafficDistribution: 'PreferClose' },
      reason: 'TrafficDistributionConflict',
    },
    {
      row: 'C10 traffic distribution, none on the oldest',
      exports: [spec(''), spec('trafficDistribution: PreferClose')],
      gives: { sessionAffinity: 'None' },
      reason: 'TrafficDistributionConflict',
      message:
        'spec.trafficDistribution: 1 of 2 exports (north) disagree with cluster east, the oldest that sets it; ' +
        'its value holds (none)',
    },
    {
      row: 'C10 session affinity config',
      exports: [
        spec('sessionAffinity: ClientIP'),
        spec('sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 10}}'),
      ],
      gives: { sessionAffinityTimeoutSeconds: 10_800 },
      reason: 'SessionAffinityConfigConflict',
    },
    {
      row: 'affinity',
      exports: [annotations('causeway.dev/affinity: none'), annotations('causeway.dev/affinity: local')],
      gives: { affinity: 'none' },
      reason: 'AffinityConflict',
    },
    {
      row: 'backends',
      exports: [
        annotations('causeway.dev/backends: endpoints'),
        annotations('causeway.dev/backends: service'),
      ],
      gives: { backends: 'endpoints' },
      reason: 'BackendsConflict',
    },
    {
      row: 'ttl',
      exports: [annotations('causeway.dev/ttl: "0"'), annotations('causeway.dev/ttl: "5"')],
      gives: { ttl: 0 },
      reason: 'TTLConflict',
      message:
        'causeway.dev/ttl: 1 of 2 exports (north) disagree with cluster east, the oldest that sets it; its value holds (0)',
    },
  ])('$row', ({ exports, gives, reason, message }) => {
    const { service, conflicts } = merge(...exports);
    expect(service).toMatchObject(gives);
    expect(service?.clusters.map(({ cluster }) => cluster)).toEqual(['east', 'north']);
    const told = message ?? expect.any(String);
    expect(conflicts).toEqual([
      { namespace: 'shop', name: 'payments', reason, message: told, winner: 'east', losers: ['north'] },
    ]);
  });

  test('a property the oldest does not set stays unset', () => {
    expect(merge(spec(''), spec('trafficDistribution: PreferClose')).service).not.toHaveProperty(
      'trafficDistribution',
    );
  });

  test('C10 session affinity and its config are two conflicts', () => {
    const { service, conflicts } = merge(spec(''), spec('sessionAffinity: ClientIP'));
    expect(service?.sessionAffinity).toBe('None');
    expect(service).not.toHaveProperty('sessionAffinityTimeoutSeconds');
    expect(conflicts.map(({ reason }) => reason)).toEqual([
      'SessionAffinityConflict',
      'SessionAffinityConfigConflict',
    ]);
  });

  test('C12 the message counts: 1 of 3 and 2 of 3', () => {
    const local = spec('internalTrafficPolicy: Local');
    expect(merge(local, spec(''), local).conflicts).toMatchObject([
      {
        losers: ['north'],
        message: expect.stringContaining('1 of 3 exports (north) disagree with cluster east'),
      },
    ]);
    expect(merge(local, spec(''), spec('')).conflicts).toMatchObject([
      { losers: ['north', 'west'], message: expect.stringContaining('2 of 3 exports (north, west)') },
    ]);
  });

  test('the ports conflict says what is served', () => {
    const { conflicts } = merge({ spec: 'ports: [{port: 80}]' }, { spec: 'ports: [{port: 81}]' });
    expect(conflicts.map(({ message }) => message)).toEqual([
      'spec.ports: 1 of 2 exports (north) disagree with cluster east, the oldest that sets it; ' +
        'the ports of all are united, and where two clash the one of the older export holds; ' +
        'a cluster serves only those of its ports that hold, and gets no traffic if none does',
    ]);
  });
});

describe('no conflict', () => {
  test.each([
    { row: 'one export', exports: [spec('sessionAffinity: ClientIP')] },
    { row: 'all alike', exports: [spec(''), spec(''), spec('')] },
    {
      row: 'C10 no internal traffic policy is Cluster',
      exports: [spec(''), spec('internalTrafficPolicy: Cluster')],
    },
    {
      row: 'the default affinity time written out',
      exports: [
        spec('sessionAffinity: ClientIP'),
        spec('sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 10800}}'),
      ],
    },
    {
      row: 'labels in another order',
      exports: [
        { exportSpec: 'exportedLabels: {a: "1", b: "2"}' },
        { exportSpec: 'exportedLabels: {b: "2", a: "1"}' },
      ],
    },
    {
      row: 'weights are each cluster’s own',
      exports: [annotations('causeway.dev/weight: "80"'), annotations('causeway.dev/weight: "20"'), {}],
    },
    { row: 'a traffic setting on the oldest only', exports: [annotations('causeway.dev/ttl: "7"'), {}] },
    {
      row: 'a traffic setting on the youngest only',
      exports: [{}, annotations('causeway.dev/affinity: local')],
    },
  ])('$row', ({ exports }) => {
    expect(merge(...exports).conflicts).toEqual([]);
  });
});

test('of the exports that set a traffic setting the oldest wins, though an older one sets none', () => {
  const { service, conflicts } = merge(
    {},
    annotations('causeway.dev/affinity: remote, causeway.dev/ttl: "7"'),
    annotations('causeway.dev/affinity: local, causeway.dev/ttl: "7", causeway.dev/backends: service'),
  );
  expect(service).toMatchObject({ affinity: 'remote', ttl: 7, backends: 'service' });
  expect(conflicts).toMatchObject([{ reason: 'AffinityConflict', winner: 'north', losers: ['west'] }]);
});

test('weights stay with their clusters', () => {
  const { service } = merge(annotations('causeway.dev/weight: "0"'), {});
  expect(service?.clusters).toMatchObject([{ cluster: 'east', weight: 0 }, { cluster: 'north' }]);
  expect(service?.clusters[1]).not.toHaveProperty('weight');
});
