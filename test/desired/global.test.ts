import { describe, expect, test } from 'vitest';
import { planNative } from '../../src/desired/native-slices.ts';
import { nativeView, sliceLines } from '../kit/native-view.ts';
import { TOOLS } from '../kit/plan.ts';
import { service, serviceExport, slice } from '../kit/shop.ts';

const GLOBAL = 'service.cilium.io/global: "true"';
const OLD_GLOBAL = 'io.cilium/global-service: "true"';
const annotated = (...annotations: string[]) => service('payments', { annotations: annotations.join(', ') });
const west = annotated(GLOBAL) + slice('payments', ['10.2.0.1', '10.2.0.2']);
const WEST = 'payments west IPv4 http:8080 10.2.0.1 10.2.0.2';
const here = slice('payments', ['10.1.0.1']);

/** What is added to Service payments of cluster east. */
function plan(clusters: Readonly<Record<string, string>>, lost: readonly string[] = []) {
  const { objects, remarks } = planNative(nativeView('payments', clusters, lost), TOOLS);
  return { slices: sliceLines(objects), remarks: remarks.map(({ reason }) => reason) };
}

describe('which Services take part, here and there', () => {
  test.each([
    { row: 'global on both sides', east: annotated(GLOBAL), west, slices: [WEST] },
    { row: 'old name here', east: annotated(OLD_GLOBAL), west, slices: [WEST] },
    {
      row: 'old name there',
      east: annotated(GLOBAL),
      west: annotated(OLD_GLOBAL) + slice('payments', ['10.2.0.1', '10.2.0.2']),
      slices: [WEST],
    },
    { row: 'global in capitals', east: annotated('service.cilium.io/global: "True"'), west, slices: [WEST] },
    { row: 'not global here', east: annotated(), west, slices: [] },
    { row: 'global: false here', east: annotated('service.cilium.io/global: "false"'), west, slices: [] },
    {
      row: 'the new name goes before the old one',
      east: annotated('service.cilium.io/global: "false"', OLD_GLOBAL),
      west,
      slices: [],
    },
    {
      row: 'shared without global here',
      east: annotated('service.cilium.io/shared: "true"'),
      west,
      slices: [],
    },
    {
      row: 'affinity without global here',
      east: annotated('service.cilium.io/affinity: remote'),
      west,
      slices: [],
    },
    {
      row: 'shared: false here only gives nothing',
      east: annotated(GLOBAL, 'service.cilium.io/shared: "false"'),
      west,
      slices: [WEST],
    },
    {
      row: 'shared: false there',
      east: annotated(GLOBAL),
      west: annotated(GLOBAL, 'service.cilium.io/shared: "False"') + slice('payments', ['10.2.0.1']),
      slices: [],
    },
    {
      row: 'not shared there, old name',
      east: annotated(GLOBAL),
      west: annotated(GLOBAL, 'io.cilium/shared-service: "false"') + slice('payments', ['10.2.0.1']),
      slices: [],
    },
    {
      row: 'there by a ServiceExport only: it did not say global',
      east: annotated(GLOBAL),
      west: annotated() + slice('payments', ['10.2.0.1']) + serviceExport('payments'),
      slices: [],
    },
    {
      row: 'there by both',
      east: annotated(GLOBAL),
      west: west + serviceExport('payments'),
      slices: [WEST],
    },
    { row: 'no Service here', east: service('other'), west, slices: [] },
  ])('$row', ({ east, west, slices }) => {
    expect(plan({ east, west })).toEqual({ slices, remarks: [] });
  });

  test('one slice for each of the others, none for its own', () => {
    const north =
      annotated(GLOBAL) + slice('payments', ['10.3.0.1']) + slice('payments', ['10.3.0.2'], undefined, 'x2');
    const { slices } = plan({ east: annotated(GLOBAL) + here, west, north });
    expect(slices).toEqual([
      'payments north IPv4 http:8080 10.3.0.1',
      'payments north IPv4 http:8080 10.3.0.2',
      WEST,
    ]);
  });

  test.each([
    { row: 'a shared one', east: annotated(GLOBAL), reasons: ['NotShared'] },
    {
      row: 'not one that keeps its own',
      east: annotated(GLOBAL, 'service.cilium.io/shared: "false"'),
      reasons: [],
    },
    {
      row: 'not one whose ServiceExport says it',
      east: annotated(GLOBAL) + serviceExport('payments'),
      reasons: [],
    },
  ])('what keeps it from being published is told: $row', ({ east, reasons }) => {
    const view = {
      ...nativeView('payments', { east }),
      publishFault: 'namespace causeway-exports does not exist',
    };
    expect(planNative(view, TOOLS).remarks.map(({ reason }) => reason)).toEqual(reasons);
  });

  test('an ExternalName Service is told that it cannot be global', () => {
    const east = service('payments', {
      annotations: GLOBAL,
      spec: 'type: ExternalName, externalName: a.example',
    });
    expect(plan({ east, west })).toEqual({ slices: [], remarks: ['GlobalIgnored'] });
  });
});

