import * as v from 'valibot';
import { type AddressFamily, familyOf } from '../base/ip.ts';
import { usableAddress, usableAddresses } from './addresses.ts';
import { compact } from './compact.ts';
import {
  check,
  label,
  listOf,
  mapping,
  must,
  namespace,
  portName,
  portNumber,
  protocol,
  text,
  wholeNumber,
} from './fields.ts';
import type { KindReader } from './kind.ts';
import { type Problems, show } from './problem.ts';
import type { ServiceObject, ServicePort } from './shapes.ts';

const TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] as const;
const FAMILIES = ['IPv4', 'IPv6'] as const satisfies readonly AddressFamily[];
const AFFINITIES = ['None', 'ClientIP'] as const;
const POLICIES = ['Cluster', 'Local'] as const;

/** What an API server fills in for `ClientIP` without a time; without it, a written-out default would be a conflict. */
const AFFINITY_SECONDS = 10_800;

const clientIP = v.nullish(mapping({ timeoutSeconds: v.nullish(wholeNumber(1, 86_400)) }));
const port = mapping({ name: portName, protocol, port: portNumber, appProtocol: v.nullish(text) });
const spec = mapping({
  type: v.nullish(v.picklist(TYPES, must(TYPES.join(', ')))),
  clusterIP: v.nullish(text),
  clusterIPs: listOf(text),
  ports: listOf(port),
  ipFamilies: listOf(v.picklist(FAMILIES, must('IPv4 or IPv6'))),
  sessionAffinity: v.nullish(v.picklist(AFFINITIES, must('None or ClientIP'))),
  sessionAffinityConfig: v.nullish(mapping({ clientIP })),
  internalTrafficPolicy: v.nullish(v.picklist(POLICIES, must('Cluster or Local'))),
  trafficDistribution: v.nullish(text),
});
const point = mapping({ ip: v.nullish(text) });
const status = v.nullish(mapping({ loadBalancer: v.nullish(mapping({ ingress: listOf(point) })) }));
const schema = mapping({ metadata: mapping({ name: label, namespace }), spec: v.nullish(spec), status });

type Spec = v.InferOutput<typeof spec>;

export const serviceReader: KindReader = {
  kind: 'Service',
  apiVersions: ['v1'],
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
      ...sessionAffinity(spec),
      ...(spec.internalTrafficPolicy ? { internalTrafficPolicy: spec.internalTrafficPolicy } : {}),
      ...(spec.trafficDistribution ? { trafficDistribution: spec.trafficDistribution } : {}),
    };
  },
};

function readClusterIPs(spec: Spec, problems: Problems): string[] {
  if (spec.clusterIPs?.length) return usableAddresses(spec.clusterIPs, 'spec.clusterIPs', problems);
  return spec.clusterIP ? usableAddresses([spec.clusterIP], 'spec.clusterIP', problems) : [];
}

/** An ingress point that has a host name only has no address to answer with. */
function readIngress(points: readonly v.InferOutput<typeof point>[], problems: Problems): string[] {
  const field = 'status.loadBalancer.ingress';
  return compact(
    points.map(({ ip }, index) => (ip ? usableAddress(ip, `${field}[${index}].ip`, problems) : undefined)),
  );
}

/** No API server lets a name, or a number of a protocol, appear twice; of two, the first stays. */
function readPorts(ports: readonly v.InferOutput<typeof port>[], problems: Problems): ServicePort[] {
  const taken = new Set<string>();
  const read = ports.map(({ name: givenName, protocol: givenProtocol, port, appProtocol }, index) => {
    const name = givenName ?? '';
    const protocol = givenProtocol ?? 'TCP';
    const number = `${protocol}/${port}`;
    if (taken.has(name) || taken.has(number)) {
      const message = `found ${number} ${show(name)}, of which one is taken already; it is left out`;
      return problems.warn(`spec.ports[${index}]`, message);
    }
    taken.add(name).add(number);
    return { name, protocol, port, ...(appProtocol ? { appProtocol } : {}) };
  });
  return compact(read);
}

function sessionAffinity(
  spec: Spec,
): Pick<ServiceObject, 'sessionAffinity' | 'sessionAffinityTimeoutSeconds'> {
  if (spec.sessionAffinity !== 'ClientIP') return { sessionAffinity: 'None' };
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS;
  return { sessionAffinity: 'ClientIP', sessionAffinityTimeoutSeconds: seconds };
}
