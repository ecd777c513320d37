import type { DefinitionFacts, DefinitionMarks } from '../../health/definitions.ts';
import type { PreflightFacts } from '../../health/preflight.ts';
import type { ApiClient, RawObject } from '../../kube/client.ts';
import { listPages } from '../../kube/list-pages.ts';
import { type Kind, RESOURCES, resourceOf } from '../../kube/resource.ts';
import { COMPONENTS } from '../../manifests/choices.ts';
import type { Manifest } from '../../manifests/manifest.ts';
import { clusterPropertyReader } from '../../objects/cluster-property.ts';
import {
  CLUSTER_ID_PROPERTY,
  CLUSTERSET_PROPERTY,
  PART_OF,
  POD_CIDRS_PROPERTY,
  SERVICE_CIDRS_PROPERTY,
  US,
  VERSION,
} from '../../objects/names.ts';
import { Problems } from '../../objects/problem.ts';
import type { OperatedCluster } from '../cluster.ts';
import { remoteClusters } from '../list/clusters.ts';
import { deniedRights, type Right } from './permissions.ts';
import { readable } from './readable.ts';

const PROPERTIES = [CLUSTER_ID_PROPERTY, CLUSTERSET_PROPERTY, SERVICE_CIDRS_PROPERTY, POD_CIDRS_PROPERTY];

/**
 * Looks at a cluster that Causeway is to be brought into. What the credential may not read is taken for absent: that it
 * may not is found out as well.
 *
 * @param manifests everything that is going to be applied
 */
export async function preflightFacts(
  cluster: OperatedCluster,
  manifests: readonly Manifest[],
  namespace: string,
  signal: AbortSignal,
): Promise<PreflightFacts> {
  const { client } = cluster;
  // Alone: who is not let in, or reaches nobody, finds that out with one request.
  const kubernetes = await versionOf(client, signal);
  const [denied, properties, place, ending, installed, remotes] = await Promise.all([
    deniedRights(client, rightsFor(manifests), signal),
    propertiesOf(client, signal),
    readable(client.get(RESOURCES.namespaces, { name: namespace }, signal)),
    endingNamespaces(client, manifests, signal),
    installations(client, signal),
    readable(remoteClusters(cluster, signal)),
  ]);
  const is = place === undefined ? 'missing' : place.metadata.labels?.[PART_OF] === US ? 'ours' : 'foreign';
  const ids = (remotes ?? []).flatMap(({ name, status: { clusterId } }) =>
    clusterId === undefined ? [] : [{ name, clusterId }],
  );
  const connected = (remotes ?? []).length > 0;
  return { kubernetes, denied, properties, namespace: is, ending, installed, connected, remotes: ids };
}

async function endingNamespaces(
  client: ApiClient,
  manifests: readonly Manifest[],
  signal: AbortSignal,
): Promise<string[]> {
  const names = manifests.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const found = names.map(name => readable(client.get(RESOURCES.namespaces, { name }, signal)));
  const held = (await Promise.all(found)).filter(raw => raw?.metadata['deletionTimestamp'] !== undefined);
  return held.flatMap(raw => raw?.metadata.name ?? []);
}

/** How the cluster's definitions compare with ours. */
export function definitionFacts(
  client: ApiClient,
  definitions: readonly Manifest[],
  signal: AbortSignal,
): Promise<DefinitionFacts[]> {
  const facts = definitions.map(async (manifest): Promise<DefinitionFacts> => {
    const { name } = manifest.metadata;
    const found = await readable(client.get(RESOURCES.customResourceDefinitions, { name }, signal));
    return { name, found: found && marksOf(found), wanted: marksOf(manifest) };
  });
  return Promise.all(facts);
}

function marksOf({ metadata, spec }: RawObject | Manifest): DefinitionMarks {
  const release = metadata.labels?.['multicluster.x-k8s.io/release-version'];
  const versions: unknown = Object(spec).versions;
  return {
    ours: metadata.labels?.[PART_OF] === US,
    ...(release === undefined ? {} : { release }),
    serves: (Array.isArray(versions) ? versions : []).filter(one => one.served).map(one => `${one.name}`),
  };
}

async function propertiesOf(client: ApiClient, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const values = PROPERTIES.map(async (name): Promise<[string, string][]> => {
    const raw = await readable(client.get(RESOURCES.clusterProperties, { name }, signal));
    const property = clusterPropertyReader.read(raw, Problems.ignored());
    return property === undefined ? [] : [[name, property.value]];
  });
  return new Map((await Promise.all(values)).flat());
}

/** Where Causeway runs, or was to run. */
export async function installations(
  client: ApiClient,
  signal: AbortSignal,
): Promise<PreflightFacts['installed']> {
  const found: { namespace: string; version: string | undefined }[] = [];
  const names: readonly string[] = COMPONENTS.map(component => `causeway-${component}`);
  const take = ({ metadata: { name, namespace = '', labels } }: RawObject) => {
    if (names.includes(name)) found.push({ namespace, version: labels?.[VERSION] });
  };
  const ours = { labelSelector: `${PART_OF}=${US}` };
  await readable(listPages(client, RESOURCES.deployments, ours, take, signal));
  return found;
}

async function versionOf(client: ApiClient, signal: AbortSignal): Promise<string | undefined> {
  return (await readable(client.about(signal)))?.version;
}

function rightsFor(manifests: readonly Manifest[]): Right[] {
  const rights = manifests.map(({ kind, metadata: { namespace } }): [string, Right] => [
    `${kind} ${namespace}`,
    { resource: resourceOf(kind as Kind), verbs: ['get', 'create', 'patch'], namespace },
  ]);
  // To see whether Causeway runs elsewhere, and whether definitions have come into force.
  const listed = [RESOURCES.deployments, RESOURCES.clusterProperties].map(resource => ({
    resource,
    verbs: ['list'],
  }));
  return [...new Map(rights).values(), ...listed];
}
