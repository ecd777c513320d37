import {
  CLUSTER_ID_PROPERTY,
  EXPORTS_NAMESPACE,
  FOR_NAME,
  FOR_NAMESPACE,
  MANAGED_BY,
  MCS_SOURCE_CLUSTER,
  SLICE_MANAGED_BY,
  US,
} from '../../src/objects/names.ts';
import { NAMESPACES } from '../sync/exported.ts';

/** How large the cluster set is. Everything about it follows from these numbers, so no process has to hold it. */
export interface Fleet {
  readonly clusters: number;
  readonly services: number;
  /** Of each service, over all clusters that export it. */
  readonly endpoints: number;
}

/** What one cluster exports of one service. */
export interface FleetExport {
  readonly cluster: number;
  readonly service: number;
  /** Which of the clusters of this service it is. */
  readonly share: number;
}

/** Every second service is exported by one cluster, the others by so many. */
const SHARED_BY = 5;
const HEADLESS_EVERY = 4;
const PORT = { name: 'http', protocol: 'TCP', port: 8080 };

export function clusterName(cluster: number): string {
  return `cluster-${cluster}`;
}

export function serviceName(service: number): { readonly namespace: string; readonly name: string } {
  return { namespace: `team-${service % NAMESPACES}`, name: `service-${service}` };
}

export function isHeadless(service: number): boolean {
  return Math.floor(service / NAMESPACES) % HEADLESS_EVERY === 0;
}

export function exportersOf({ clusters }: Fleet, service: number): FleetExport[] {
  const count = service % 2 === 0 ? 1 : SHARED_BY;
  const first = Math.floor(service / 2) % clusters;
  return Array.from({ length: count }, (_, share) => ({
    cluster: (first + Math.floor((share * clusters) / SHARED_BY)) % clusters,
    service,
    share,
  }));
}

/** By cluster. */
export function exportsByCluster(fleet: Fleet): ReadonlyMap<number, readonly FleetExport[]> {
  const all = Array.from({ length: fleet.services }, (_, service) => exportersOf(fleet, service)).flat();
  return Map.groupBy(all, ({ cluster }) => cluster);
}

/** The ClusterProperty that says who a cluster is. */
export function clusterProperty(cluster: number): object {
  return {
    apiVersion: 'about.k8s.io/v1beta1',
    kind: 'ClusterProperty',
    metadata: { name: CLUSTER_ID_PROPERTY, resourceVersion: '1', uid: `property-${cluster}` },
    spec: { value: clusterName(cluster) },
  };
}

export function exportedService({ cluster, service }: FleetExport): object {
  const { namespace, name } = serviceName(service);
  const headless = isHeadless(service);
  return {
    apiVersion: 'causeway.dev/v1alpha1',
    kind: 'ExportedService',
    metadata: metadataOf(cluster, service, `${namespace}.${name}`, {}, '1'),
    spec: {
      ...{ cluster: clusterName(cluster), namespace, name, sharedAs: ['ClusterSet'] },
      exportedAt: '2026-01-01T00:00:00Z',
      type: headless ? 'Headless' : 'ClusterSetIP',
      ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
      ipFamilies: ['IPv4'],
      ...(headless ? {} : { clusterIPs: [address(172, service)] }),
    },
  };
}

/** @param change 0, or the number that the first address of the slice is to show; see `changeIn` */
export function publishedSlice(
  fleet: Fleet,
  { cluster, service, share }: FleetExport,
  change: number,
): object {
  const { namespace, name } = serviceName(service);
  const count = fleet.endpoints / exportersOf(fleet, service).length;
  const first = service * fleet.endpoints + share * count;
  const addresses = Array.from({ length: count }, (_, index) => address(10, first + index));
  if (change > 0) addresses[0] = address(100, change);
  const labels = { [SLICE_MANAGED_BY]: 'controller.causeway.dev' };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: metadataOf(cluster, service, `${namespace}.${name}-a`, labels, `${1 + change}`),
    addressType: 'IPv4',
    ports: [PORT],
    endpoints: addresses.map((one, index) => ({
      addresses: [one],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: `node-${index}`,
      zone: `zone-${index % 3}`,
    })),
  };
}

function metadataOf(
  cluster: number,
  service: number,
  name: string,
  labels: Readonly<Record<string, string>>,
  resourceVersion: string,
): object {
  const { namespace, name: serviceOf } = serviceName(service);
  return {
    name,
    namespace: EXPORTS_NAMESPACE,
    uid: `${cluster}-${service}`,
    resourceVersion,
    labels: {
      ...labels,
      [MANAGED_BY]: US,
      [FOR_NAMESPACE]: namespace,
      [FOR_NAME]: serviceOf,
      [MCS_SOURCE_CLUSTER]: clusterName(cluster),
    },
  };
}

function address(net: number, number: number): string {
  return `${net}.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
}
