import { createHash } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { derivedServiceName } from '../../src/desired/names.ts';
import {
  exportedService,
  IMPORTS,
  imports,
  joined,
  PUBLISHED,
  readiness,
  SLICES,
  SOON,
  serviceExport,
  writtenIn,
} from '../kit/joined.ts';

test('what is exported here is published, imported there, and goes when it is no longer exported', async () => {
  const { east, west } = await joined();
  await west.control();
  east.api.load(exportedService('pay'));
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/pay']), SOON);
  expect(east.names(PUBLISHED)).toEqual(['causeway-exports/shop.pay']);

  for (const document of [serviceExport('pay')]) east.api.remove(parsed(document));
  await vi.waitFor(() => expect([imports(east), imports(west)]).toEqual([[], []]), SOON);
  await vi.waitFor(() => expect(west.names(SLICES)).toEqual([]), SOON);
  expect(west.names(PUBLISHED)).toEqual([]);
});

test('a controller that starts while the other cluster is away writes nothing and wipes nothing', async () => {
  const { east, west } = await joined();
  const first = await west.control();
  east.api.load(exportedService('pay'));
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/pay']), SOON);
  await vi.waitFor(() => expect(first.term?.counts).toMatchObject({ ready: 0, running: 0 }), SOON);
  await first.stop();
  const before = writtenIn(west);

  east.api.frozen = true;
  const second = await west.control();
  await vi.waitFor(() => expect(second.term?.counts).toMatchObject({ ready: 0, running: 0 }), SOON);
  expect(writtenIn(west)).toEqual(before);
});

test('what the other cluster gave up while nobody looked goes once it has been read in full', async () => {
  const { east, west } = await joined();
  const first = await west.control();
  east.api.load(`${exportedService('pay')}\n---\n${exportedService('cart')}`);
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/cart', 'shop/pay']), SOON);
  await first.stop();
  east.api.remove(parsed(serviceExport('pay')));
  await vi.waitFor(() => expect(east.names(PUBLISHED)).toEqual(['causeway-exports/shop.cart']), SOON);
  await west.control();
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/cart']), SOON);
});

test('a RemoteCluster that is deleted takes its imports along, and nothing else', async () => {
  const { east, west } = await joined();
  await west.control();
  east.api.load(exportedService('pay'));
  west.api.load(exportedService('cart'));
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/cart', 'shop/pay']), SOON);
  west.api.remove({ apiVersion: 'causeway.dev/v1alpha1', kind: 'RemoteCluster', metadata: { name: 'east' } });
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/cart']), SOON);
});

test('a service that the API server refuses is tried again, and holds up no other', async () => {
  const { east, west } = await joined();
  // Statuses of RemoteClusters are applied as well and may meet some of them.
  west.api.faults.add('apply', { status: 422, reason: 'Invalid' }, 8);
  const controller = await west.control();
  east.api.load(['a', 'b', 'c', 'd'].map(exportedService).join('\n---\n'));
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/a', 'shop/b', 'shop/c', 'shop/d']), SOON);
  expect(controller.writes.failed).toBeGreaterThan(2);
});

test('a slice that is made anew under its name with the other family is written anew', async () => {
  const { east, west } = await joined();
  await west.control();
  const both = exportedService('pay').replace('ipFamilies: [IPv4]', 'ipFamilies: [IPv4, IPv6]');
  east.api.load(both);
  const families = (): unknown[] => west.api.store.objects(SLICES).map(({ addressType }) => addressType);
  await vi.waitFor(() => expect(families()).toEqual(['IPv4']), SOON);
  east.api.remove({ kind: 'EndpointSlice', metadata: { namespace: 'shop', name: 'pay-a' } });
  east.api.load(both.replace('addressType: IPv4', 'addressType: IPv6').replace('[10.1.1.1]', "['fd00::1']"));
  await vi.waitFor(() => expect(families()).toEqual(['IPv6']), SOON);
});

test('what of a settled export cannot be read is told, until it is mended', async () => {
  const { east } = await joined();
  const held = () => east.api.store.objects('multicluster.x-k8s.io/serviceexports');
  const types = (): unknown[] =>
    held().flatMap(({ status }) => Object(status).conditions?.map(({ type }: { type: string }) => type));
  /** The status stays, as where an API server changes an object. */
  const weigh = (weight: string): void => {
    const annotations = { 'causeway.dev/weight': weight };
    for (const one of held()) {
      east.api.load(JSON.stringify({ ...one, metadata: { ...one.metadata, annotations } }));
    }
  };
  east.api.load(exportedService('pay'));
  const settled = ['Valid', 'Ready', 'Conflict'];
  await vi.waitFor(() => expect(types()).toEqual(settled), SOON);
  weigh('ten');
  await vi.waitFor(() => expect(types()).toEqual([...settled, 'causeway.dev/PartlyIgnored']), SOON);
  weigh('10');
  await vi.waitFor(() => expect(types()).toEqual(settled), SOON);
});

test('a cluster that falls silent stops serving where another one can serve, and comes back', async () => {
  const { east, west } = await joined();
  await west.control();
  east.api.load(exportedService('pay'));
  west.api.load(exportedService('pay'));
  const ready = (): boolean[] => readiness(west, 'east');
  await vi.waitFor(() => expect(ready()).toEqual([true]), SOON);
  east.api.frozen = true;
  await vi.waitFor(() => expect(ready()).toEqual([false]), SOON);
  east.api.frozen = false;
  await vi.waitFor(() => expect(ready()).toEqual([true]), SOON);
});

test('a Service in another namespace that says it is our derived one gives no service an address', async () => {
  const { east, west } = await joined();
  const name = derivedServiceName('shop', 'pay', text => createHash('sha256').update(text).digest());
  west.api.load(`
apiVersion: v1
kind: Service
metadata:
  namespace: evil
  name: ${name}
  labels: {app.kubernetes.io/managed-by: causeway, causeway.dev/service-name: pay, causeway.dev/service-namespace: shop}
spec: {clusterIP: 6.6.6.6, clusterIPs: [6.6.6.6], ports: [{port: 80, protocol: TCP}]}
`);
  const seen = new Set<string>();
  west.api.store.follow(({ collection, record }) => {
    if (collection === IMPORTS) seen.add(String(JSON.parse(record.json).spec.ips));
  });
  await west.control();
  east.api.load(exportedService('pay'));
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/pay']), SOON);
  expect([...seen]).toEqual([expect.stringMatching(/^10\.96\.0\.\d+$/)]);
});

function parsed(manifest: string): object {
  const [, kind = ''] = /kind: (\w+)/.exec(manifest) ?? [];
  const [, apiVersion = ''] = /apiVersion: (\S+)/.exec(manifest) ?? [];
  const [, name = ''] = /name: (\w+)/.exec(manifest) ?? [];
  return { apiVersion, kind, metadata: { namespace: 'shop', name } };
}
