import { parse } from 'valibot';
import { describe, expect, test } from 'vitest';
import { GetEndpoints } from '../../src/views/get-endpoints.ts';
import { GetNodes } from '../../src/views/get-nodes.ts';
import { GetServices } from '../../src/views/get-services.ts';
import { OperatorsCluster } from '../kit/command-run.ts';

const SLICES = [
  { cluster: 'east', addresses: ['10.1.0.7', '10.1.0.8'], ready: [true, false] },
  { cluster: 'west', addresses: ['10.2.0.7'], ready: [true] },
]
  .map(
    ({ cluster, addresses, ready }) => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  namespace: shop
  name: payments-${cluster}
  labels: {multicluster.kubernetes.io/service-name: payments, multicluster.kubernetes.io/source-cluster: ${cluster}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints:
${addresses
  .map(
    (address, index) =>
      `  - {addresses: [${address}], conditions: {ready: ${ready[index]}}, nodeName: node-${index + 1}, zone: ${cluster}-a}`,
  )
  .join('\n')}
`,
  )
  .join('---');

const OBJECTS = `
apiVersion: about.k8s.io/v1beta1
kind: ClusterProperty
metadata: {name: cluster.clusterset.k8s.io}
spec: {value: east}
---
apiVersion: multicluster.x-k8s.io/v1beta1
kind: ServiceImport
metadata:
  namespace: shop
  name: payments
  annotations: {causeway.dev/traffic: '{"affinity": "local", "clusters": {"east": {"weight": 80}, "west": {"weight": 20}}}'}
spec: {type: ClusterSetIP, ips: [10.96.0.7], ports: [{name: http, port: 80, protocol: TCP}]}
status: {clusters: [{cluster: east}, {cluster: west}]}
---
apiVersion: multicluster.x-k8s.io/v1beta1
kind: ServiceImport
metadata: {namespace: lab, name: db}
spec: {type: Headless, ports: []}
status:
  clusters: [{cluster: west}]
  conditions:
    - {type: Ready, status: 'False', reason: IPFamilyNotSupported, message: it has IPv6 alone, lastTransitionTime: '2026-03-01T08:00:00Z'}
---
apiVersion: multicluster.x-k8s.io/v1beta1
kind: ServiceExport
metadata: {namespace: shop, name: payments}
status:
  conditions:
    - {type: Conflict, status: 'True', reason: PortConflict, message: 'spec.ports: 1 of 2 exports differ', lastTransitionTime: '2026-03-01T08:00:00Z'}
---
apiVersion: causeway.dev/v1alpha1
kind: ExportedService
metadata: {namespace: causeway-imports, name: west.shop.payments}
spec:
  cluster: west
  namespace: shop
  name: payments
  sharedAs: [ClusterSet]
  type: ClusterSetIP
  serviceLabels: {app: payments}
---
apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: payments-0, labels: {app: payments}}
spec: {nodeName: node-1, containers: []}
status: {podIP: 10.1.0.7, conditions: [{type: Ready, status: 'True'}]}
---
apiVersion: v1
kind: Pod
metadata: {namespace: shop, name: web-0, labels: {app: web}}
spec: {containers: []}
status: {podIP: 10.1.0.9}
---
apiVersion: v1
kind: Node
metadata:
  name: node-1
  labels: {topology.kubernetes.io/zone: east-a}
  annotations:
    causeway.dev/underlay-mtu: '1500'
    causeway.dev/data-path: '{"west":"up","north":"down"}'
    causeway.dev/routes: '{"north":{"modes":{}},"south":{"modes":{},"sessions":{"established":0,"others":3,"named":[]}},"west":{"modes":{"vxlan":1,"wireguard":2},"tunnels":{"answering":2,"silent":1},"sessions":{"established":1,"others":4,"named":[{"neighbor":"192.168.1.254","state":"Down"}]},"unreached":{"nodes":1,"named":["node-2"]},"partly":1,"why":"Guarded: 10.1.0.0/24 overlaps"}}'
spec: {podCIDR: 10.1.0.0/24, podCIDRs: [10.1.0.0/24]}
status:
  addresses: [{type: InternalIP, address: 192.168.1.1}, {type: Hostname, address: node-1}]
  conditions: [{type: Ready, status: 'True'}]
---
apiVersion: causeway.dev/v1alpha1
kind: RemoteNode
metadata: {name: west-node-1}
spec: {cluster: west, nodeName: node-1, addresses: [192.168.2.1], podCIDRs: [10.2.0.0/24], ready: false}
---
apiVersion: causeway.dev/v1alpha1
kind: RemoteNode
metadata: {name: west.node-2}
spec:
  cluster: west
  nodeName: node-2
  addresses: [192.168.2.2]
  podCIDRs: [10.1.0.0/24]
  ready: true
  mtu: 1450
  wireguardPublicKey: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
status:
  conditions:
    - {type: Accepted, status: 'False', reason: Guarded, message: '10.1.0.0/24 overlaps the pods of this cluster', lastTransitionTime: '2026-03-01T08:00:00Z'}
---${SLICES}`;

async function run(line: string) {
  const cluster = await OperatorsCluster.start();
  cluster.api.load(OBJECTS);
  return cluster.run(line);
}

describe('causeway get services', () => {
  test('says what each cluster has of each', async () => {
    const { code, output } = await run('get services');
    expect(code).toBe(0);
    expect(output).toMatchInlineSnapshot(`
      "NAMESPACE  NAME      TYPE          IPS        PORTS        AFFINITY  CLUSTERS                                CONFLICT
      lab        db        Headless      -          -            none      west 0/0                                -
      shop       payments  ClusterSetIP  10.96.0.7  80/TCP http  local     east 1/2 weight 80, west 1/1 weight 20  PortConflict

      ✗ lab/db: IPFamilyNotSupported: it has IPv6 alone
      ⚠ shop/payments: spec.ports: 1 of 2 exports differ
      "
    `);
  });

  test('of one namespace, as JSON', async () => {
    const { output } = await run('get services -n shop -o json');
    const found = JSON.parse(output);
    expect(parse(GetServices, found)).toEqual(found);
    expect(found.services).toHaveLength(1);
    expect(found.services[0]).toMatchObject({
      clusters: [
        { cluster: 'east', ready: 1, endpoints: 2, weight: 80 },
        { cluster: 'west', ready: 1, endpoints: 1, weight: 20 },
      ],
    });
  });

  test('where there are none', async () => {
    expect((await run('get services -n empty')).output).toMatch(/^No ServiceImports: /);
  });
});

describe('causeway get endpoints', () => {
  test('of a service, in all clusters', async () => {
    const { code, output } = await run('get endpoints payments -n shop');
    expect(code).toBe(0);
    expect(output).toMatchInlineSnapshot(`
      "ENDPOINT            SERVICE        ADDRESSES  PORTS          READY  NODE    ZONE
      shop/10.1.0.7       shop/payments  10.1.0.7   8080/TCP http  ✓      node-1  east-a
      shop/10.1.0.8       shop/payments  10.1.0.8   8080/TCP http  ✗      node-2  east-a
      west/shop/10.2.0.7  shop/payments  10.2.0.7   8080/TCP http  ✓      node-1  west-a
      "
    `);
  });

  test.each([
    {
      row: 'that is not imported',
      line: 'get endpoints foo -n shop',
      code: 1,
      text: `No endpoints.
✗ shop/foo: no such service is imported
  → see causeway get services; in a cluster that has it: causeway export foo -n shop
`,
    },
    { row: 'that has none', line: 'get endpoints db -n lab', code: 0, text: 'No endpoints.\n' },
  ])('of a service $row', async ({ line, code, text }) => {
    const ran = await run(line);
    expect([ran.code, ran.output]).toEqual([code, text]);
  });

  test.each(['app=payments', "app == 'payments'", 'app in (payments)'])('that %s selects', async selector => {
    const cluster = await OperatorsCluster.start();
    cluster.api.load(OBJECTS);
    const words = ['get', 'endpoints', '-o', 'json', '--selector', selector];
    const { output } = await cluster.runWords(words);
    const found = JSON.parse(output);
    expect(parse(GetEndpoints, found)).toEqual(found);
    expect(found.endpoints.map(({ endpoint }: { endpoint: string }) => endpoint)).toEqual([
      'shop/payments-0',
      'west/shop/10.2.0.7',
    ]);
  });

  test.each([
    ['multicluster.kubernetes.io/source-cluster=west', ['west/shop/10.2.0.7']],
    ['app=web', ['shop/web-0']],
    ['app!=web', ['shop/payments-0', 'west/shop/10.2.0.7']],
    ['app=nothing', []],
  ])('that %s selects', async (selector, expected) => {
    const { output } = await run(`get endpoints -l ${selector} -o json`);
    const { endpoints } = JSON.parse(output);
    expect(endpoints.map(({ endpoint }: { endpoint: string }) => endpoint)).toEqual(expected);
  });

  test.each([
    ['get endpoints', '<service>: give either a service or --selector'],
    ['get endpoints payments -l app=x', '<service>: give either a service or --selector'],
    ['get endpoints -l app=(', expect.stringMatching(/^--selector: .* \(and as a selector of Calico: .*\)$/)],
  ])('causeway %s cannot be understood', async (line, complaint) => {
    const { code, complaints } = await run(line);
    expect([code, complaints]).toEqual([2, [complaint]]);
  });
});

test('causeway get nodes: those of this cluster, and the imported ones', async () => {
  const { code, output } = await run('get nodes');
  expect(code).toBe(0);
  expect(output).toMatchInlineSnapshot(`
    "NODE         READY  ADDRESSES    POD CIDRS    ZONE    ACCEPTED   MTU   KEY  DATA PATH            ROUTES
    node-1       ✓      192.168.1.1  10.1.0.0/24  east-a  -          1500  -    north down, west up  north no nodes; south (3 of 3 BGP sessions not established); west vxlan 1, wireguard 2 (1 of 3 tunnels silent, 4 of 5 BGP sessions not established), 1 not reached, 1 in part
    west/node-1  ✗      192.168.2.1  10.2.0.0/24  -       ? NotTold  -     -    -                    vxlan or wireguard from 1
    west/node-2  ✓      192.168.2.2  10.1.0.0/24  -       ✗ Guarded  1450  yes  -                    not from node-1

    ✗ west/node-2: 10.1.0.0/24 overlaps the pods of this cluster
    ⚠ node-1 to south: 3 BGP sessions not established
    ⚠ node-1 to west: Guarded: 10.1.0.0/24 overlaps
    ⚠ node-1 to west: no BGP session with 192.168.1.254 (Down) and 3 more
    "
  `);
  const found = JSON.parse((await run('get nodes -o json')).output);
  expect(parse(GetNodes, found)).toEqual(found);
});
