/** What the annotation `causeway.dev/traffic` and the status of a ServiceImport may say, beyond its spec. */
export interface ImportSettings {
  readonly type?: 'ClusterSetIP' | 'Headless';
  readonly ips?: readonly string[];
  readonly families?: readonly string[];
  readonly clusters?: readonly string[];
  /** Absent: it has no such annotation, as those of other controllers. */
  readonly traffic?: object;
  readonly version?: 'v1alpha1' | 'v1beta1';
}

/** A ServiceImport `shop/<name>` with one port, `http`, as a controller leaves it. */
export function importYaml(name: string, settings: ImportSettings = {}): string {
  const { type = 'ClusterSetIP', ips = [], families, clusters = [], traffic, version = 'v1beta1' } = settings;
  const ids = clusters.map(cluster => `{cluster: ${cluster}}`);
  return `
apiVersion: multicluster.x-k8s.io/${version}
kind: ServiceImport
metadata:
  namespace: shop
  name: ${name}
  annotations: {${traffic === undefined ? '' : `causeway.dev/traffic: ${JSON.stringify(JSON.stringify(traffic))}`}}
spec:
  type: ${type}
  ips: ${JSON.stringify(ips)}
  ${families === undefined ? '' : `ipFamilies: ${JSON.stringify(families)}`}
  ports: [{name: http, protocol: TCP, port: 80}]
status:
  clusters: [${ids.join(', ')}]
`;
}

/**
 * A mirrored EndpointSlice of `shop/<service>`; an address with `!` before it is not ready, and `db-0=…` has a
 * hostname.
 */
export function mirroredYaml(service: string, cluster: string, endpoints: readonly string[]): string {
  const family = endpoints.some(endpoint => endpoint.includes(':')) ? 'IPv6' : 'IPv4';
  return `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  namespace: shop
  name: ${service}-${cluster}-${family.toLowerCase()}
  labels:
    multicluster.kubernetes.io/service-name: ${service}
    multicluster.kubernetes.io/source-cluster: ${cluster}
    endpointslice.kubernetes.io/managed-by: controller.causeway.dev
addressType: ${family}
ports: [{name: http, protocol: TCP, port: 8080}]
endpoints: [${endpoints.map(endpointYaml).join(', ')}]
`;
}

function endpointYaml(text: string): string {
  const [, unready, hostname, address] = /^(!?)(?:([^=]*)=)?(.*)$/.exec(text) ?? [];
  const name = hostname === undefined ? '' : `, hostname: ${hostname}`;
  return `{addresses: ["${address}"], conditions: {ready: ${unready !== '!'}}${name}}`;
}

/** The derived Service that stands for one cluster of `shop/<service>`. */
export function derivedYaml(service: string, cluster: string, clusterIPs: readonly string[]): string {
  return `
apiVersion: v1
kind: Service
metadata:
  namespace: shop
  name: derived-${service}-${cluster}
  labels:
    app.kubernetes.io/managed-by: causeway
    causeway.dev/service-name: ${service}
    multicluster.kubernetes.io/source-cluster: ${cluster}
spec: {type: ClusterIP, clusterIPs: ${JSON.stringify(clusterIPs)}, ports: [{name: http, port: 80}]}
`;
}

/** A RemoteCluster whose controller has come to a verdict on it. */
export function remoteYaml(cluster: string, serving: 'True' | 'False' | 'Unknown', name = cluster): string {
  return `
apiVersion: causeway.dev/v1alpha1
kind: RemoteCluster
metadata: {name: ${name}, uid: ${name}-uid, generation: 1}
spec: {secretRef: {name: ${name}}}
status:
  clusterId: ${cluster}
  conditions:
  - {type: Serving, status: "${serving}", reason: Test, message: "", lastTransitionTime: "2026-01-01T00:00:00Z"}
`;
}

export function namespaceYaml(name: string): string {
  return `
apiVersion: v1
kind: Namespace
metadata: {name: ${name}}
`;
}

export function clusterIdYaml(id: string): string {
  return `
apiVersion: about.k8s.io/v1beta1
kind: ClusterProperty
metadata: {name: cluster.clusterset.k8s.io}
spec: {value: ${id}}
`;
}
