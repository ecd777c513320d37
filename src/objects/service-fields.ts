import * as v from 'valibot';
import type { AddressFamily } from '../base/ip.ts';
import { compact } from './compact.ts';
import { mapping, must, portName, portNumber, protocol, text, wholeNumber } from './fields.ts';
import { isQualifiedName } from './labels.ts';
import { type Problems, show } from './problem.ts';
import type { GlobalProperties, ServicePort } from './shapes.ts';

/** The fields that a Service, an ExportedService and a ServiceImport have in common. */

const FAMILIES = ['IPv4', 'IPv6'] as const satisfies readonly AddressFamily[];
const AFFINITIES = ['None', 'ClientIP'] as const;
const POLICIES = ['Cluster', 'Local'] as const;
const TYPES = ['ClusterSetIP', 'Headless'] as const;

/** What an API server fills in for `ClientIP` without a time; without it, a written-out default would be a conflict. */
const AFFINITY_SECONDS = 10_800;

/** Of a service. The merge compares every export's with every other's. */
export const MOST_PORTS = 100;

/** What Kubernetes has given out so far (PreferClose, PreferSameZone, …) is of this form. */
const DISTRIBUTION = /^[A-Za-z0-9]{1,63}$/;

export const servicePort = mapping({
  name: portName,
  protocol,
  port: portNumber,
  appProtocol: v.nullish(text),
});
export const addressFamily = v.picklist(FAMILIES, must('IPv4 or IPv6'));
export const importType = v.picklist(
  TYPES,
  must('ClusterSetIP or Headless; if the other cluster runs a newer Causeway, upgrade this one'),
);
export const affinitySeconds = v.nullish(wholeNumber(1, 86_400));
export const sessionAffinity = v.nullish(v.picklist(AFFINITIES, must('None or ClientIP')));
export const sessionAffinityConfig = v.nullish(
  mapping({ clientIP: v.nullish(mapping({ timeoutSeconds: affinitySeconds })) }),
);
export const internalTrafficPolicy = v.nullish(v.picklist(POLICIES, must('Cluster or Local')));

/** No API server lets a name, or a number of a protocol, appear twice; of two, the first stays. */
export function readPorts(
  ports: readonly v.InferOutput<typeof servicePort>[],
  problems: Problems,
): ServicePort[] {
  if (ports.length > MOST_PORTS) {
    problems.warn('spec.ports', `found ${ports.length}: the first ${MOST_PORTS} are used`);
  }
  const taken = new Set<string>();
  const read = ports.slice(0, MOST_PORTS).map((port, index) => readPort(port, index, taken, problems));
  return compact(read);
}

function readPort(
  given: v.InferOutput<typeof servicePort>,
  index: number,
  taken: Set<string>,
  problems: Problems,
): ServicePort | undefined {
  const field = `spec.ports[${index}]`;
  const name = given.name ?? '';
  const protocol = given.protocol ?? 'TCP';
  const { port } = given;
  const number = `${protocol}/${port}`;
  if (taken.has(name) || taken.has(number)) {
    const message = `found ${number} ${show(name)}, of which one is taken already; it is left out`;
    return problems.warn(field, message);
  }
  taken.add(name).add(number);
  const appProtocol = readAppProtocol(given.appProtocol, `${field}.appProtocol`, problems);
  return { name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) };
}

/** Derived Services bear it, and no API server takes a Service with another. */
function readAppProtocol(
  found: string | null | undefined,
  field: string,
  problems: Problems,
): string | undefined {
  if (!found || isQualifiedName(found)) return found || undefined;
  return problems.warn(field, `found ${show(found)}: must be like http or kubernetes.io/h2c; it is left out`);
}

/** The policies of a Service and of a ServiceImport, which write session affinity alike. */
export interface PolicyFields {
  readonly sessionAffinity?: 'None' | 'ClientIP' | null | undefined;
  readonly sessionAffinityConfig?: v.InferOutput<typeof sessionAffinityConfig>;
  readonly internalTrafficPolicy?: 'Cluster' | 'Local' | null | undefined;
  readonly trafficDistribution?: string | null | undefined;
}

type Policies = Pick<
  GlobalProperties,
  'sessionAffinity' | 'sessionAffinityTimeoutSeconds' | 'internalTrafficPolicy' | 'trafficDistribution'
>;

export function readPolicies(spec: PolicyFields, problems: Problems): Policies {
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  const distribution = readDistribution(spec.trafficDistribution, problems);
  return {
    ...(spec.sessionAffinity === 'ClientIP'
      ? { sessionAffinity: 'ClientIP', sessionAffinityTimeoutSeconds: seconds ?? AFFINITY_SECONDS }
      : { sessionAffinity: 'None' }),
    ...(spec.internalTrafficPolicy ? { internalTrafficPolicy: spec.internalTrafficPolicy } : {}),
    ...(distribution === undefined ? {} : { trafficDistribution: distribution }),
  };
}

function readDistribution(found: string | null | undefined, problems: Problems): string | undefined {
  if (!found || DISTRIBUTION.test(found)) return found || undefined;
  const message = `found ${show(found)}: must be a word such as PreferClose; it is left out`;
  return problems.warn('spec.trafficDistribution', message);
}
