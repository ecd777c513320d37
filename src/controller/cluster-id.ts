import { CausewayError } from '../base/errors.ts';
import type { RawObject } from '../kube/client.ts';
import { readClusterId } from '../objects/cluster-property.ts';
import { CLUSTER_ID_PROPERTY } from '../objects/names.ts';
import { Problems } from '../objects/problem.ts';

/**
 * The id that a cluster has in the set (KEP-2149).
 *
 * @param raw its ClusterProperty; undefined: there is none
 * @param where for the message: the address of the API server
 * @throws CausewayError CLUSTER_ID_MISSING where there is none, or where it cannot be one
 */
export function clusterIdIn(raw: RawObject | undefined, where: string): string {
  const problems = new Problems(() => CLUSTER_ID_PROPERTY);
  const id = raw && readClusterId(raw, problems)?.value;
  if (id !== undefined) return id;
  const [problem] = problems.list();
  const found =
    problem === undefined
      ? `${where} has no ClusterProperty ${CLUSTER_ID_PROPERTY}`
      : `ClusterProperty ${CLUSTER_ID_PROPERTY} at ${where}: ${problem.field ?? 'object'}: ${problem.message}`;
  const remedy = 'create it there, with the id of that cluster, unique in the set, as its spec.value';
  throw new CausewayError('CLUSTER_ID_MISSING', `${found}; ${remedy}`);
}
