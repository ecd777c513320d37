import type { AddressFamily } from '../base/ip.ts';
import type { EndpointSliceObject, ServiceExportObject, ServiceObject, SharedAs } from '../objects/shapes.ts';
import type { ExportedService, InvalidExport } from './model.ts';

/** One for all exports that export none. */
const NONE: Readonly<Record<string, string>> = Object.freeze({});
const CLUSTER_SET: readonly SharedAs[] = ['ClusterSet'];

/** What one cluster holds under one namespaced name. */
export interface OwnParts {
  readonly service: ServiceObject | undefined;
  readonly request: ServiceExportObject | undefined;
  readonly slices: Iterable<EndpointSliceObject>;
}

/**
 * What a cluster gives to the others of one service: nothing without a ServiceExport (or the annotations of a Cilium
 * global service); with one, it takes a Service that has endpoints of its own.
 */
export function exportService(
  cluster: string,
  { request, service, slices }: OwnParts,
): ExportedService | InvalidExport | undefined {
  const global = isShared(service);
  if (request === undefined && !global) return undefined;
  if (request !== undefined && service === undefined) return invalid(cluster, request, 'NoService');
  if (service === undefined) return undefined;
  if (service.type === 'ExternalName') return request && invalid(cluster, request, 'InvalidServiceType');
  const ordered = inNameOrder(slices);
  return {
    cluster,
    namespace: service.namespace,
    name: service.name,
    ...(request?.createdAt === undefined ? {} : { exportedAt: request.createdAt }),
    type: service.headless ? 'Headless' : 'ClusterSetIP',
    ports: service.ports,
    ipFamilies: familiesOf(service, ordered),
    ...policiesOf(service),
    labels: request?.exportedLabels ?? NONE,
    annotations: request?.exportedAnnotations ?? NONE,
    traffic: request?.traffic ?? {},
    clusterIPs: service.clusterIPs,
    loadBalancerIPs: service.loadBalancerIPs,
    sharedAs: global ? [...(request ? CLUSTER_SET : []), 'Global'] : CLUSTER_SET,
    ...(service.detail === undefined ? {} : { serviceLabels: service.detail.labels }),
    slices: ordered,
  };
}

/** Whether the Service's own annotations give it to others. A headless one takes part only if it syncs its slices. */
function isShared(service: ServiceObject | undefined): boolean {
  const intent = service?.detail?.intent;
  if (service === undefined || intent === undefined) return false;
  return intent.global && intent.shared && (!service.headless || intent.syncEndpointSlices);
}

/** So that what comes of slices does not depend on the order in which they came. */
export function inNameOrder(slices: Iterable<EndpointSliceObject>): readonly EndpointSliceObject[] {
  return [...slices].sort((one, other) => compareText(one.name, other.name));
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
