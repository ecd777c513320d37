import { expect, test, vi } from 'vitest';
import { controllerPages } from '../../src/apps/controller-pages.ts';
import { Readiness } from '../../src/apps/health-pages.ts';
import type { Controller } from '../../src/controller/controller.ts';
import { readConflictsPage, readControllerPage } from '../../src/health/pages.ts';
import { Metrics } from '../../src/ops/metrics.ts';
import { ControlledCluster } from '../kit/controlled-cluster.ts';
import { base64 } from '../kit/kubeconfig.ts';
import { nodeYaml } from '../kit/nodes.ts';

async function page(controller: Controller, path: string): Promise<string> {
  const pages = controllerPages(new Metrics(), controller, new Readiness(() => undefined));
  const request = { query: new URLSearchParams(), client: '127.0.0.1', body: new Uint8Array() };
  return String((await pages[path]?.(request))?.body);
}

/** The token of a service account that ends at this time, in seconds since the epoch. */
function token(exp: number): string {
  const claims = {
    sub: 'system:serviceaccount:causeway-exports-east:causeway-remote-reader',
    iat: exp - 3600,
    exp,
  };
  return ['{}', JSON.stringify(claims), 'signed']
    .map(part => Buffer.from(part).toString('base64url'))
    .join('.');
}

test('pages are what `causeway status` reads', async () => {
  const [east, west] = await Promise.all([ControlledCluster.start('east'), ControlledCluster.start('west')]);
  east.connect(west);
  east.api.load(`
apiVersion: v1
kind: Secret
metadata: {namespace: causeway-system, name: west}
data: {kubeconfig: ${base64(west.kubeconfig({ token: token(4_000_000_000) }))}}
`);
  west.api.load(`
apiVersion: causeway.dev/v1alpha1
kind: ExportedService
metadata:
  namespace: causeway-exports
  name: shop.payments
  labels: {multicluster.kubernetes.io/source-cluster: west}
spec: {cluster: west, namespace: shop, name: payments, sharedAs: [ClusterSet], type: Headless}
`);
  const routes = { 'causeway.dev/routes': '{"west":{"modes":{"vxlan":2},"partly":1,"why":"no key"}}' };
  east.api.load(nodeYaml('e1', { annotations: routes }));
  const controller = await east.control();
  await vi.waitFor(async () => {
    const read = readControllerPage(await page(controller, '/debug/remotes'));
    expect(read).toMatchObject({
      value: {
        leading: true,
        queue: { ready: 0, failing: 0 },
        remotes: [
          {
            name: 'west',
            services: 1,
            endpoints: 0,
            lag: { last: expect.any(Number), waiting: 0 },
            routes: { nodes: 1, modes: { vxlan: 2 }, short: 1, example: { node: 'e1', why: 'no key' } },
            credentialBegins: expect.any(String),
            credentialEnds: '2096-10-02T07:06:40.000Z',
            conditions: [
              { type: 'ControlPlaneReachable', status: 'True' },
              { type: 'Synced', status: 'True' },
              { type: 'Serving', status: 'True' },
              { type: 'NodesSynced', status: 'True' },
              { type: 'DataPathReachable', status: 'Unknown' },
            ],
          },
        ],
      },
    });
  }, 10_000);
  const conflicts = readConflictsPage(await page(controller, '/debug/conflicts'));
  expect(conflicts).toEqual({
    value: { conflicts: [], invalidExports: [], unreadyExports: [], partlyIgnoredExports: [] },
  });
});

test('a valid export that no cluster gets is told of once, and one that is invalid as such', async () => {
  const east = await ControlledCluster.start('east');
  east.api.load(`
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: payments}
spec: {clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7], type: ClusterIP, ports: [{port: 80, protocol: TCP}]}
---
apiVersion: multicluster.x-k8s.io/v1beta1
kind: ServiceExport
metadata: {namespace: shop, name: payments, annotations: {causeway.dev/export-to: region in eu}}
---
apiVersion: multicluster.x-k8s.io/v1beta1
kind: ServiceExport
metadata: {namespace: shop, name: nothing}
`);
  const controller = await east.control();
  await vi.waitFor(async () => {
    const conflicts = readConflictsPage(await page(controller, '/debug/conflicts'));
    const shop = (name: string, reason: string) => ({ namespace: 'shop', name, reason });
    expect(conflicts).toMatchObject({
      value: {
        invalidExports: [shop('nothing', 'NoService')],
        unreadyExports: [
          { ...shop('payments', 'Failed'), message: expect.stringContaining('is exported to no cluster') },
        ],
      },
    });
  }, 10_000);
});
