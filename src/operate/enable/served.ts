import { CausewayError } from '../../base/errors.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { ApiClient } from '../../kube/client.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { untilFound } from '../until-found.ts';

/** Milliseconds. Of several API servers each takes up to 5 s to hear of a new definition. */
const LONGEST_WAIT = 30_000;

/**
 * Resolves when objects of a kind that has just been defined can be written.
 *
 * @throws CausewayError DEFINITION_NOT_SERVED
 */
export async function untilServed(client: ApiClient, signal: AbortSignal): Promise<void> {
  if (await untilFound(LONGEST_WAIT, signal, async () => (await isServed(client, signal)) || undefined))
    return;
  throw new CausewayError(
    'DEFINITION_NOT_SERVED',
    `the definition of ClusterProperty has not come into force at ${client.server} within ${LONGEST_WAIT / 1_000} s; see kubectl describe crd clusterproperties.about.k8s.io`,
  );
}

async function isServed(client: ApiClient, signal: AbortSignal): Promise<boolean> {
  try {
    await client.list(RESOURCES.clusterProperties, { limit: 1 }, signal);
    return true;
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 404) return false;
    throw thrown;
  }
}
