import type { AddressFamily } from '../base/ip.ts';
import type { EndpointSliceObject, ServiceExportObject, ServiceObject } from '../objects/shapes.ts';
import type { ExportedService, InvalidExport } from './model.ts';

/** Nothing is exported without a ServiceExport; with one, it takes a Service that has endpoints of its own. */
export function exportService(
  cluster: string,
  request: ServiceExportObject,
  service: ServiceObject | undefined,
  slices: Iterable<EndpointSliceObject>,
): ExportedService | InvalidExport {
  if (service === undefined) return invalid(cluster, request, 'NoService');
  if (service.type === 'ExternalName') return invalid(cluster, request, 'InvalidServiceType');
  const ordered = [...slices].sort((one, other) => compareText(one.name, other.name));
  return {
    cluster,
    namespace: request.namespace,
    name: request.name,
    ...(request.createdAt === undefined ? {} : { exportedAt: request.createdAt }),
    type: service.headless ? 'Headless' : 'ClusterSetIP',
    ports: service.ports,
    ipFamilies: familiesOf(service, ordered),
    ...policiesOf(service),
    labels: request.exportedLabels,
    annotations: request.exportedAnnotations,
    traffic: request.traffic,
    clusterIPs: service.clusterIPs,
    loadBalancerIPs: service.loadBalancerIPs,
    slices: ordered,
  };
}

export function isInvalid(result: ExportedService | InvalidExport): result is InvalidExport {
  return 'reason' in result;
}

/** The fields that a Service, its export and the merge have in common; those not set stay absent. */
type Policies = Pick<
  ServiceObject,
  'sessionAffinity' | 'sessionAffinityTimeoutSeconds' | 'internalTrafficPolicy' | 'trafficDistribution'
>;

export function policiesOf(from: Policies): Policies {
  const { sessionAffinity, sessionAffinityTimeoutSeconds, internalTrafficPolicy, trafficDistribution } = from;
  return {
    sessionAffinity,
    ...(sessionAffinityTimeoutSeconds === undefined ? {} : { sessionAffinityTimeoutSeconds }),
    ...(internalTrafficPolicy === undefined ? {} : { internalTrafficPolicy }),
    ...(trafficDistribution === undefined ? {} : { trafficDistribution }),
  };
}

/** By code unit: the order of cluster ids must not depend on the machine's locale. */
export function compareText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

const FAULTS: Readonly<Record<InvalidExport['reason'], string>> = {
  NoService: 'it has no such Service; create the Service or delete the ServiceExport',
  InvalidServiceType: 'its Service is of type ExternalName, which has no endpoints; delete the ServiceExport',
};

function invalid(
  cluster: string,
  { namespace, name }: ServiceExportObject,
  reason: InvalidExport['reason'],
): InvalidExport {
  const message = `cluster ${cluster} exports nothing as ${namespace}/${name}: ${FAULTS[reason]}`;
  return { cluster, namespace, name, reason, message };
}

/** Empty, where neither the Service nor its slices tell: such an export takes whatever the others agree on. */
function familiesOf(
  service: ServiceObject,
  slices: readonly EndpointSliceObject[],
): readonly AddressFamily[] {
  if (service.ipFamilies.length > 0) return service.ipFamilies;
  const found = new Set(slices.map(slice => slice.addressType));
  return (['IPv4', 'IPv6'] as const).filter(family => found.has(family));
}
