import * as v from 'valibot';
import { isLabel } from '../base/name.ts';
import { usableAddresses } from './addresses.ts';
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
  subdomain,
  text,
} from './fields.ts';
import type { KindReader } from './kind.ts';
import { type Problems, show } from './problem.ts';
import type { Endpoint, EndpointPort, EndpointSliceObject } from './shapes.ts';

const SERVICE_LABEL = 'kubernetes.io/service-name';
const TYPES = ['IPv4', 'IPv6', 'FQDN'] as const;

const port = mapping({ name: portName, protocol, port: v.nullish(portNumber) });
const endpoint = mapping({
  addresses: listOf(text),
  hostname: v.nullish(text),
  conditions: v.nullish(mapping({ ready: v.nullish(v.boolean(must('true or false'))) })),
});
const schema = mapping({
  metadata: mapping({
    name: subdomain,
    namespace,
    labels: v.nullish(mapping({ [SERVICE_LABEL]: v.nullish(label) })),
  }),
  addressType: v.picklist(TYPES, must(TYPES.join(', '))),
  ports: listOf(port),
  endpoints: listOf(endpoint),
});

export const endpointSliceReader: KindReader = {
  kind: 'EndpointSlice',
  apiVersions: ['discovery.k8s.io/v1'],
  read(raw, problems): EndpointSliceObject | undefined {
    const found = check(schema, raw, problems);
    if (found === undefined) return undefined;
    const { metadata, addressType } = found;
    const serviceName = metadata.labels?.[SERVICE_LABEL];
    if (!serviceName) {
      return problems.warn(
        'metadata.labels',
        `no label ${SERVICE_LABEL}: the slice belongs to no Service and is left out`,
      );
    }
    if (addressType === 'FQDN') {
      return problems.warn('addressType', 'FQDN holds host names, not addresses: the slice is left out');
    }
    return {
      kind: 'EndpointSlice',
      namespace: metadata.namespace,
      name: metadata.name,
      serviceName,
      addressType,
      ports: (found.ports ?? []).map(readPort),
      endpoints: compact(
        (found.endpoints ?? []).map((endpoint, index) =>
          readEndpoint(endpoint, index, addressType, problems),
        ),
      ),
    };
  },
};

function readPort({ name, protocol, port: number }: v.InferOutput<typeof port>): EndpointPort {
  return { name: name ?? '', protocol: protocol ?? 'TCP', ...(number ? { port: number } : {}) };
}

/** Undefined, where no address is left. */
function readEndpoint(
  raw: v.InferOutput<typeof endpoint>,
  index: number,
  family: EndpointSliceObject['addressType'],
  problems: Problems,
): Endpoint | undefined {
  const field = `endpoints[${index}]`;
  const addresses = usableAddresses(raw.addresses ?? [], `${field}.addresses`, problems, family);
  if (addresses.length === 0) return undefined;
  const ready = raw.conditions?.ready ?? true;
  const hostname = readHostname(raw.hostname, `${field}.hostname`, problems);
  return hostname === undefined ? { addresses, ready } : { addresses, hostname, ready };
}

function readHostname(
  hostname: string | null | undefined,
  field: string,
  problems: Problems,
): string | undefined {
  if (!hostname) return undefined;
  if (isLabel(hostname)) return hostname;
  return problems.warn(
    field,
    `found ${show(hostname)}: must be an RFC 1123 label; the endpoint has no host name`,
  );
}
