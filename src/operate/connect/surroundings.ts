import { cidrs } from '../../diagnose/cidrs.ts';
import { clock } from '../../diagnose/clock.ts';
import type { ClusterFacts, Facts } from '../../diagnose/facts.ts';
import { RESOURCES } from '../../kube/resource.ts';
import type { Finding } from '../../views/finding.ts';
import type { OpenedCluster } from '../cluster.ts';
import { listed } from '../diagnose/ask.ts';
import { nothingSeen } from '../diagnose/gather.ts';
import { reachFacts } from '../diagnose/reach.ts';

/** What is not looked at here: nothing below asks for it. */
const UNSEEN = { unknown: 'not looked at' };

/**
 * What `causeway diagnose` says of the networks and clocks of clusters that are not connected yet.
 *
 * @param allowOverlap what speaks against connecting them is a warning only
 */
export async function surroundings(
  clusters: readonly OpenedCluster[],
  namespace: string,
  allowOverlap: boolean,
  signal: AbortSignal,
): Promise<Finding[]> {
  const seen = await Promise.all(clusters.map(cluster => factsOf(cluster, signal)));
  const facts: Facts = { now: Date.now(), version: '', namespace, definitions: [], clusters: seen };
  return [...clock.judge(facts), ...cidrs.judge(facts)].map(({ check, about, verdict, found, remedy }) => {
    const isOverlap = check.startsWith('cidr.') && verdict === 'bad';
    return {
      check,
      about,
      verdict: isOverlap && allowOverlap ? 'warning' : verdict,
      found,
      ...(remedy === undefined ? {} : { remedy: isOverlap ? `${remedy} ${OVERLAP}` : remedy }),
    };
  });
}

const OVERLAP = 'Where only load balancers are exported it does no harm: --allow-overlap.';

async function factsOf(
  { context, client, connection }: OpenedCluster,
  signal: AbortSignal,
): Promise<ClusterFacts> {
  const list = (resource: (typeof RESOURCES)['nodes' | 'serviceCidrs' | 'clusterProperties']) =>
    listed(client, resource, {}, signal);
  const [reach, nodes, serviceCidrs, clusterProperties] = await Promise.all([
    reachFacts(connection, signal),
    list(RESOURCES.nodes),
    list(RESOURCES.serviceCidrs),
    list(RESOURCES.clusterProperties),
  ]);
  const rest = nothingSeen(UNSEEN);
  const objects = { ...rest.objects, nodes, serviceCidrs, clusterProperties };
  return { ...rest, context, reach, api: UNSEEN, objects, remotes: { value: [] } };
}
