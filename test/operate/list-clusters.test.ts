import * as v from 'valibot';
import { expect, onTestFinished, test } from 'vitest';
import { HttpsApiClient } from '../../src/kube/https-client.ts';
import { listClusters } from '../../src/operate/list-clusters.ts';
import { PLAIN } from '../../src/terminal/style.ts';
import { GetClusters, getClustersTable } from '../../src/views/get-clusters.ts';
import { ApiServer } from '../kit/api-server.ts';

/** What `causeway get clusters` makes of these objects. */
async function clustersOf(yaml: string): Promise<GetClusters> {
  const server = await new ApiServer().start();
  onTestFinished(() => server.stop());
  server.load(yaml);
  const client = new HttpsApiClient(server.connection());
  return listClusters({ context: 'east', client }, new AbortController().signal);
}

test('as the controller last wrote them, and why a condition is not True', async () => {
  const found = await clustersOf(`
apiVersion: causeway.dev/v1alpha1
kind: RemoteCluster
metadata: {name: west, labels: {region: eu}}
spec: {secretRef: {name: west}, weight: 20}
status:
  clusterId: west
  services: 12
  conditions:
    - {type: ControlPlaneReachable, status: 'True', reason: Answering, message: Yes., lastTransitionTime: '2026-01-01T00:00:00Z'}
    - {type: Synced, status: 'False', reason: CRDsMissing, message: Install them., lastTransitionTime: '2026-01-01T00:00:00Z'}
    - {type: Serving, status: 'True', reason: Serving, message: Yes., lastTransitionTime: '2026-01-01T00:00:00Z'}
---
apiVersion: causeway.dev/v1alpha1
kind: RemoteCluster
metadata: {name: north}
spec: {secretRef: {name: north}}
`);
  expect(v.parse(GetClusters, found)).toEqual(found);
  expect(
    getClustersTable(found, PLAIN),
  ).toBe(`NAME   CLUSTER  REACHABLE  SYNCED   SERVING  DATA PATH  ROUTING  ENCRYPTION  SERVICES  WEIGHT
north  -        Unknown    Unknown  Unknown  -          Enabled  Off         0         -
west   west     True       False    True     -          Enabled  Off         12        20

✗ west: Synced is False (CRDsMissing) since 2026-01-01T00:00:00Z: Install them.
`);
});

test('a cluster that imports from nobody says how to begin', async () => {
  expect(getClustersTable(await clustersOf(''), PLAIN)).toBe(
    'No RemoteClusters: this cluster imports from no other. Connect one with `causeway connect`.\n',
  );
});
