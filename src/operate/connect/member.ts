import type { MemberFacts } from '../../connect/facts.ts';
import type { ApiClient } from '../../kube/client.ts';
import { apiVersionOf, RESOURCES, type Resource } from '../../kube/resource.ts';
import type { Endpoint } from '../../manifests/remote-cluster.ts';
import { clusterPropertyReader } from '../../objects/cluster-property.ts';
import { CLUSTERSET_PROPERTY, EXPORTS_NAMESPACE } from '../../objects/names.ts';
import { Problems } from '../../objects/problem.ts';
import type { OpenedCluster } from '../cluster.ts';
import { clusterIdOf } from '../cluster-id.ts';
import { remotesIn } from './peer.ts';
import { checkEndpoint, type Override } from './trust.ts';

/** A cluster that shall be connected with others. */
export interface Member {
  readonly cluster: OpenedCluster;
  readonly facts: MemberFacts;
  /** What the others are told of it. */
  readonly endpoint: Endpoint;
}

/**
 * Looks at a cluster with the operator's credential.
 *
 * @param override the address that the others use; undefined: the operator's own
 * @param namespace that Causeway runs in
 * @throws ApiError, CausewayError where it cannot be asked
 */
export async function lookAtMember(
  cluster: OpenedCluster,
  override: Override | undefined,
  namespace: string,
  signal: AbortSignal,
): Promise<Member> {
  const { client, context } = cluster;
  // Alone at first: whoever is not let in hears so once.
  const version = await kubernetesVersion(client, signal);
  const [missing, clusterId, clusterset, remotes, { endpoint, facts }] = await Promise.all([
    missingIn(client, namespace, signal),
    clusterIdOf(client, signal),
    property(client, CLUSTERSET_PROPERTY, signal).then(
      raw => clusterPropertyReader.read(raw, Problems.ignored())?.value,
    ),
    remotesIn(cluster, signal),
    checkEndpoint(cluster, override, signal),
  ]);
  return {
    cluster,
    endpoint,
    facts: {
      context,
      version,
      missing,
      clusterId,
      clusterset,
      remotes: remotes.map(({ name, status }) => ({ name, clusterId: status.clusterId })),
      endpoint: facts,
    },
  };
}

async function kubernetesVersion(client: ApiClient, signal: AbortSignal): Promise<string> {
  // Asked for something that is refused to strangers: the version is told to everybody.
  await client.get(RESOURCES.namespaces, { name: 'kube-system' }, signal);
  return (await client.about(signal)).version;
}

const DEFINED = [RESOURCES.remoteClusters, RESOURCES.exportedServices, RESOURCES.clusterProperties];
const CLUSTER_ROLES = ['causeway-publisher', 'causeway-remote-reader', 'causeway-remote-reader-cluster'];

/** What `causeway enable` writes and connecting rests on. */
async function missingIn(client: ApiClient, namespace: string, signal: AbortSignal): Promise<string[]> {
  const definitions = DEFINED.map(resource => missingDefinition(client, resource, signal));
  const others = [
    ...[namespace, EXPORTS_NAMESPACE].map(name => [RESOURCES.namespaces, name] as const),
    ...CLUSTER_ROLES.map(name => [RESOURCES.clusterRoles, name] as const),
  ].map(async ([resource, name]) =>
    (await client.get(resource, { name }, signal)) === undefined ? [`${resource.kind} ${name}`] : [],
  );
  return (await Promise.all([...definitions, ...others])).flat();
}

async function missingDefinition(
  client: ApiClient,
  resource: Resource,
  signal: AbortSignal,
): Promise<string[]> {
  const name = `${resource.plural}.${resource.group}`;
  const found = await client.get(RESOURCES.customResourceDefinitions, { name }, signal);
  const versions: unknown = Object(found?.['spec']).versions;
  const served = (Array.isArray(versions) ? versions : []).filter(one => Object(one).served === true);
  if (served.some(one => Object(one).name === resource.version)) return [];
  return [`CustomResourceDefinition ${name} with version ${apiVersionOf(resource).split('/')[1]}`];
}

/** Where its kind is not defined there is none. */
function property(client: ApiClient, name: string, signal: AbortSignal): Promise<object | undefined> {
  return client.get(RESOURCES.clusterProperties, { name }, signal);
}
