import { ControlledCluster } from './controlled-cluster.ts';

/** How long what is to come may take, for `vi.waitFor`. */
export const SOON = { timeout: 20_000, interval: 20 };

export const IMPORTS = 'multicluster.x-k8s.io/serviceimports';
export const SLICES = 'discovery.k8s.io/endpointslices';
export const PUBLISHED = 'causeway.dev/exportedservices';

/** West imports from east, which has a controller. */
export async function joined(): Promise<{ east: ControlledCluster; west: ControlledCluster }> {
  const east = await ControlledCluster.start('east');
  const west = await ControlledCluster.start('west');
  west.connect(east);
  await east.control();
  return { east, west };
}

export function imports(cluster: ControlledCluster): string[] {
  return cluster.names(IMPORTS);
}

/** All that a controller writes for services; what it says of other clusters is not among it. */
export function writtenIn({ api }: ControlledCluster): object[] {
  return ['/services', IMPORTS, SLICES, PUBLISHED].flatMap(collection => api.store.objects(collection));
}

/** Whether each endpoint that a cluster has from another one is ready. */
export function readiness(cluster: ControlledCluster, source: string): boolean[] {
  return cluster.api.store
    .objects(SLICES)
    .filter(({ metadata }) => metadata.labels?.['multicluster.kubernetes.io/source-cluster'] === source)
    .flatMap(({ endpoints }) => endpoints as { conditions: { ready: boolean } }[])
    .map(({ conditions }) => conditions.ready);
}

/** A Service of namespace shop with one pod, exported. */
export function exportedService(name: string): string {
  return `
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: ${name}}
spec: {clusterIP: 10.1.0.9, clusterIPs: [10.1.0.9], ipFamilies: [IPv4], ports: [{name: http, port: 80, protocol: TCP}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {namespace: shop, name: ${name}-a, labels: {kubernetes.io/service-name: ${name}}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints: [{addresses: [10.1.1.1], conditions: {ready: true}}]
---
${serviceExport(name)}`;
}

export function serviceExport(name: string): string {
  return `
apiVersion: multicluster.x-k8s.io/v1beta1
kind: ServiceExport
metadata: {namespace: shop, name: ${name}, creationTimestamp: "2026-01-01T00:00:00Z"}`;
}
