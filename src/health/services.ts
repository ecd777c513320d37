import { objectKey } from '../base/name.ts';
import { PARTLY_IGNORED } from '../objects/names.ts';
import type { Condition, EndpointSliceObject, ServiceImportObject } from '../objects/shapes.ts';
import type { Finding } from '../views/finding.ts';
import type { GetServices } from '../views/get-services.ts';

/** What is known of the services of the cluster set, as this cluster holds it. */
export interface ServiceFacts {
  readonly imports: readonly ServiceImportObject[];
  /** By `namespace/name`. */
  readonly importConditions: ReadonlyMap<string, readonly Condition[]>;
  /** Of this cluster's own exports, by `namespace/name`. */
  readonly exportConditions: ReadonlyMap<string, readonly Condition[]>;
  /** Of every cluster, as imported. */
  readonly slices: readonly EndpointSliceObject[];
}

type Service = GetServices['services'][number];

/** The imported services, by namespace and name. */
export function servicesOf(facts: ServiceFacts): GetServices {
  const counts = endpointCounts(facts.slices);
  const services = facts.imports
    .map(one => serviceOf(one, counts, facts))
    .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  return { services, findings: services.flatMap(service => findingsOf(keyOf(service), facts)) };
}

function keyOf({ namespace, name }: Pick<Service, 'namespace' | 'name'>): string {
  return objectKey(namespace, name);
}

interface Count {
  ready: number;
  all: number;
}

/** By service and cluster. An endpoint stands in one slice per family; of several the largest count is its own. */
function endpointCounts(slices: readonly EndpointSliceObject[]): Map<string, Count> {
  const byFamily = new Map<string, Map<string, Count>>();
  for (const slice of slices) {
    const key = countKey(slice, slice.sourceCluster ?? '');
    const families = byFamily.get(key) ?? new Map<string, Count>();
    byFamily.set(key, families);
    const count = families.get(slice.addressType) ?? { ready: 0, all: 0 };
    families.set(slice.addressType, count);
    count.all += slice.endpoints.length;
    count.ready += slice.endpoints.filter(({ ready }) => ready).length;
  }
  const most = (families: Map<string, Count>): Count =>
    [...families.values()].reduce((one, other) => (other.all > one.all ? other : one));
  return new Map([...byFamily].map(([key, families]) => [key, most(families)]));
}

function countKey(
  { namespace, serviceName }: Pick<EndpointSliceObject, 'namespace' | 'serviceName'>,
  cluster: string,
): string {
  return `${namespace}/${serviceName} ${cluster}`;
}

function serviceOf(
  { namespace, name, type, ips, ports, traffic, clusters }: ServiceImportObject,
  counts: ReadonlyMap<string, Count>,
  { exportConditions }: ServiceFacts,
): Service {
  const conflict = conditionOf(exportConditions.get(objectKey(namespace, name)), 'Conflict');
  return {
    namespace,
    name,
    type,
    ips: [...ips],
    ports: ports.map(({ name, port, protocol }) => `${port}/${protocol}${name === '' ? '' : ` ${name}`}`),
    affinity: traffic.affinity ?? 'none',
    clusters: clusters.map(cluster => {
      const { ready = 0, all = 0 } = counts.get(countKey({ namespace, serviceName: name }, cluster)) ?? {};
      const weight = traffic.clusters?.[cluster]?.weight;
      return { cluster, ready, endpoints: all, ...(weight === undefined ? {} : { weight }) };
    }),
    ...(conflict?.status === 'True' ? { conflict: conflict.reason } : {}),
  };
}

/** By the condition of a ServiceExport, where it is True. */
const WARNINGS = { Conflict: 'service.conflict', [PARTLY_IGNORED]: 'service.ignored' } as const;

function findingsOf(key: string, { importConditions, exportConditions }: ServiceFacts): Finding[] {
  const ready = conditionOf(importConditions.get(key), 'Ready');
  const warnings = Object.entries(WARNINGS).flatMap(([type, check]) => {
    const held = conditionOf(exportConditions.get(key), type);
    if (held?.status !== 'True') return [];
    return [{ check, about: key, verdict: 'warning', found: held.message } as const];
  });
  return [
    ...warnings,
    ...(ready !== undefined && ready.status !== 'True'
      ? [
          {
            check: 'service.ready',
            about: key,
            verdict: 'bad',
            found: `${ready.reason}: ${ready.message}`,
          } as const,
        ]
      : []),
  ];
}

function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find(held => held.type === type);
}
