import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { exported, NEWER, OLD } from '../kit/exported.ts';
import { importedLines, objectsOf, proxyLines, settledPlan, viewOf } from '../kit/plan.ts';

const DERIVED = 'derived-8ja62ka59m';

function slice(address: string, ports = '{name: http, port: 8080}', conditions = '{ready: true}'): string {
  const type = address.includes(':') ? 'IPv6' : 'IPv4';
  return `addressType: ${type}, ports: [${ports}], endpoints: [{addresses: ["${address}"], conditions: ${conditions}}]`;
}

function cluster(slices: readonly string[], at = OLD, ports = '{name: http, port: 80}', rest = ''): string {
  return exported({ spec: `ipFamilies: [IPv4], ports: [${ports}]${rest}`, at, slices });
}

describe('MCS EndpointSlices', () => {
  test('E1 E2 E4 E8 one of another cluster', () => {
    const plan = settledPlan(viewOf({ east: cluster([slice('10.1.0.1')]) }));
    const [[id, manifest] = []] = Object.entries(objectsOf(plan, 'EndpointSlice'));
    expect(id).toMatch(/^shop\/payments-east-[0-9a-v]{10}$/);
    expect(manifest).toEqual(
      parse(`
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          namespace: shop
          name: ${id?.slice('shop/'.length)}
          labels:
            app.kubernetes.io/managed-by: causeway
            causeway.dev/service-name: payments
            endpointslice.kubernetes.io/managed-by: controller.causeway.dev
            kubernetes.io/service-name: ${DERIVED}
            multicluster.kubernetes.io/service-name: payments
            multicluster.kubernetes.io/source-cluster: east
          annotations: {causeway.dev/mirror-of: east/shop.payments-0}
        addressType: IPv4
        ports: [{name: http, protocol: TCP, port: 8080}]
        endpoints: [{addresses: [10.1.0.1], conditions: {ready: true, serving: true, terminating: false}}]
      `),
    );
  });

  test('E2 one per family and cluster, the own one included', () => {
    const dual = (at: string, octet: number) =>
      exported({
        spec: 'ipFamilies: [IPv4, IPv6], ports: [{name: http, port: 80}]',
        at,
        slices: [slice(`10.1.0.${octet}`), slice(`fd00::${octet}`)],
      });
    const plan = settledPlan(viewOf({ east: dual(OLD, 1), west: dual(NEWER, 2) }));
    expect(importedLines(plan)).toEqual([
      'east IPv4 http:8080 10.1.0.1 ready+serving',
      'east IPv6 http:8080 fd00::1 ready+serving',
      'west IPv4 http:8080 10.1.0.2 ready+serving',
      'west IPv6 http:8080 fd00::2 ready+serving',
    ]);
  });

  test('E5 the same names in every cluster, the exporter included', () => {
    const clusters = { east: cluster([slice('10.1.0.1')]), west: cluster([slice('10.1.0.2')], NEWER) };
    const namesIn = ['east', 'west', 'north'].map(localCluster => {
      const plan = settledPlan(viewOf(clusters, { localCluster }));
      return Object.keys(objectsOf(plan, 'EndpointSlice'))
        .filter(id => id.startsWith('shop/'))
        .sort();
    });
    expect(namesIn[0]).toHaveLength(2);
    expect(namesIn[1]).toEqual(namesIn[0]);
    expect(namesIn[2]).toEqual(namesIn[0]);
  });

  test('B19 E8 of a headless service: no Service to be counted to', () => {
    const plan = settledPlan(
      viewOf({
        east: exported({ spec: 'clusterIP: None, ipFamilies: [IPv4]', slices: [slice('10.1.0.1', '')] }),
      }),
    );
    const [manifest] = Object.values(objectsOf(plan, 'EndpointSlice'));
    expect(manifest?.['metadata']).not.toHaveProperty(['labels', 'kubernetes.io/service-name']);
    expect(objectsOf(plan, 'Service')).toEqual({});
  });

  test('C7 without the ports that the cluster lost to an older export', () => {
    const plan = settledPlan(
      viewOf({
        east: cluster([slice('10.1.0.1')], OLD, '{name: http, port: 80}'),
        north: cluster(
          [slice('10.2.0.1', '{name: http, port: 8080}, {name: admin, port: 9090}')],
          NEWER,
          '{name: http, port: 81}, {name: admin, port: 90}',
        ),
      }),
    );
    expect(importedLines(plan)).toEqual([
      'east IPv4 http:8080 10.1.0.1 ready+serving',
      'north IPv4 admin:9090 10.2.0.1 ready+serving',
    ]);
  });

  test('C8 the type flips with the winner, and the derived Service with it', () => {
    const headless = exported({
      spec: 'clusterIP: None, ipFamilies: [IPv4], ports: [{name: http, port: 80}]',
      at: OLD,
    });
    const other = cluster([slice('10.1.0.1')], NEWER);
    const before = settledPlan(viewOf({ east: headless, north: other }));
    const after = settledPlan(viewOf({ north: other }));
    expect(Object.keys(objectsOf(before, 'Service'))).toEqual([]);
    expect(Object.keys(objectsOf(after, 'Service'))).toEqual([`shop/${DERIVED}`]);
  });

  test('a port name that stands twice in what another cluster sends stands once', () => {
    const twice = slice('10.1.0.1', '{name: http, port: 8080}, {name: http, port: 8081}');
    const plan = settledPlan(viewOf({ east: cluster([twice]) }));
    expect(importedLines(plan)).toEqual(['east IPv4 http:8080 10.1.0.1 ready+serving']);
  });
});

