import * as v from 'valibot';
import { familyOf } from '../base/ip.ts';
import { isClusterId } from '../base/name.ts';
import { usableAddresses } from './addresses.ts';
import { API_VERSIONS } from './api-versions.ts';
import { check, label, listOf, mapping, must, namespace, text } from './fields.ts';
import { readImportTraffic } from './import-traffic.ts';
import type { KindReader } from './kind.ts';
import { TRAFFIC } from './names.ts';
import { type Problems, show } from './problem.ts';
import {
  addressFamily,
  importType,
  internalTrafficPolicy,
  readPolicies,
  readPorts,
  servicePort,
  sessionAffinity,
  sessionAffinityConfig,
} from './service-fields.ts';
import type { ServiceImportObject } from './shapes.ts';

const spec = mapping({
  type: importType,
  ports: listOf(servicePort),
  ips: listOf(text),
  ipFamilies: listOf(addressFamily),
  sessionAffinity,
  sessionAffinityConfig,
  internalTrafficPolicy,
  trafficDistribution: v.nullish(text),
});
const schema = mapping({
  metadata: mapping({
    name: label,
    namespace,
    annotations: v.nullish(v.record(text, v.unknown(), must('a mapping'))),
  }),
  spec,
  status: v.nullish(mapping({ clusters: listOf(mapping({ cluster: text })) })),
});

/** Ours, or that of another controller of the Multi-Cluster Services API, which says less. */
export const serviceImportReader: KindReader<ServiceImportObject> = {
  kind: 'ServiceImport',
  apiVersions: [API_VERSIONS.ServiceImport, 'multicluster.x-k8s.io/v1alpha1'],
  read(raw, problems): ServiceImportObject | undefined {
    const found = check(schema, raw, problems);
    if (found === undefined) return undefined;
    const { metadata, spec, status } = found;
    const ips = usableAddresses(spec.ips ?? [], 'spec.ips', problems);
    return {
      kind: 'ServiceImport',
      namespace: metadata.namespace,
      name: metadata.name,
      type: spec.type,
      ports: readPorts(spec.ports ?? [], problems),
      ips,
      ipFamilies: [...new Set(spec.ipFamilies ?? ips.map(familyOf))],
      ...readPolicies(spec, problems),
      clusters: readClusters(status?.clusters ?? [], problems),
      traffic: readImportTraffic(metadata.annotations?.[TRAFFIC], problems),
    };
  },
};

function readClusters(list: readonly { readonly cluster: string }[], problems: Problems): string[] {
  const ids = list.flatMap(({ cluster }, index) => {
    if (isClusterId(cluster)) return [cluster];
    problems.warn(
      `status.clusters[${index}].cluster`,
      `found ${show(cluster)}: is no cluster id; it is left out`,
    );
    return [];
  });
  return [...new Set(ids)];
}
