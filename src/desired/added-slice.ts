import { SERVICE_NAME } from '../objects/names.ts';
import type { Endpoint, EndpointSliceObject, ServiceObject } from '../objects/shapes.ts';
import { desiredObject, ourSliceLabels, sliceBody } from './manifest.ts';
import type { DesiredObject, PlanTools } from './model.ts';
import { shortHash } from './names.ts';
import { withdrawn } from './withdrawn.ts';

/** How a slice is written for a Service that it is added to. */
export interface Addition {
  readonly cluster: string;
  readonly slice: EndpointSliceObject;
  /** Its endpoints are there but get no traffic: kube-proxy and CoreDNS go by `ready`. */
  readonly standby: boolean;
  /** Whether the endpoints run on this cluster's own nodes. */
  readonly local: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * A slice that is added to a Service which is not ours: its name and its cluster IPs stay what they are, and kube-proxy
 * sees a few endpoints more. It bears no label of the Multi-Cluster Services API, for it is no import. The name depends
 * on nothing but the Service, the cluster and the slice: what changes elsewhere renames nothing.
 */
export function addedSlice(service: ServiceObject, addition: Addition, tools: PlanTools): DesiredObject {
  const { namespace } = service;
  const { cluster, slice, annotations = {} } = addition;
  const hash = shortHash(`added/${service.name}/${cluster}/${slice.name}`, tools.sha256);
  const heading = {
    kind: 'EndpointSlice',
    namespace,
    name: `${service.name}-${cluster}-${hash}`,
    labels: { ...ourSliceLabels(service, namespace), [SERVICE_NAME]: service.name },
    annotations,
  } as const;
  const endpoints = slice.endpoints.map(endpoint => added(endpoint, addition));
  return desiredObject(heading, sliceBody({ ...slice, endpoints }), tools);
}

function added(endpoint: Endpoint, { standby, local }: Addition): Endpoint {
  const { nodeName, ...elsewhere } = endpoint.topology ?? {};
  // Nodes of two clusters may bear one name, and kube-proxy would take the other's pods for those of its own node.
  const topology = local && nodeName !== undefined ? { ...elsewhere, nodeName } : elsewhere;
  const shown = { ...endpoint, topology };
  return standby ? withdrawn(shown) : shown;
}