describe('an unnamed port beside named ones', () => {
  const plan = settledPlan(
    viewOf({
      east: cluster([slice('10.1.0.1', '{port: 9000}')], OLD, '{port: 9000}'),
      north: cluster([slice('10.2.0.1')], NEWER),
    }),
  );

  test('has no name in the import, and one in the derived Service', () => {
    expect(objectsOf(plan, 'ServiceImport')['shop/payments']).toMatchObject({
      spec: {
        ports: [
          { protocol: 'TCP', port: 9000 },
          { name: 'http', port: 80 },
        ],
      },
    });
    expect(objectsOf(plan, 'Service')[`shop/${DERIVED}`]).toMatchObject({
      spec: {
        ports: [
          { name: 'tcp-9000', port: 9000 },
          { name: 'http', port: 80 },
        ],
      },
    });
  });

  test('so kube-proxy gets slices of its own, and those of the import are true to their source', () => {
    expect(importedLines(plan)).toEqual([
      'east IPv4 :9000 10.1.0.1 ready+serving',
      'north IPv4 http:8080 10.2.0.1 ready+serving',
    ]);
    expect(proxyLines(plan, DERIVED)).toEqual([
      'IPv4 http:8080 10.2.0.1 ready+serving',
      'IPv4 tcp-9000:9000 10.1.0.1 ready+serving',
    ]);
  });

  test('the name given is one that nobody has', () => {
    const taken = settledPlan(
      viewOf({
        east: cluster([], OLD, '{port: 9000}'),
        north: cluster([], NEWER, '{name: tcp-9000, port: 80}'),
      }),
    );
    expect(objectsOf(taken, 'Service')[`shop/${DERIVED}`]).toMatchObject({
      spec: {
        ports: [
          { name: 'tcp-9000-2', port: 9000 },
          { name: 'tcp-9000', port: 80 },
        ],
      },
    });
  });
});

describe('E6 the slices of a lost cluster', () => {
  const mixed =
    'addressType: IPv4, ports: [{name: http, port: 8080}], endpoints: [{addresses: [10.1.0.1], zone: z1}, ' +
    '{addresses: [10.1.0.2], conditions: {ready: false, serving: true, terminating: true}}]';
  const asKnown = [
    'east IPv4 http:8080 10.1.0.1 ready+serving',
    'east IPv4 http:8080 10.1.0.2 serving+terminating',
  ];
  const withdrawn = ['east IPv4 http:8080 10.1.0.1 serving', 'east IPv4 http:8080 10.1.0.2 down'];
  const down = slice('10.2.0.1', '{name: http, port: 8080}', '{ready: false}');
  test.each([
    { row: 'not lost', north: slice('10.2.0.1'), lost: [], lines: asKnown },
    { row: 'lost, and another is ready', north: slice('10.2.0.1'), lost: ['east'], lines: withdrawn },
    { row: 'lost, and the other is not ready', north: down, lost: ['east'], lines: asKnown },
    {
      row: 'lost, and the other is lost too',
      north: slice('10.2.0.1'),
      lost: ['east', 'north'],
      lines: asKnown,
    },
    {
      row: 'lost, and the other is ready on another port only',
      north: slice('10.2.0.1', '{name: admin, port: 9090}'),
      lost: ['east'],
      lines: asKnown,
    },
    {
      row: 'lost, and the other is ready in another family only',
      north: slice('fd00::1'),
      lost: ['east'],
      lines: asKnown,
    },
  ])('$row', ({ north, lost, lines }) => {
    const both = '{name: http, port: 80}, {name: admin, port: 90}';
    const spec = `ipFamilies: [IPv4, IPv6], ports: [${both}]`;
    const clusters = {
      east: exported({ spec, at: OLD, slices: [mixed] }),
      north: exported({ spec, at: NEWER, slices: [north] }),
    };
    const plan = settledPlan(viewOf(clusters, { lost: new Set(lost) }));
    expect(importedLines(plan).filter(line => line.startsWith('east'))).toEqual(lines);
  });

  test('where nobody else exports it, everything stays', () => {
    const plan = settledPlan(viewOf({ east: cluster([mixed]) }, { lost: new Set(['east']) }));
    expect(importedLines(plan)).toEqual(asKnown);
  });
});
