import { objectKey } from '../base/name.ts';
import { matches, type Selector } from '../base/selector/selector.ts';
import { MCS_SERVICE_NAME, MCS_SOURCE_CLUSTER } from '../objects/names.ts';
import type { PodObject } from '../objects/pod.ts';
import type { Endpoint, EndpointSliceObject, ExportedServiceObject } from '../objects/shapes.ts';
import type { GetEndpoints } from '../views/get-endpoints.ts';

type Shown = GetEndpoints['endpoints'][number];

/** Of every cluster, as imported; whose own id is known tells its own endpoints from others'. */
export interface EndpointFacts {
  readonly ownCluster: string | undefined;
  readonly slices: readonly EndpointSliceObject[];
}

/** The endpoints of one service, of all clusters. */
export function endpointsOfService({ slices, ownCluster }: EndpointFacts): Shown[] {
  return sorted(
    slices.flatMap(slice => slice.endpoints.map(endpoint => shownOf(slice, endpoint, ownCluster))),
  );
}

export interface SelectionFacts extends EndpointFacts {
  /** Of this cluster. */
  readonly pods: readonly PodObject[];
  /** What was last heard of the services of other clusters, their own labels included. */
  readonly exported: readonly ExportedServiceObject[];
}

/**
 * What a selector selects over all clusters: pods of this one by their labels, and endpoints of others by the labels of
 * their Service, for the labels of their pods are not published.
 */
export function selectedEndpoints(selector: Selector, facts: SelectionFacts): Shown[] {
  const { ownCluster, pods, exported, slices } = facts;
  const own = pods.filter(({ ip, labels }) => ip !== undefined && matches(selector, labels)).map(shownPod);
  const labels = new Map(
    exported.map(({ cluster, namespace, name, serviceLabels }) => [
      `${cluster} ${objectKey(namespace, name)}`,
      serviceLabels ?? {},
    ]),
  );
  const remote = slices.filter(({ sourceCluster, namespace, serviceName }) => {
    if (sourceCluster === undefined || sourceCluster === ownCluster) return false;
    const known = labels.get(`${sourceCluster} ${objectKey(namespace, serviceName)}`);
    const marks = { [MCS_SERVICE_NAME]: serviceName, [MCS_SOURCE_CLUSTER]: sourceCluster };
    return matches(selector, { ...known, ...marks });
  });
  return [...sorted(own), ...endpointsOfService({ ownCluster, slices: remote })];
}

function shownPod({ namespace, name, ip, ready, node }: PodObject): Shown {
  return {
    endpoint: objectKey(namespace, name),
    addresses: ip === undefined ? [] : [ip],
    ready,
    ...(node === undefined ? {} : { node }),
  };
}

function shownOf(slice: EndpointSliceObject, endpoint: Endpoint, ownCluster: string | undefined): Shown {
  const { namespace, serviceName, sourceCluster, ports } = slice;
  const { addresses, hostname, ready, topology } = endpoint;
  const called = objectKey(namespace, hostname ?? addresses[0] ?? '');
  const remote = sourceCluster === undefined || sourceCluster === ownCluster ? undefined : sourceCluster;
  return {
    endpoint: remote === undefined ? called : `${remote}/${called}`,
    ...(sourceCluster === undefined ? {} : { cluster: sourceCluster }),
    service: objectKey(namespace, serviceName),
    addresses: [...addresses],
    ports: ports.map(
      ({ name, port, protocol }) => `${port ?? 'any'}/${protocol}${name === '' ? '' : ` ${name}`}`,
    ),
    ready,
    ...(topology?.nodeName === undefined ? {} : { node: topology.nodeName }),
    ...(topology?.zone === undefined ? {} : { zone: topology.zone }),
  };
}

/** One's own first. */
function sorted(endpoints: readonly Shown[]): Shown[] {
  const depth = ({ endpoint }: Shown) => endpoint.split('/').length;
  return [...endpoints].sort(
    (one, other) => depth(one) - depth(other) || (one.endpoint < other.endpoint ? -1 : 1),
  );
}
