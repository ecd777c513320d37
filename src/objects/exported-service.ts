import * as v from 'valibot';
import { objectKey } from '../base/name.ts';
import { usableAddresses } from './addresses.ts';
import { API_VERSIONS } from './api-versions.ts';
import {
  boundedListOf,
  check,
  clusterId,
  label,
  mapping,
  must,
  namespace,
  stringMap,
  subdomain,
  text,
} from './fields.ts';
import type { KindReader } from './kind.ts';
import { readExportedAnnotations, readExportedLabels, readLabels } from './labels.ts';
import { type Problems, show } from './problem.ts';
import { MOST_LOAD_BALANCER_IPS } from './service.ts';
import {
  addressFamily,
  affinitySeconds,
  importType,
  internalTrafficPolicy,
  MOST_PORTS,
  readPolicies,
  readPorts,
  servicePort,
  sessionAffinity,
} from './service-fields.ts';
import type { Exported, ExportedServiceObject, SharedAs } from './shapes.ts';
import { readTimestamp, timestampText } from './timestamp.ts';
import { readTrafficFields } from './traffic.ts';

const SHARED_AS = ['ClusterSet', 'Global'] as const satisfies readonly SharedAs[];

const spec = mapping({
  cluster: clusterId,
  namespace: label,
  name: label,
  exportedAt: v.optional(v.unknown()),
  sharedAs: v.array(text, must('a list')),
  type: importType,
  ports: boundedListOf(servicePort, MOST_PORTS),
  ipFamilies: boundedListOf(addressFamily, 2),
  sessionAffinity,
  sessionAffinityTimeoutSeconds: affinitySeconds,
  internalTrafficPolicy,
  trafficDistribution: v.nullish(text),
  labels: stringMap,
  annotations: stringMap,
  serviceLabels: stringMap,
  traffic: v.optional(v.unknown()),
  clusterIPs: boundedListOf(text, 2),
  loadBalancerIPs: boundedListOf(text, MOST_LOAD_BALANCER_IPS),
});
const schema = mapping({ metadata: mapping({ name: subdomain, namespace }), spec });

type Spec = v.InferOutput<typeof spec>;

/**
 * Reads what another cluster says of a service. It may say anything: what is kept cannot do harm under the service's
 * own name.
 */
export const exportedServiceReader: KindReader<ExportedServiceObject> = {
  kind: 'ExportedService',
  apiVersions: [API_VERSIONS.ExportedService],
  read(raw, problems): ExportedServiceObject | undefined {
    const found = check(schema, raw, problems);
    if (found === undefined) return undefined;
    const { metadata, spec } = found;
    const sharedAs = readSharedAs(spec, problems);
    if (sharedAs === undefined) return undefined;
    const exportedAt = readTimestamp(spec.exportedAt, 'spec.exportedAt', problems);
    const { serviceLabels } = spec;
    return {
      kind: 'ExportedService',
      cluster: spec.cluster,
      publishedAs: objectKey(metadata.namespace, metadata.name),
      namespace: spec.namespace,
      name: spec.name,
      ...(exportedAt === undefined ? {} : { exportedAt }),
      sharedAs,
      type: spec.type,
      ports: readPorts(spec.ports ?? [], problems),
      ipFamilies: [...new Set(spec.ipFamilies)],
      ...readPolicies(withAffinityConfig(spec), problems),
      labels: readExportedLabels(spec.labels, 'spec.labels', problems),
      annotations: readExportedAnnotations(spec.annotations, 'spec.annotations', problems),
      traffic: readTrafficFields(spec.traffic, 'spec.traffic', problems),
      clusterIPs:
        spec.type === 'Headless' ? [] : usableAddresses(spec.clusterIPs ?? [], 'spec.clusterIPs', problems),
      loadBalancerIPs: usableAddresses(spec.loadBalancerIPs ?? [], 'spec.loadBalancerIPs', problems),
      ...(serviceLabels ? { serviceLabels: readLabels(serviceLabels, 'spec.serviceLabels', problems) } : {}),
    };
  },
};

/** Ways of sharing that a newer Causeway has are not ours to import; those that we know are. */
function readSharedAs({ sharedAs, cluster }: Spec, problems: Problems): readonly SharedAs[] | undefined {
  const known = SHARED_AS.filter(one => sharedAs.includes(one));
  if (known.length > 0) return known;
  return problems.refuse(
    'spec.sharedAs',
    `found ${show(sharedAs[0])}: must name one of ${SHARED_AS.join(', ')}; cluster ${cluster} runs a newer Causeway than ` +
      'this one: upgrade Causeway here',
  );
}

function withAffinityConfig(spec: Spec) {
  const timeoutSeconds = spec.sessionAffinityTimeoutSeconds;
  return { ...spec, sessionAffinityConfig: { clientIP: { timeoutSeconds } } };
}

/** The `spec` that the reader reads back as what it was given; what is empty is left out. */
export function exportedServiceSpec(
  exported: Exported & { readonly cluster: string },
): Readonly<Record<string, unknown>> {
  const { exportedAt, serviceLabels } = exported;
  const { sessionAffinityTimeoutSeconds, internalTrafficPolicy, trafficDistribution } = exported;
  return {
    cluster: exported.cluster,
    namespace: exported.namespace,
    name: exported.name,
    ...(exportedAt === undefined ? {} : { exportedAt: timestampText(exportedAt) }),
    sharedAs: exported.sharedAs,
    type: exported.type,
    ...unlessEmpty('ports', exported.ports),
    ...unlessEmpty('ipFamilies', exported.ipFamilies),
    sessionAffinity: exported.sessionAffinity,
    ...(sessionAffinityTimeoutSeconds === undefined ? {} : { sessionAffinityTimeoutSeconds }),
    ...(internalTrafficPolicy === undefined ? {} : { internalTrafficPolicy }),
    ...(trafficDistribution === undefined ? {} : { trafficDistribution }),
    ...unlessEmpty('labels', exported.labels),
    ...unlessEmpty('annotations', exported.annotations),
    ...unlessEmpty('traffic', exported.traffic),
    ...unlessEmpty('clusterIPs', exported.clusterIPs),
    ...unlessEmpty('loadBalancerIPs', exported.loadBalancerIPs),
    ...(serviceLabels === undefined ? {} : { serviceLabels }),
  };
}

function unlessEmpty(field: string, value: object): Readonly<Record<string, unknown>> {
  return Object.keys(value).length === 0 ? {} : { [field]: value };
}