describe('ports and families are those of the Service here', () => {
  const spec = (rest: string) => service('payments', { annotations: GLOBAL, spec: rest });
  const ipv4 = 'clusterIP: 10.96.0.9, ipFamilies: [IPv4]';
  test.each([
    {
      row: 'numbers are the remote endpoints’ own',
      east: spec(`${ipv4}, ports: [{name: http, port: 80, targetPort: 3000}]`),
      west: annotated(GLOBAL) + slice('payments', ['10.2.0.1'], '{name: http, port: 9090}'),
      slices: ['payments west IPv4 http:9090 10.2.0.1'],
    },
    {
      row: 'a port that the Service here lacks is left out',
      east: annotated(GLOBAL),
      west:
        annotated(GLOBAL) +
        slice('payments', ['10.2.0.1'], '{name: http, port: 1}, {name: metrics, port: 2}'),
      slices: ['payments west IPv4 http:1 10.2.0.1'],
    },
    {
      row: 'the unnamed port is one of its own',
      east: spec(`${ipv4}, ports: [{port: 80}]`),
      west: annotated(GLOBAL) + slice('payments', ['10.2.0.1'], '{port: 8080}'),
      slices: ['payments west IPv4 :8080 10.2.0.1'],
    },
    {
      row: 'a port named twice comes once',
      east: annotated(GLOBAL),
      west:
        annotated(GLOBAL) + slice('payments', ['10.2.0.1'], '{name: http, port: 1}, {name: http, port: 2}'),
      slices: ['payments west IPv4 http:1 10.2.0.1'],
    },
    {
      row: 'a family that the Service here lacks is left out',
      east: annotated(GLOBAL),
      west: west + slice('payments', ['fd02::1'], undefined, 'x6'),
      slices: [WEST],
    },
  ])('$row', ({ east, west, slices }) => {
    expect(plan({ east, west })).toEqual({ slices, remarks: [] });
  });

  test.each([
    {
      row: 'of another name',
      there: slice('payments', ['10.2.0.1'], '{name: web, port: 8080}'),
      says: 'ports http/TCP over IPv4',
    },
    {
      row: 'of another protocol',
      there: slice('payments', ['10.2.0.1'], '{name: http, port: 8080, protocol: UDP}'),
      says: 'cluster west',
    },
    {
      row: 'in no family of the Service',
      there: slice('payments', ['fd02::1']),
      says: 'a family of the Service',
    },
  ])('endpoints $row are not used, and that is said', ({ there, says }) => {
    const view = nativeView('payments', { east: annotated(GLOBAL), west: annotated(GLOBAL) + there });
    const { objects, remarks } = planNative(view, TOOLS);
    expect(objects).toEqual([]);
    expect(remarks).toMatchObject([{ reason: 'NothingInCommon', message: expect.stringContaining(says) }]);
  });
});

describe('headless Services', () => {
  const sync = (value: string) => `service.cilium.io/global-sync-endpoint-slices: "${value}"`;
  const headless = (...annotations: string[]) =>
    service('payments', {
      annotations: [GLOBAL, ...annotations].join(', '),
      spec: 'clusterIP: None, ipFamilies: [IPv4], ports: [{name: http, port: 80}]',
    });
  const there = slice('payments', ['10.2.0.1', '10.2.0.2']);
  test.each([
    { row: 'take part by default', east: headless(), west: headless() + there, slices: [WEST] },
    { row: 'take part', east: headless(sync('true')), west: headless(sync('True')) + there, slices: [WEST] },
    { row: 'not where it is off here', east: headless(sync('false')), west: headless() + there, slices: [] },
    { row: 'not where it is off there', east: headless(), west: headless(sync('FALSE')) + there, slices: [] },
  ])('$row', ({ east, west, slices }) => {
    expect(plan({ east, west })).toEqual({ slices, remarks: [] });
  });

  test('a Service with cluster IPs takes part whatever the annotation says', () => {
    const off = annotated(GLOBAL, sync('false'));
    expect(plan({ east: off, west: off + there }).slices).toEqual([WEST]);
  });

  test('one without ports takes addresses without ports', () => {
    const portless = service('payments', {
      annotations: GLOBAL,
      spec: 'clusterIP: None, ipFamilies: [IPv4]',
    });
    expect(plan({ east: portless, west: headless() + there }).slices).toEqual([
      'payments west IPv4 10.2.0.1 10.2.0.2',
    ]);
  });
});
