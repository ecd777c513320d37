import { describe, expect, test } from 'vitest';
import { planNative } from '../../src/desired/native-slices.ts';
import { nativeView, sliceLines } from '../kit/native-view.ts';
import { TOOLS } from '../kit/plan.ts';
import { down, service, slice } from '../kit/shop.ts';

const GLOBAL = 'service.cilium.io/global: "true"';
const annotated = (...annotations: string[]) => service('payments', { annotations: annotations.join(', ') });
const west = annotated(GLOBAL) + slice('payments', ['10.2.0.1', '10.2.0.2']);
const WEST = 'payments west IPv4 http:8080 10.2.0.1 10.2.0.2';
const STANDBY = 'payments west IPv4 http:8080 (10.2.0.1) (10.2.0.2)';
const here = slice('payments', ['10.1.0.1']);

/** What is added to Service payments of cluster east. */
function plan(clusters: Readonly<Record<string, string>>, lost: readonly string[] = []) {
  const { objects, remarks } = planNative(nativeView('payments', clusters, lost), TOOLS);
  return { slices: sliceLines(objects), remarks: remarks.map(({ reason }) => reason) };
}

describe('affinity', () => {
  const affinity = (value: string) => annotated(GLOBAL, `service.cilium.io/affinity: "${value}"`);
  test.each([
    {
      row: 'local: the others stand by while an endpoint here is ready',
      east: affinity('local') + here,
      slices: [STANDBY],
    },
    { row: 'Local, in any case', east: affinity('LOCAL') + here, slices: [STANDBY] },
    {
      row: 'local, old name',
      east: annotated(GLOBAL, 'io.cilium/service-affinity: local') + here,
      slices: [STANDBY],
    },
    { row: 'local: no endpoint here', east: affinity('local'), slices: [WEST] },
    {
      row: 'local: none ready here',
      east: affinity('local') + slice('payments', [down('10.1.0.1')]),
      slices: [WEST],
    },
    {
      row: 'local, not shared: its own endpoints still go first',
      east:
        annotated(GLOBAL, 'service.cilium.io/affinity: local', 'service.cilium.io/shared: "false"') + here,
      slices: [STANDBY],
    },
    {
      row: 'local: what is ready here serves another port',
      east: affinity('local') + slice('payments', ['10.1.0.1'], '{name: metrics, port: 9}'),
      slices: [WEST],
    },
    { row: 'none', east: affinity('none') + here, slices: [WEST] },
    { row: 'NONE, in any case', east: affinity('NONE') + here, slices: [WEST] },
    { row: 'empty', east: affinity('') + here, slices: [WEST] },
    { row: 'absent', east: annotated(GLOBAL) + here, slices: [WEST] },
  ])('$row', ({ east, slices }) => {
    expect(plan({ east, west })).toEqual({ slices, remarks: [] });
  });

  test('remote: all are ready, and the owner is told that it does not hold and what to use', () => {
    const { objects, remarks } = planNative(
      nativeView('payments', { east: affinity('Remote') + here, west }),
      TOOLS,
    );
    expect(sliceLines(objects)).toEqual([WEST]);
    expect(remarks).toEqual([
      {
        about: { kind: 'Service', namespace: 'shop', name: 'payments' },
        reason: 'AffinityNotRealised',
        message: expect.stringMatching(
          /does not hold .* causeway\.dev\/affinity: remote.*payments\.shop\.svc\.clusterset\.local/,
        ),
      },
    ]);
  });

  test('remote without any other cluster holds', () => {
    expect(plan({ east: affinity('remote') + here })).toEqual({ slices: [], remarks: [] });
  });

  test('in a dual-stack Service each family looks at its own endpoints', () => {
    const spec = 'clusterIP: 10.96.0.9, ipFamilies: [IPv4, IPv6], ports: [{name: http, port: 80}]';
    const annotations = `${GLOBAL}, service.cilium.io/affinity: local`;
    const both = service('payments', { annotations, spec }) + slice('payments', ['10.2.0.1']);
    const { slices } = plan({
      east: service('payments', { annotations, spec }) + here,
      west: both + slice('payments', ['fd02::1'], undefined, 'x6'),
    });
    expect(slices).toEqual([
      'payments west IPv4 http:8080 (10.2.0.1)',
      'payments west IPv6 http:8080 fd02::1',
    ]);
  });
});

