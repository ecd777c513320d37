import * as v from 'valibot';
import { expect, onTestFinished, test } from 'vitest';
import { HttpsApiClient } from '../../../src/kube/https-client.ts';
import { listClusters } from '../../../src/operate/list/clusters.ts';
import { PLAIN } from '../../../src/terminal/style.ts';
import { GetClusters, getClustersTable } from '../../../src/views/get-clusters.ts';
import { ApiServer } from '../../kit/api-server.ts';
import { renewLease } from '../../kit/status-cluster.ts';

/** What `causeway get clusters` makes of these objects, by a controller that renewed its Lease when it is said. */
async function clustersOf(yaml: string, renewed = Date.now()): Promise<GetClusters> {
  const server = await new ApiServer().start();
  onTestFinished(() => server.stop());
  server.load(yaml);
  renewLease({ api: server }, 'causeway-controller-1', renewed);
  const client = new HttpsApiClient(server.connection());
  return listClusters({ context: 'east', client }, 'causeway-system', new AbortController().signal);
}

const OBJECTS = `
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
`;

test('as the controller last wrote them, and why a condition is not True', async () => {
  const found = await clustersOf(OBJECTS);
  expect(v.parse(GetClusters, found)).toEqual(found);
  expect(
    getClustersTable(found, PLAIN),
  ).toBe(`NAME   CLUSTER  REACHABLE  SYNCED   SERVING  DATA PATH  ROUTING  ENCRYPTION  SERVICES  WEIGHT
north  -        Unknown    Unknown  Unknown  -          Enabled  Off         0         -
west   west     True       False    True     -          Enabled  Off         12        20

✗ west: Synced is False (CRDsMissing) since 2026-01-01T00:00:00Z: Install them.
`);
});

test('nothing passes for true of which no controller knows any more', async () => {
  const found = await clustersOf(OBJECTS, Date.parse('2026-03-01T12:00:00Z'));
  expect(v.parse(GetClusters, found)).toEqual(found);
  expect(
    getClustersTable(found, PLAIN),
  ).toBe(`NAME   CLUSTER  REACHABLE  SYNCED     SERVING    DATA PATH  ROUTING  ENCRYPTION  SERVICES  WEIGHT
north  -        ? Unknown  ? Unknown  ? Unknown  -          Enabled  Off         0         -
west   west     ? True     ? False    ? True     -          Enabled  Off         12        20

? causeway-controller: nobody is known to lead, so what is said of other clusters is as it was last written: causeway-controller-1 held the Lease and has not renewed it since 2026-03-01T12:00:00.000Z
  → see the controller's pods and their logs
? west: Synced is False (CRDsMissing) since 2026-01-01T00:00:00Z: Install them.
`);
});

test('a cluster that imports from nobody says how to begin', async () => {
  expect(getClustersTable(await clustersOf(''), PLAIN)).toBe(
    'No RemoteClusters: this cluster imports from no other. Connect one with `causeway connect`.\n',
  );
});
