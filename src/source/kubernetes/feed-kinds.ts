import { isClusterId, isLabel } from '../../base/name.ts';
import type { RawObject } from '../../kube/client.ts';
import { RESOURCES, type Resource } from '../../kube/resource.ts';
import { readClusterId } from '../../objects/cluster-property.ts';
import { readEndpointSlice } from '../../objects/endpoint-slice.ts';
import {
  CLUSTER_ID_PROPERTY,
  FOR_NAME,
  MANAGED_BY,
  MCS_SERVICE_NAME,
  MCS_SOURCE_CLUSTER,
  US,
} from '../../objects/names.ts';
import { namespaceReader } from '../../objects/namespace.ts';
import { type Problems, show } from '../../objects/problem.ts';
import { remoteClusterReader } from '../../objects/remote-cluster.ts';
import { serviceReader } from '../../objects/service.ts';
import { serviceImportReader } from '../../objects/service-import.ts';
import type { NamespaceObject } from '../../objects/shapes.ts';
import type { FeedKind } from './feed.ts';
import type { ClusterVerdict, DerivedServiceObject } from './objects.ts';

const OLDER_IMPORTS: Resource = { ...RESOURCES.serviceImports, version: 'v1alpha1' };

/** Everything that names are made from; and which cluster the API server is of, also where somebody has said it. */
export const FEED_KINDS: readonly FeedKind[] = [
  {
    resources: [RESOURCES.serviceImports, OLDER_IMPORTS],
    selection: {},
    required: true,
    read: (raw, problems) => serviceImportReader.read(raw, problems),
  },
  {
    resources: [RESOURCES.endpointSlices],
    selection: { labelSelector: MCS_SERVICE_NAME },
    required: true,
    read: (raw, problems) => readEndpointSlice(raw, problems, 'mirrored', 'answers'),
  },
  {
    resources: [RESOURCES.services],
    selection: { labelSelector: `${MCS_SOURCE_CLUSTER},${MANAGED_BY}=${US}` },
    required: true,
    read: readDerivedService,
  },
  {
    resources: [RESOURCES.namespaces],
    selection: {},
    required: true,
    read: (raw, problems) => namespaceReader.read(raw, problems) as NamespaceObject | undefined,
  },
  { resources: [RESOURCES.remoteClusters], selection: {}, required: false, read: readVerdict },
  {
    resources: [RESOURCES.clusterProperties],
    selection: { fieldSelector: `metadata.name=${CLUSTER_ID_PROPERTY}` },
    required: false,
    read: readClusterId,
  },
];

function readDerivedService(raw: RawObject, problems: Problems): DerivedServiceObject | undefined {
  const service = serviceReader.read(raw, problems);
  if (service?.kind !== 'Service') return undefined;
  const { [FOR_NAME]: serviceName = '', [MCS_SOURCE_CLUSTER]: sourceCluster = '' } =
    raw.metadata.labels ?? {};
  if (!isLabel(serviceName) || !isClusterId(sourceCluster)) {
    const message = 'must name a service and a cluster, as the controller writes them; it is left out';
    return problems.refuse(
      'metadata.labels',
      `found ${show(serviceName)} and ${show(sourceCluster)}: ${message}`,
    );
  }
  const { namespace, name, clusterIPs } = service;
  return { kind: 'DerivedService', namespace, name, serviceName, sourceCluster, clusterIPs };
}

/** What else is wrong with a RemoteCluster is for the controller to say. */
function readVerdict(raw: RawObject, problems: Problems): ClusterVerdict | undefined {
  const remote = remoteClusterReader.read(raw, problems);
  const { clusterId, conditions = [] } = remote?.status ?? {};
  const serving = conditions.find(condition => condition.type === 'Serving')?.status;
  if (remote === undefined || clusterId === undefined) return undefined;
  if (serving !== 'True' && serving !== 'False') return undefined;
  return { kind: 'ClusterVerdict', name: remote.name, cluster: clusterId, serving: serving === 'True' };
}