describe('a cluster that is held for lost', () => {
  const north = annotated(GLOBAL) + slice('payments', ['10.3.0.1']);
  const NORTH = 'payments north IPv4 http:8080 10.3.0.1';
  test.each([
    {
      row: 'stands by while this one serves',
      clusters: { east: annotated(GLOBAL) + here, west },
      lost: ['west'],
      slices: [STANDBY],
    },
    {
      row: 'stands by while another one serves',
      clusters: { east: annotated(GLOBAL), west, north },
      lost: ['west'],
      slices: [NORTH, STANDBY],
    },
    {
      row: 'stays as last known where nobody else serves',
      clusters: { east: annotated(GLOBAL), west },
      lost: ['west'],
      slices: [WEST],
    },
    {
      row: 'stays as last known where all are lost',
      clusters: { east: annotated(GLOBAL), west, north },
      lost: ['west', 'north'],
      slices: [NORTH, WEST],
    },
    {
      row: 'stays as last known for a port that nobody else serves',
      clusters: {
        east: annotated(GLOBAL) + slice('payments', ['10.1.0.1'], '{name: metrics, port: 9}'),
        west,
      },
      lost: ['west'],
      slices: [WEST],
    },
  ])('$row', ({ clusters, lost, slices }) => {
    expect(plan(clusters, lost)).toEqual({ slices, remarks: [] });
  });
});

describe('the object that is written', () => {
  const endpoint = (ready: boolean) =>
    `{addresses: [10.2.0.1], hostname: p-0, nodeName: node-1, zone: z1, conditions: {ready: ${ready}, serving: true, terminating: ${!ready}}}`;
  const written = (east: string, there: string) =>
    planNative(
      nativeView('payments', { east, west: annotated(GLOBAL) + slice('payments', [there]) }),
      TOOLS,
    ).objects.map(({ manifest }) => manifest);

  test('is the native Service’s and no import, and names no node of another cluster', () => {
    const labels = {
      'kubernetes.io/service-name': 'payments',
      'endpointslice.kubernetes.io/managed-by': 'controller.causeway.dev',
      'app.kubernetes.io/managed-by': 'causeway',
      'causeway.dev/service-name': 'payments',
    };
    expect(written(annotated(GLOBAL), endpoint(true))).toEqual([
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          namespace: 'shop',
          name: expect.stringMatching(/^payments-west-[0-9a-v]{10}$/),
          labels,
          annotations: { 'causeway.dev/mirror-of': 'west/shop.payments-x1' },
        },
        addressType: 'IPv4',
        ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
        endpoints: [
          {
            addresses: ['10.2.0.1'],
            hostname: 'p-0',
            zone: 'z1',
            conditions: { ready: true, serving: true, terminating: false },
          },
        ],
      },
    ]);
  });

  test.each([
    {
      row: 'ready',
      ready: true,
      east: annotated(GLOBAL),
      conditions: { ready: true, serving: true, terminating: false },
    },
    {
      row: 'terminating',
      ready: false,
      east: annotated(GLOBAL),
      conditions: { ready: false, serving: true, terminating: true },
    },
    {
      row: 'standing by: `serving` keeps what `ready` was',
      ready: true,
      east: annotated(GLOBAL, 'service.cilium.io/affinity: local') + here,
      conditions: { ready: false, serving: true, terminating: false },
    },
    {
      row: 'terminating and standing by: not even a last resort',
      ready: false,
      east: annotated(GLOBAL, 'service.cilium.io/affinity: local') + here,
      conditions: { ready: false, serving: false, terminating: false },
    },
  ])('an endpoint that is $row', ({ ready, east, conditions }) => {
    expect(written(east, endpoint(ready))).toMatchObject([{ endpoints: [{ conditions }] }]);
  });

  test('has a name that no other cluster or slice changes', () => {
    const names = (clusters: Readonly<Record<string, string>>) =>
      planNative(nativeView('payments', clusters), TOOLS).objects.map(({ name }) => name);
    const [alone] = names({ east: annotated(GLOBAL), west });
    const more = west + slice('payments', ['10.2.0.9'], undefined, 'x2');
    const among = names({ east: annotated(GLOBAL) + here, west: more, north: west });
    expect(among).toContain(alone);
    expect(new Set(among).size).toBe(3);
  });
});
