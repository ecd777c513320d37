import { OperatorsCluster } from './command-run.ts';
import { conditions, STANZA } from './status-facts.ts';

const OBJECTS = `
apiVersion: about.k8s.io/v1beta1
kind: ClusterProperty
metadata: {name: cluster.clusterset.k8s.io}
spec: {value: east}
---
{apiVersion: v1, kind: Namespace, metadata: {name: causeway-system}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: causeway-exports}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: causeway-imports}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: causeway-system, name: causeway-controller}
spec: {replicas: 1}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: causeway-system, name: causeway-dns}
spec: {replicas: 1}
---
apiVersion: v1
kind: Service
metadata: {namespace: causeway-system, name: causeway-dns}
spec: {clusterIP: 10.96.0.53, clusterIPs: [10.96.0.53], ports: [{port: 53, protocol: UDP}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {namespace: kube-system, name: coredns}
data: {Corefile: ${JSON.stringify(STANZA)}}
---
apiVersion: causeway.dev/v1alpha1
kind: RemoteCluster
metadata: {name: west}
spec: {secretRef: {name: west}}
status: {clusterId: west, services: 2, conditions: ${JSON.stringify(conditions())}}
`;

const METRICS = ['.', 'clusterset.local.']
  .map(zone => `coredns_plugin_enabled{name="forward",server="dns://:53",view="",zone="${zone}"} 1\n`)
  .join('');

/** A cluster in which everything runs and is well, on an API server in memory. */
export async function wellCluster(): Promise<OperatorsCluster> {
  const cluster = await OperatorsCluster.start();
  const { api } = cluster;
  api.load(OBJECTS);
  renewLease(cluster, 'causeway-controller-1');
  const causeway = (component: string) =>
    `{app.kubernetes.io/name: causeway, app.kubernetes.io/component: ${component}}`;
  addPod(cluster, 'causeway-system', 'causeway-controller-1', causeway('controller'), '9353', {
    '/readyz': 'ok\n',
    '/debug/remotes': JSON.stringify({
      version: '0.1.0',
      leading: true,
      remotes: [
        { name: 'west', services: 2, endpoints: 5, lag: { last: 20, waiting: 0 }, conditions: conditions() },
      ],
    }),
    '/debug/conflicts': '{"conflicts": [], "invalidExports": []}',
  });
  addPod(cluster, 'causeway-system', 'causeway-dns-1', causeway('dns'), '9353', {
    '/readyz': 'ok\n',
    '/debug/mesh': JSON.stringify({
      version: '0.1.0',
      zone: 'clusterset.local',
      synced: true,
      stale: false,
      serial: 7,
      localCluster: 'east',
      services: 2,
      endpoints: 5,
    }),
  });
  addPod(cluster, 'kube-system', 'coredns-1', '{k8s-app: kube-dns}', '9153', { '/metrics': METRICS });
  return cluster;
}

/** As its holder does every few seconds. */
export function renewLease({ api }: Pick<OperatorsCluster, 'api'>, holder: string, at = Date.now()): void {
  api.load(`
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {namespace: causeway-system, name: causeway-controller}
spec: {holderIdentity: ${holder}, leaseDurationSeconds: 15, renewTime: '${new Date(at).toISOString()}'}
`);
}

/** Where a page of a pod is answered. */
export function pagePath(namespace: string, pod: string, port: string, path: string): string {
  return `/api/v1/namespaces/${namespace}/pods/${pod}:${port}/proxy${path}`;
}

function addPod(
  { api }: OperatorsCluster,
  namespace: string,
  name: string,
  labels: string,
  port: string,
  pages: Readonly<Record<string, string>>,
): void {
  api.load(`
apiVersion: v1
kind: Pod
metadata: {namespace: ${namespace}, name: ${name}, labels: ${labels}}
spec: {nodeName: node-1, containers: [{name: main, image: 'registry.example/${name}:0.1.0'}]}
status: {podIP: 10.0.0.7, conditions: [{type: Ready, status: 'True', lastTransitionTime: '2026-03-01T08:00:00Z'}]}
`);
  for (const [path, text] of Object.entries(pages)) {
    api.pages.set(pagePath(namespace, name, port, path), { status: 200, text });
  }
}
