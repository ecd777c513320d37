import { type AddressFamily, familyOf } from '../base/ip.ts';
import type { MergedService, ServiceCluster } from '../mesh/model.ts';
import { DERIVED_SERVICE, MANAGED_BY, TRAFFIC, US } from '../objects/names.ts';
import type { ImportClusterTraffic, ImportTraffic } from '../objects/shapes.ts';
import { mergeConditions, type WantedCondition } from './conditions.ts';
import { type Derived, familyFault, localFamiliesOf } from './derived.ts';
import { statusFingerprintOf } from './fingerprint.ts';
import { desiredObject } from './manifest.ts';
import type { DesiredObject, DesiredStatus, PlanTools, ServiceView } from './model.ts';
import { policiesBody, portsBody } from './service-fields.ts';

/**
 * The ServiceImport. Undefined: its time has not come, because its addresses are not assigned yet or are about to
 * change.
 *
 * @param derived the Service that its addresses are those of; undefined: the service is headless
 */
export function planServiceImport(
  view: ServiceView,
  merged: MergedService,
  derived: Derived | undefined,
  tools: PlanTools,
): DesiredObject | undefined {
  if (derived?.state === 'outgoing') return undefined;
  const ips = derived?.state === 'wanted' ? derived.ips : [];
  if (derived?.state === 'wanted' && ips.length === 0) return undefined;
  const heading = {
    kind: 'ServiceImport',
    namespace: view.namespace,
    name: view.name,
    labels: merged.labels,
    annotations: {
      ...merged.annotations,
      ...(derived?.state === 'wanted' ? { [DERIVED_SERVICE]: derived.name } : {}),
      ...trafficAnnotation(merged),
      [MANAGED_BY]: US,
    },
  } as const;
  const families = derived === undefined ? headlessFamilies(view, merged) : ips.map(familyOf);
  const spec = {
    type: merged.type,
    ports: portsBody(merged.ports),
    ...(ips.length === 0 ? {} : { ips }),
    ...(families.length === 0 ? {} : { ipFamilies: families }),
    ...policiesBody(merged),
  };
  return desiredObject(heading, { spec }, tools);
}

/** Those that nobody here can reach are given where there are no others: the condition says so. */
function headlessFamilies(view: ServiceView, merged: MergedService): readonly AddressFamily[] {
  const families = localFamiliesOf(view, merged);
  return families.length > 0 ? families : merged.ipFamilies;
}

/** @param hasSlices whether EndpointSlices of it are written here */
export function planImportStatus(
  view: ServiceView,
  merged: MergedService,
  derived: Derived | undefined,
  hasSlices: boolean,
  tools: PlanTools,
): DesiredStatus {
  const { namespace, name } = view;
  const status = {
    clusters: merged.clusters.map(({ cluster }) => ({ cluster })),
    endpointSliceObjects: hasSlices ? 'Present' : 'Absent',
    conditions: mergeConditions([readiness(view, merged, derived)], view.importConditions, tools.now),
  };
  const fingerprint = statusFingerprintOf('ServiceImport', { status }, tools.sha256);
  return { kind: 'ServiceImport', namespace, name, status, fingerprint };
}

function readiness(view: ServiceView, merged: MergedService, derived: Derived | undefined): WantedCondition {
  if (derived?.state === 'impossible') {
    return { type: 'Ready', status: 'False', reason: derived.reason, message: derived.message };
  }
  if (localFamiliesOf(view, merged).length === 0) {
    const message = familyFault(view, merged);
    return { type: 'Ready', status: 'False', reason: 'IPFamilyNotSupported', message };
  }
  const message = `imported from ${merged.clusters.map(({ cluster }) => cluster).join(', ')}`;
  return { type: 'Ready', status: 'True', reason: 'Ready', message };
}

/** Absent where no export sets anything: most do not. */
function trafficAnnotation(merged: MergedService): Record<string, string> {
  const { affinity, backends, ttl } = merged;
  const clusters = merged.clusters.flatMap(cluster => {
    const traffic = clusterTraffic(cluster, backends !== undefined);
    return Object.keys(traffic).length === 0 ? [] : [[cluster.cluster, traffic] as const];
  });
  const traffic: ImportTraffic = {
    ...(affinity === 'none' ? {} : { affinity }),
    ...(backends === undefined ? {} : { backends }),
    ...(ttl === undefined ? {} : { ttl }),
    ...(clusters.length === 0 ? {} : { clusters: Object.fromEntries(clusters) }),
  };
  return Object.keys(traffic).length === 0 ? {} : { [TRAFFIC]: JSON.stringify(traffic) };
}

function clusterTraffic(
  { weight, clusterIPs, loadBalancerIPs }: ServiceCluster,
  hasBackends: boolean,
): ImportClusterTraffic {
  return {
    ...(weight === undefined ? {} : { weight }),
    ...(hasBackends && clusterIPs.length > 0 ? { clusterIPs } : {}),
    ...(hasBackends && loadBalancerIPs.length > 0 ? { loadBalancerIPs } : {}),
  };
}
