import type { ApiClient } from '../kube/client.ts';
import { RESOURCES } from '../kube/resource.ts';
import { readClusterId } from '../objects/cluster-property.ts';
import { CLUSTER_ID_PROPERTY } from '../objects/names.ts';
import { Problems } from '../objects/problem.ts';

/** The id of a cluster, asked for; undefined: it has none. */
export async function clusterIdOf(client: ApiClient, signal: AbortSignal): Promise<string | undefined> {
  const raw = await client.get(RESOURCES.clusterProperties, { name: CLUSTER_ID_PROPERTY }, signal);
  return readClusterId(raw, Problems.ignored())?.value;
}
