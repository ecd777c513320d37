import { overlapWithin } from '../../diagnose/cidrs.ts';
import { definitionVerdict } from '../../health/definitions.ts';
import { blocksOf } from '../../health/networks.ts';
import { preflightFindings } from '../../health/preflight.ts';
import { clusterProperties, type Identity, type Networks } from '../../manifests/cluster-properties.ts';
import { definitionManifests } from '../../manifests/deploy.ts';
import type { DeployFiles, Manifest } from '../../manifests/manifest.ts';
import { POD_CIDRS_PROPERTY, SERVICE_CIDRS_PROPERTY, VERSION } from '../../objects/names.ts';
import type { Finding } from '../../views/finding.ts';
import type { OperatedCluster } from '../cluster.ts';
import { findNetworks } from './networks.ts';
import { definitionFacts, preflightFacts } from './preflight.ts';

export interface CheckOptions extends Identity, Networks {
  readonly namespace: string;
  /** Also those definitions of `*.k8s.io` groups that another program installed. */
  readonly replaceDefinitions: boolean;
}

/** What the check of a cluster comes to. */
export interface CheckedCluster {
  /** `bad` among them: nothing may be written. */
  readonly findings: readonly Finding[];
  /** Those of our definitions that the cluster is to have. */
  readonly definitions: readonly Manifest[];
  /** ClusterProperties by name. */
  readonly properties: ReadonlyMap<string, string>;
  /** Whether it is connected with another cluster already. */
  readonly connected: boolean;
}

/**
 * Looks whether Causeway can be brought into a cluster, and what of it.
 *
 * @param base what is to run there
 */
export async function checkCluster(
  cluster: OperatedCluster,
  files: DeployFiles,
  base: readonly Manifest[],
  options: CheckOptions,
  signal: AbortSignal,
): Promise<CheckedCluster> {
  const { namespace, replaceDefinitions } = options;
  const definitions = definitionManifests(files);
  const facts = await preflightFacts(cluster, [...definitions, ...base], namespace, signal);
  const [kinds, networks] = await Promise.all([
    definitionFacts(cluster.client, definitions, signal),
    findNetworks(cluster.client, signal),
  ]);
  const recorded = (name: string) => facts.properties.get(name)?.split(',') ?? [];
  const services = blocksOf('service', {
    given: options.serviceCidrs,
    recorded: recorded(SERVICE_CIDRS_PROPERTY),
    found: networks.service,
  });
  const pods = blocksOf('pod', {
    given: options.podCidrs,
    recorded: recorded(POD_CIDRS_PROPERTY),
    found: networks.pod,
  });
  const verdicts = kinds.map(kind => definitionVerdict(kind, replaceDefinitions));
  const version = definitions[0]?.metadata.labels?.[VERSION] ?? '';
  return {
    findings: [
      ...preflightFindings(facts, { ...options, version }),
      ...verdicts.flatMap(({ finding }) => finding ?? []),
      services.finding,
      pods.finding,
      ...overlapFindings(cluster, pods.cidrs, [
        ...services.cidrs,
        ...networks.service.flatMap(({ cidrs }) => cidrs),
      ]),
    ],
    definitions: definitions.filter((_, index) => verdicts[index]?.apply),
    properties: clusterProperties(options, { serviceCidrs: services.cidrs, podCidrs: pods.cidrs }),
    connected: facts.connected,
  };
}

/** Other clusters would be told of addresses that are not those of the pods, or are those of Services, too. */
function overlapFindings(
  { context }: OperatedCluster,
  pods: readonly string[],
  services: readonly string[],
): Finding[] {
  const overlap = overlapWithin(context, pods, services);
  if (overlap === undefined) return [];
  const { check, about, verdict, found } = overlap;
  const remedy = 'give the blocks that it has with --pod-cidr and --service-cidr: no address is both';
  return [{ check, about, verdict, found, remedy }];
}
