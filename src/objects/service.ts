import * as v from 'valibot';
import { familyOf } from '../base/ip.ts';
import { usableAddress, usableAddresses } from './addresses.ts';
import { API_VERSIONS } from './api-versions.ts';
import { compact } from './compact.ts';
import { check, label, listOf, mapping, must, namespace, stringMap, text } from './fields.ts';
import { readIntent } from './intent.ts';
import type { KindReader } from './kind.ts';
import { NO_TEXTS, readLabels } from './labels.ts';
import type { Problems } from './problem.ts';
import {
  addressFamily,
  internalTrafficPolicy,
  readPolicies,
  readPorts,
  servicePort,
  sessionAffinity,
  sessionAffinityConfig,
} from './service-fields.ts';
import type { ServiceDetail, ServiceObject } from './shapes.ts';

const TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] as const;

/** Of one Service; each may become an answer. */
export const MOST_LOAD_BALANCER_IPS = 32;

const spec = mapping({
  type: v.nullish(v.picklist(TYPES, must(TYPES.join(', ')))),
  clusterIP: v.nullish(text),
  clusterIPs: listOf(text),
  ports: listOf(servicePort),
  ipFamilies: listOf(addressFamily),
  sessionAffinity,
  sessionAffinityConfig,
  internalTrafficPolicy,
  trafficDistribution: v.nullish(text),
});
const point = mapping({ ip: v.nullish(text) });
const status = v.nullish(mapping({ loadBalancer: v.nullish(mapping({ ingress: listOf(point) })) }));
const schema = mapping({ metadata: mapping({ name: label, namespace }), spec: v.nullish(spec), status });

const detailSchema = mapping({
  metadata: mapping({
    labels: stringMap,
    // Values unchecked here: what is no text is worth a warning of its own and not the loss of the Service.
    annotations: v.nullish(v.record(text, v.unknown(), must('a mapping'))),
  }),
  spec: v.nullish(mapping({ selector: stringMap })),
});

type Spec = v.InferOutput<typeof spec>;

/** For those who answer names. */
export const serviceReader: KindReader<ServiceObject> = {
  kind: 'Service',
  apiVersions: [API_VERSIONS.Service],
  read(raw, problems): ServiceObject | undefined {
    const found = check(schema, raw, problems);
    if (found === undefined) return undefined;
    const spec = found.spec ?? {};
    const headless = (spec.clusterIP || spec.clusterIPs?.[0]) === 'None';
    const clusterIPs = headless ? [] : readClusterIPs(spec, problems);
    return {
      kind: 'Service',
      namespace: found.metadata.namespace,
      name: found.metadata.name,
      type: spec.type ?? 'ClusterIP',
      headless,
      clusterIPs,
      loadBalancerIPs: readIngress(found.status?.loadBalancer?.ingress ?? [], problems),
      ports: readPorts(spec.ports ?? [], problems),
      ipFamilies: compact([...new Set(spec.ipFamilies ?? clusterIPs.map(familyOf))]),
      ...readPolicies(spec, problems),
    };
  },
};

/** The same for a controller, with what the Service's own labels and annotations say. */
export const detailedServiceReader: KindReader<ServiceObject> = {
  ...serviceReader,
  read(raw, problems) {
    const service = serviceReader.read(raw, problems);
    const detail = service && readDetail(raw, problems);
    return detail && { ...service, detail };
  },
};

function readDetail(raw: unknown, problems: Problems): ServiceDetail | undefined {
  const found = check(detailSchema, raw, problems);
  if (found === undefined) return undefined;
  const { labels, annotations } = found.metadata;
  return {
    labels: readLabels(labels, 'metadata.labels', problems),
    hasSelector: Object.keys(found.spec?.selector ?? NO_TEXTS).length > 0,
    intent: readIntent(annotations ?? NO_TEXTS, problems),
  };
}

function readClusterIPs(spec: Spec, problems: Problems): string[] {
  if (spec.clusterIPs?.length) return usableAddresses(spec.clusterIPs, 'spec.clusterIPs', problems);
  return spec.clusterIP ? usableAddresses([spec.clusterIP], 'spec.clusterIP', problems) : [];
}

/** An ingress point that has a host name only has no address to answer with. */
function readIngress(points: readonly v.InferOutput<typeof point>[], problems: Problems): string[] {
  const field = 'status.loadBalancer.ingress';
  const read = points.map(({ ip }, index) =>
    ip ? usableAddress(ip, `${field}[${index}].ip`, problems) : undefined,
  );
  const usable = compact([...new Set(read)]);
  if (usable.length <= MOST_LOAD_BALANCER_IPS) return usable;
  problems.warn(field, `found ${usable.length} addresses: the first ${MOST_LOAD_BALANCER_IPS} are used`);
  return usable.slice(0, MOST_LOAD_BALANCER_IPS);
}
