import * as v from 'valibot';
import { isLabel } from '../base/name.ts';
import { usableAddresses } from './addresses.ts';
import { API_VERSIONS } from './api-versions.ts';
import { compact } from './compact.ts';
import {
  check,
  isMapping,
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
import { NO_TEXTS } from './labels.ts';
import { type Problems, show } from './problem.ts';
import { MOST_PORTS } from './service-fields.ts';
import type { Endpoint, EndpointPort, EndpointSliceObject } from './shapes.ts';
import { readMarks, type SliceOrigin } from './slice-marks.ts';
import { type RawTopology, readTopology, topologyConditions, topologyFields } from './topology.ts';

export type { SliceOrigin } from './slice-marks.ts';

const TYPES = ['IPv4', 'IPv6', 'FQDN'] as const;

const port = mapping({ name: portName, protocol, port: v.nullish(portNumber) });
const conditions = { ready: v.nullish(v.boolean(must('true or false'))) };
const endpoint = {
  addresses: listOf(text),
  hostname: v.nullish(text),
  conditions: v.nullish(mapping(conditions)),
};
const detailedEndpoint = {
  ...endpoint,
  ...topologyFields,
  conditions: v.nullish(mapping({ ...conditions, ...topologyConditions })),
};

/** What is kept: all that an answer is made of, or what kube-proxy looks at too. */
export type Keep = 'answers' | 'everything';
const SCHEMAS = { answers: schemaOf(endpoint), everything: schemaOf(detailedEndpoint) };

/** What an API server takes of one slice (discovery/v1). A remote one may have been made to take more. */
const MOST_ENDPOINTS = 1000;
const MOST_ADDRESSES = 100;

function schemaOf<T extends v.ObjectEntries>(endpoint: T) {
  return mapping({
    metadata: mapping({
      name: subdomain,
      namespace,
      labels: v.nullish(v.record(text, v.unknown(), must('a mapping'))),
    }),
    addressType: v.picklist(TYPES, must(TYPES.join(', '))),
    ports: listOf(port),
    endpoints: listOf(mapping(endpoint)),
  });
}

/** A Service's own slices, for those who answer names. */
export const endpointSliceReader: KindReader<EndpointSliceObject> = {
  kind: 'EndpointSlice',
  apiVersions: [API_VERSIONS.EndpointSlice],
  read: (raw, problems) => readEndpointSlice(raw, problems, 'native', 'answers'),
};

/**
 * Reads a slice as what it is told to be; whether its source cluster is the one that it came from is not asked here.
 */
export function readEndpointSlice(
  raw: unknown,
  problems: Problems,
  origin: SliceOrigin,
  keep: Keep,
): EndpointSliceObject | undefined {
  if (origin === 'published' && !isOfUsualSize(raw, problems)) return undefined;
  const found = check(SCHEMAS[keep], raw, problems);
  if (found === undefined) return undefined;
  const { metadata, addressType } = found;
  const { name, namespace, labels } = metadata;
  const marks = readMarks({ namespace, labels: labels ?? NO_TEXTS }, origin, problems);
  if (marks === undefined) return undefined;
  if (addressType === 'FQDN') {
    return problems.warn('addressType', 'FQDN holds host names, not addresses: the slice is left out');
  }
  const ports = (found.ports ?? []).map(readPort);
  return {
    kind: 'EndpointSlice',
    name,
    ...marks,
    addressType,
    ports: origin === 'published' ? oneOfEachName(ports, problems) : ports,
    endpoints: compact(
      (found.endpoints ?? []).map((given: RawEndpoint, index) =>
        readEndpoint(given, `endpoints[${index}]`, addressType, problems),
      ),
    ),
  };
}

/** Asked before anything is looked at: what another cluster sends may be made to keep us busy. */
function isOfUsualSize(raw: unknown, problems: Problems): boolean {
  const { ports, endpoints } = isMapping(raw) ? raw : {};
  if (isLonger(ports, MOST_PORTS)) problems.refuse('ports', `must be at most ${MOST_PORTS}`);
  else if (isLonger(endpoints, MOST_ENDPOINTS)) {
    problems.refuse('endpoints', `must be at most ${MOST_ENDPOINTS}`);
  } else if (Array.isArray(endpoints) && endpoints.some(one => isLonger(one?.addresses, MOST_ADDRESSES))) {
    problems.refuse('endpoints', `must have at most ${MOST_ADDRESSES} addresses each`);
  } else return true;
  return false;
}

function isLonger(list: unknown, most: number): boolean {
  return Array.isArray(list) && list.length > most;
}

type RawEndpoint = v.InferOutput<ReturnType<typeof mapping<typeof endpoint>>> & RawTopology;

function readPort({ name, protocol, port: number }: v.InferOutput<typeof port>): EndpointPort {
  return { name: name ?? '', protocol: protocol ?? 'TCP', ...(number ? { port: number } : {}) };
}

/** No API server takes a slice that names a port twice, and the slices made of this one bear its ports. */
function oneOfEachName(ports: readonly EndpointPort[], problems: Problems): readonly EndpointPort[] {
  const taken = new Set<string>();
  return compact(
    ports.map((port, index) => {
      if (!taken.has(port.name)) {
        taken.add(port.name);
        return port;
      }
      return problems.warn(`ports[${index}]`, `found ${show(port.name)} a second time; it is left out`);
    }),
  );
}

/** Undefined, where no address is left. */
function readEndpoint(
  raw: RawEndpoint,
  field: string,
  family: EndpointSliceObject['addressType'],
  problems: Problems,
): Endpoint | undefined {
  const addresses = usableAddresses(raw.addresses ?? [], `${field}.addresses`, problems, family);
  if (addresses.length === 0) return undefined;
  const ready = raw.conditions?.ready ?? true;
  const hostname = readHostname(raw.hostname, `${field}.hostname`, problems);
  const topology = readTopology(raw, field, problems);
  // Literals and no spreads: an object whose fields are known at once is smaller, and there are 250,000.
  if (topology === undefined)
    return hostname === undefined ? { addresses, ready } : { addresses, hostname, ready };
  return hostname === undefined ? { addresses, ready, topology } : { addresses, hostname, ready, topology };
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
