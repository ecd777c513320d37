import { API_VERSIONS } from '../objects/api-versions.ts';
import {
  FOR_NAME,
  FOR_NAMESPACE,
  MANAGED_BY,
  OUR_SLICE_MANAGER,
  SLICE_MANAGED_BY,
  US,
} from '../objects/names.ts';
import type { Endpoint, EndpointPort, EndpointSliceObject } from '../objects/shapes.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { DesiredObject, OwnedKind, PlanTools } from './model.ts';

type Texts = Readonly<Record<string, string>>;

/** Which object: its kind, its place, and what is written on it. */
export interface Heading {
  readonly kind: OwnedKind;
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Texts;
  readonly annotations?: Texts;
}

/** The service that an object is written for. */
export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}

/** A manifest as it is applied, and its fingerprint. */
export function desiredObject(
  { kind, namespace, name, labels, annotations }: Heading,
  body: Readonly<Record<string, unknown>>,
  tools: PlanTools,
): DesiredObject {
  const metadata = {
    name,
    namespace,
    ...(isEmpty(labels) ? {} : { labels }),
    ...(isEmpty(annotations) ? {} : { annotations }),
  };
  const manifest = { apiVersion: API_VERSIONS[kind], kind, metadata, ...body };
  return { kind, namespace, name, manifest, fingerprint: fingerprintOf(kind, manifest, tools.sha256) };
}

/** The labels by which an object of ours is known, and the service that it was written for. */
export function ourLabels(service: ServiceName, ownNamespace: string): Record<string, string> {
  return {
    [MANAGED_BY]: US,
    [FOR_NAME]: service.name,
    ...(ownNamespace === service.namespace ? {} : { [FOR_NAMESPACE]: service.namespace }),
  };
}

/** The same for an EndpointSlice, with the label that keeps Kubernetes' own controllers away. */
export function ourSliceLabels(service: ServiceName, ownNamespace: string): Record<string, string> {
  return { ...ourLabels(service, ownNamespace), [SLICE_MANAGED_BY]: OUR_SLICE_MANAGER };
}

/**
 * All of an EndpointSlice but its heading. No API server takes one that names a port twice, as another cluster's
 * might.
 */
export function sliceBody({
  addressType,
  ports,
  endpoints,
}: Pick<EndpointSliceObject, 'addressType' | 'ports' | 'endpoints'>): Readonly<Record<string, unknown>> {
  return { addressType, ports: uniqueByName(ports).map(portBody), endpoints: endpoints.map(endpointBody) };
}

function uniqueByName(ports: readonly EndpointPort[]): readonly EndpointPort[] {
  if (ports.length < 2) return ports;
  return [...new Map(ports.toReversed().map(port => [port.name, port])).values()].reverse();
}

function portBody({ name, protocol, port }: EndpointPort): Readonly<Record<string, unknown>> {
  return { name, protocol, ...(port === undefined ? {} : { port }) };
}

/** All three conditions are written out: what each means where it is absent depends on the others. */
function endpointBody({ addresses, hostname, ready, topology }: Endpoint): Readonly<Record<string, unknown>> {
  const { serving = ready, terminating = false, zone, nodeName } = topology ?? {};
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
  };
}

function isEmpty(texts: Texts | undefined): boolean {
  return texts === undefined || Object.keys(texts).length === 0;
}
